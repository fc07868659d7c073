"""Guests on the real engine, beside the same acts done bare."""
import json
import os
import re
import subprocess
import time

from figures import amount, p50, ratio
from stack import Stack, wait_for

CONTAINERS = 30
MACHINES = 10


def offer(stack, image_name):
    image = wait_for(f"image {image_name}", lambda: next((i for i in stack.client.call("GET", "/images")["items"]
                                                          if i["name"] == image_name and i["state"] == "ready"), None), 300)
    plans = [p for p in stack.client.call("GET", "/plans")["items"] if p.get("kind") in (None, image["kind"])
             and p["memory_bytes"] >= image["min_memory_bytes"] and p["disk_bytes"] >= image["min_disk_bytes"]]
    return image["id"], min(plans, key=lambda p: p["memory_bytes"])["id"]


def create(stack, name, image, plan):
    """Seconds from POST to the job's end (the guest runs), and the server's id."""
    began = time.monotonic()
    answer = stack.client.call("POST", "/servers", {"name": name, "image": image, "plan": plan})
    stack.client.job_done(answer["job"]["id"])
    return time.monotonic() - began, answer["server"]["id"]


def remove(stack, server):
    stack.client.job_done(stack.client.call("DELETE", f"/servers/{server}")["job"]["id"])


def guest_id(server):
    digits = server.split("_")[1]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


BARE_CRUN = """
import json, os, subprocess, sys, time
source, count = sys.argv[1], int(sys.argv[2])
spec = json.load(open(source + "/config.json"))
root = spec["root"]["path"]
spec["root"]["path"] = root if os.path.isabs(root) else os.path.join(source, root)
spec["process"].update(args=["/bin/busybox", "true"], terminal=False)
bundle = "/run/bare"
os.makedirs(bundle, exist_ok=True)
times = []
for number in range(count):
    spec["linux"]["cgroupsPath"] = f"/bare/{number}"
    json.dump(spec, open(bundle + "/config.json", "w"))
    began = time.monotonic()
    subprocess.run(["crun", "--cgroup-manager=cgroupfs", "run", "--bundle", bundle, f"bare-{number}"], check=True, stdin=subprocess.DEVNULL)
    times.append(time.monotonic() - began)
print(json.dumps(times))
"""


def container_create(preset):
    with Stack(preset) as stack:
        image, plan = offer(stack, "tiny")
        times, servers = [], []
        for number in range(CONTAINERS):
            seconds, server = create(stack, f"box-{number}", image, plan)
            times.append(seconds)
            servers.append(server)
            if len(servers) > 1:
                remove(stack, servers.pop(0))
        bundle = stack.inside(["find", "/run/berth-engine", "-name", "config.json", "-path", f"*{guest_id(servers[0])}*"]).split()[0]
        bare = json.loads(stack.inside(["python3", "-c", BARE_CRUN, os.path.dirname(bundle), str(CONTAINERS)]))
        remove(stack, servers[0])
    yield ratio("container: POST to running, p50", p50(times), p50(bare), 6, f"{p50(times) * 1e3:.1f} ms, crun run {p50(bare) * 1e3:.1f} ms")


def vm_create(preset):
    with Stack(preset) as stack:
        image, plan = offer(stack, "tiny-vm")
        times, server = [], None
        for number in range(MACHINES):
            if server:
                remove(stack, server)
            seconds, server = create(stack, f"vm-{number}", image, plan)
            times.append(seconds)
        domain = f"berth-{guest_id(server)}"
        xml = stack.inside(["virsh", "dumpxml", "--inactive", domain])
        stack.inside(["virsh", "destroy", domain])
        stack.inside(["virsh", "undefine", domain])
        stack.inside(["tee", "/run/bare.xml"], input=xml)
        bare = []
        for _ in range(MACHINES):
            began = time.monotonic()
            stack.inside(["virsh", "define", "/run/bare.xml"])
            stack.inside(["virsh", "start", domain])
            bare.append(time.monotonic() - began)
            stack.inside(["virsh", "destroy", domain])
            stack.inside(["virsh", "undefine", domain])
        remove(stack, server)
    yield ratio("VM: POST to QEMU running, p50", p50(times), p50(bare), 1.25, f"{p50(times) * 1e3:.0f} ms, virsh {p50(bare) * 1e3:.0f} ms")


def resident_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) * 1024 / 1e6


def memory(preset):
    with Stack(preset) as stack:
        image, plan = offer(stack, "tiny")
        for number in range(10):
            create(stack, f"box-{number}", image, plan)
        # A signed-in person looks at the list, as somebody would.
        for _ in range(50):
            stack.client.call("GET", "/servers?limit=20")
        panel = [p for p in stack.pids("bin/berthd") if os.readlink(f"/proc/{p}/exe").endswith("berthd")]
        engine = [p for p in stack.pids("bin/berth-engine") if os.readlink(f"/proc/{p}/exe").endswith("berth-engine")]
        monitors = stack.pids("conmon")
        yield amount("resident: berthd, 10 guests", resident_mb(panel[0]), "MB", 30)
        yield amount("resident: berth-engine, 10 guests", resident_mb(engine[0]), "MB", 30)
        yield amount("resident: monitor per container", max(map(resident_mb, monitors)), "MB", 3, f"largest of {len(monitors)}")
