"""A machine flashed with the image: QEMU with the serial port on a socket and the panel on a port of this host's loopback."""

import json
import os
import re
import socket
import subprocess
import time

OVMF = "/usr/share/OVMF"
# What terminals are told besides words: colours, cursor positions, titles.
ESCAPES = re.compile(r"\x1b(\[[0-9;?!]*[a-zA-Z]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9])|\r")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def disk_options(path, name="disk", serial="", boot_order=None, media="discard=unmap"):
    """QEMU's options for one more disk, raw, or qcow2 by its name; a lower boot order is tried first."""
    order = "" if boot_order is None else f",bootindex={boot_order}"
    kind = "qcow2" if path.endswith(".qcow2") else "raw"
    return ["-drive", f"file={path},format={kind},if=none,id={name},cache=unsafe,{media}",
            "-device", f"virtio-blk-pci,drive={name}" + (f",serial={serial}" if serial else "") + order]


class Machine:
    """Starts `disk` (raw, or qcow2 by its name; the machine writes it; None: only those among the options), with more of QEMU's
    options. UEFI is with Secure Boot on and the keys that machines are sold with. Every wait has a deadline; close() leaves nothing behind."""

    def __init__(self, folder, disk, uefi=False, memory_mib=2048, options=()):
        self.serial_path = os.path.join(folder, "serial.sock")
        self.log = open(os.path.join(folder, "serial.log"), "ab")
        self.port = free_port()
        self.text = self.before = ""
        command = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                   "-machine", f"q35,accel=tcg,smm={'on' if uefi else 'off'}", "-cpu", "max", "-smp", "2", "-m", str(memory_mib),
                   "-chardev", f"socket,id=serial,path={self.serial_path},server=on,wait=on", "-serial", "chardev:serial",
                   "-chardev", f"socket,id=shell,path={self.serial_path}.2,server=on,wait=off", "-serial", "chardev:shell",
                   "-device", "virtio-rng-pci",
                   "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:443",
                   "-device", "virtio-net-pci,netdev=net,romfile=",
                   "-chardev", f"socket,id=monitor,path={self.serial_path}.3,server=on,wait=off", "-mon", "chardev=monitor,mode=control",
                   *options]
        if disk:
            command += disk_options(disk)
        if uefi:
            variables = os.path.join(folder, "vars.fd")
            if not os.path.exists(variables):
                with open(f"{OVMF}/OVMF_VARS_4M.ms.fd", "rb") as source, open(variables, "wb") as copy:
                    copy.write(source.read())
            command += ["-global", "driver=cfi.pflash01,property=secure,value=on",
                        "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}/OVMF_CODE_4M.secboot.fd",
                        "-drive", f"if=pflash,format=raw,file={variables}"]
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.serial = self._connect(self.serial_path)
        self.shell = self._connect(self.serial_path + ".2")

    def _connect(self, path):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError("QEMU ended: " + self.process.stderr.read().decode(errors="replace"))
            peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                peer.connect(path)
                return peer
            except (FileNotFoundError, ConnectionRefusedError):
                peer.close()
                time.sleep(0.05)
        raise AssertionError("QEMU did not open its serial port")

    def _receive(self, seconds):
        """More of what the console says; False when it has closed."""
        self.serial.settimeout(max(0.05, seconds))
        try:
            data = self.serial.recv(65536)
        except TimeoutError:
            return True
        self.log.write(data)
        self.log.flush()
        self.text = ESCAPES.sub("", self.text + data.decode(errors="replace"))
        return bool(data)

    def expect(self, pattern, seconds):
        """Waits until the console has said `pattern`; returns the match and drops what came up to it."""
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.text)
            if found:
                self.before, self.text = self.text[:found.start()], self.text[found.end():]
                return found
            left = deadline - time.monotonic()
            if left <= 0 or not self._receive(min(left, 5)):
                raise AssertionError(f"the console did not say {pattern!r}; its last words:\n{self.text[-3000:]}")

    def listen(self):
        """Takes what the console has said meanwhile, so that a full socket cannot stop the machine."""
        self._receive(0.05)

    def type(self, line):
        self.serial.sendall(line.encode() + b"\r")

    def run(self, command, seconds=120):
        """What a command prints in the root shell of the second serial port (only machines under test have one)."""
        mark = os.urandom(4).hex()
        half = f"{mark[:4]}''{mark[4:]}"  # so that the echo of the line is not taken for its output
        self.shell.sendall(f"\necho '<{half}'; {command}; echo '{half}>'\n".encode())
        said, deadline = "", time.monotonic() + seconds
        while f"{mark}>" not in said:
            assert time.monotonic() < deadline, f"{command!r} did not end:\n{said[-3000:]}"
            self.listen()
            self.shell.settimeout(1)
            try:
                data = self.shell.recv(65536)
            except TimeoutError:
                continue
            assert data, "the machine is off"
            said = ESCAPES.sub("", said + data.decode(errors="replace"))
        return said.split(f"<{mark}")[1].split(f"{mark}>")[0].strip()

    def monitor(self, command, seconds=120):
        """One command of QEMU's human monitor, over QMP; what it says."""
        with self._connect(self.serial_path + ".3") as peer:
            lines = peer.makefile("rw", encoding="utf-8")

            def answer(request):
                lines.write(json.dumps(request) + "\n")
                lines.flush()
                while True:
                    said = json.loads(lines.readline())
                    if "return" in said or "error" in said:
                        assert "error" not in said, f"{command}: {said}"
                        return said["return"]
            peer.settimeout(seconds)
            lines.readline()  # the greeting
            answer({"execute": "qmp_capabilities"})
            return answer({"execute": "human-monitor-command", "arguments": {"command-line": command}})

    def kill(self):
        """The power is cut."""
        self.process.kill()
        self.process.wait()

    def wait_off(self, seconds):
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"the machine did not power off; its last words:\n{self.text[-3000:]}")
            self._receive(0.2)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for end in (self.serial, self.shell, self.process.stderr, self.log):
            end.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def fresh_disk(image, folder, gib=8, arguments=""):
    """A disk with the image on it, as large as a disk is, whose kernel opens a root shell on the second serial port and takes these
    arguments besides."""
    disk = os.path.join(folder, "disk.img")
    subprocess.run(["cp", "--sparse=always", image, disk], check=True)
    os.truncate(disk, gib << 30)
    add_shell(disk, arguments)
    return disk


def add_shell(disk, arguments=""):
    """The kernels that this disk starts open a root shell on the second serial port, and take these arguments besides."""
    menu = disk + ".grub.cfg"
    subprocess.run(["mcopy", "-n", "-o", "-i", f"{disk}@@2M", "::/grub/grub.cfg", menu], check=True)
    with open(menu, encoding="utf-8") as file:
        text = file.read()
    changed = text.replace(" rootfstype=squashfs ro ", f" rootfstype=squashfs ro systemd.debug_shell=ttyS1 {arguments} ")
    assert changed != text, "the menu's kernel line was not found"
    with open(menu, "w", encoding="utf-8") as file:
        file.write(changed)
    subprocess.run(["mcopy", "-o", "-i", f"{disk}@@2M", menu, "::/grub/grub.cfg"], check=True)
    os.unlink(menu)
