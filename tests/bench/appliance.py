"""The flashed image: how much later than its bare system the panel answers, and what it takes when nothing runs on it."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from figures import amount, ratio

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "appliance"))
from machine import Machine, fresh_disk  # noqa: E402
from panel import Panel  # noqa: E402
from starting import ACT_S, banner, newest_image  # noqa: E402

IMAGES = "/src/build/image"
UNITS = "/src/rootfs/overlay/usr/lib/systemd/system"
# Not Berth but the disk's own: the system cannot start without them.
DISK_UNITS = {"berth-data.service", "berth-boot-environment.service"}
ROUNDS = 3


def figures_of(board):
    """What the image's build wrote down, by name."""
    with open(os.path.join(os.path.dirname(newest_image(IMAGES, board)), "figures"), encoding="utf-8") as lines:
        return {name: float(value) for name, value in (line.rsplit(": ", 1) for line in lines)}


def without_berth(disk, folder):
    """The same disk, its kernel line masking every unit of ours."""
    plain = os.path.join(folder, "plain.img")
    subprocess.run(["cp", "--sparse=always", disk, plain], check=True)
    units = sorted(name for name in os.listdir(UNITS) if name.startswith("berth") and name.endswith(".service")
                   and name not in DISK_UNITS)
    menu = os.path.join(folder, "plain.cfg")
    subprocess.run(["mcopy", "-n", "-o", "-i", f"{plain}@@2M", "::/grub/grub.cfg", menu], check=True)
    with open(menu, encoding="utf-8") as file:
        text = file.read()
    masks = " ".join(f"systemd.mask={unit.replace('@.', '@ttyS0.')}" for unit in units)
    with open(menu, "w", encoding="utf-8") as file:
        file.write(text.replace(" rauc.slot=", f" {masks} rauc.slot=", 1))
    subprocess.run(["mcopy", "-o", "-i", f"{plain}@@2M", menu, "::/grub/grub.cfg"], check=True)
    return plain


def power_off(machine):
    machine.shell.sendall(b"\nsystemctl poweroff --no-block\n")  # not run(): the machine may be off before it has answered
    machine.wait_off(ACT_S)


def until_panel(folder, disk, fingerprint):
    with Machine(folder, disk) as machine:
        Panel(machine, fingerprint).call("GET", "/setup", seconds=ACT_S)
        seconds = time.monotonic() - machine.began
        power_off(machine)
    return seconds


def until_multi_user(folder, disk):
    """By systemd's own record of the moment, however long this asks for it."""
    with Machine(folder, disk) as machine:
        machine.expect("Press Enter", ACT_S)  # a command that comes before its shell is lost
        machine.run("systemctl is-system-running --wait", ACT_S)
        reached, now = machine.run("echo $(systemctl show -P ActiveEnterTimestampMonotonic multi-user.target) $(cut -d' ' -f1 /proc/uptime)").split()
        assert int(reached), "multi-user.target was not reached"
        seconds = time.monotonic() - machine.began - (float(now) - int(reached) / 1e6)
        power_off(machine)
    return seconds


def idle_memory_mb(machine):
    machine.run("systemctl is-system-running --wait", ACT_S)
    time.sleep(20)  # what starting needed is given back
    return int(machine.run("free -m | awk '/^Mem/ {print $3}'"))


def boot(_preset):
    with tempfile.TemporaryDirectory(dir=IMAGES, prefix="bench.") as folder:
        disk = fresh_disk(newest_image(IMAGES), folder)
        with Machine(folder, disk) as machine:
            fingerprint, code = banner(machine)
            panel = Panel(machine, fingerprint)
            panel.set_up(code)
            panel.wait_for("the starter images", lambda: all(i["state"] == "ready" for i in panel.call("GET", "/images")["items"]), ACT_S)
            memory = idle_memory_mb(machine)
            power_off(machine)
        plain = without_berth(disk, folder)
        rounds = [(until_panel(folder, disk, fingerprint), until_multi_user(folder, plain)) for _ in range(ROUNDS)]
    ours, bare = (statistics.median(column) for column in zip(*rounds))
    yield ratio("appliance-boot", ours, bare, 1.3, f"the panel answers after {ours:.1f} s; multi-user without Berth")
    yield amount("appliance-memory", memory, "MB", 350, "used, without guests")
    sizes = figures_of("qemu-x86_64")
    yield amount("appliance-root", sizes["root unpacked MB"], "MB", 1200, "unpacked")
    yield amount("appliance-slot", sizes["slot MB, compressed"], "MB", 300, "compressed, without the starter images")
    yield amount("appliance-starter-images", sizes["starter images MB, compressed"], "MB", 250, "compressed")
