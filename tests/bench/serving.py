"""The panel alone, on the engine in memory: pages under load, and how soon it answers."""
import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from figures import amount, ratio
from stack import SOURCE, Client, Stack, wait_for

SECONDS = 8
CLIENTS = 8


def fill(stack, count):
    """Servers until there are `count` of them."""
    image = wait_for("a container image", lambda: next(
        (one for one in stack.client.call("GET", "/images")["items"] if one["kind"] == "container" and one["state"] == "ready"), None))
    plan = min((p for p in stack.client.call("GET", "/plans")["items"] if p.get("kind") in (None, "container")
                and p["memory_bytes"] >= image["min_memory_bytes"] and p["disk_bytes"] >= image["min_disk_bytes"]),
               key=lambda p: p["memory_bytes"])
    have = len(stack.client.call("GET", "/servers?limit=100")["items"])
    jobs = []
    for number in range(have, count):
        answer = stack.client.call("POST", "/servers", {"name": f"bench-{number}", "image": image["id"], "plan": plan["id"]})
        jobs.append(answer["job"]["id"])
    for job in jobs:
        stack.client.job_done(job)


def wrk(url, headers):
    argv = ["wrk", "-t2", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", *[f"-H{name}: {value}" for name, value in headers.items()], url]
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        raise RuntimeError(text)
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


@contextlib.contextmanager
def hello(preset, port=18444):
    """The same recipe's CivetWeb with TLS and nothing to do."""
    folder = tempfile.mkdtemp(prefix="hello.")
    pem = f"{folder}/hello.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", f"{folder}/key", "-out", f"{folder}/crt"], check=True, capture_output=True)
    with open(pem, "w") as out:
        out.write(open(f"{folder}/crt").read() + open(f"{folder}/key").read())
    process = subprocess.Popen([f"{SOURCE}/build/{preset}/bin/civetweb_hello", str(port), pem], stdout=subprocess.DEVNULL)
    try:
        wait_for("civetweb_hello", lambda: answers(port))
        yield f"https://127.0.0.1:{port}/"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def answers(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def server_page(preset):
    with hello(preset) as url:
        base_rate, base_p99 = wrk(url, {})
    with Stack(preset, engine="fake") as stack:
        fill(stack, 100)
        rate, p99 = wrk(f"https://127.0.0.1:{stack.port}/api/v1/servers?limit=20", stack.client.headers)
    yield ratio("page of 20 servers, requests/s", rate, base_rate, 0.2, f"{rate:.0f}/s, hello {base_rate:.0f}/s", at_least=True)
    yield ratio("page of 20 servers, p99", p99, base_p99, 10, f"{p99:.2f} ms, hello {base_p99:.2f} ms")


def first_answer(port):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError):
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 1)) as secure:
            secure.sendall(b"GET /api/v1/setup HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return secure.recv(64).startswith(b"HTTP/1.1 200")
    return False


def start(preset):
    """A second panel on a copy of the database of 100 servers, beside the running one."""
    with Stack(preset, engine="fake") as stack:
        fill(stack, 100)
        stack.inside(["cp", "-a", "/state/panel", "/run/panel-copy"])
        children = open(f"/proc/{stack.process.pid}/task/{stack.process.pid}/children").read().split()
        times = []
        for _ in range(5):
            began = time.monotonic()
            process = subprocess.Popen(
                ["nsenter", "--target", children[0], "--mount", "--pid", "setpriv", "--reuid=berth", "--regid=berth", "--clear-groups",
                 f"{SOURCE}/build/{preset}/bin/berthd", "--state", "/run/panel-copy", "--listen", "127.0.0.1:18445",
                 "--engine", "/run/berth/engine.sock", "--socket", "/run/panel-copy/panel.sock", "--images", "/cache/images"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wait_for("berthd", lambda: first_answer(18445))
                times.append((time.monotonic() - began) * 1000)
            finally:
                for pid in stack.pids("panel-copy"):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)
                process.wait(20)
    yield amount("berthd start to first answer", sorted(times)[len(times) // 2], "ms", 200, "p50 of 5, nsenter and setpriv included")
