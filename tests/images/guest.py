"""A VM under test: QEMU with a serial console on a socket, QMP on another, a NoCloud seed and a network to nowhere."""

import json
import os
import re
import socket
import subprocess
import time


class Guest:
    """Boots `disk` (a qcow2 that the guest may write). Every wait has a deadline; close() leaves nothing behind."""

    def __init__(self, folder, disk, seed=None, memory_mib=256, disk_bus="virtio", seed_bus="sata"):
        self.folder = folder
        self.serial_path = os.path.join(folder, "serial.sock")
        self.qmp_path = os.path.join(folder, "qmp.sock")
        self.text = self.before = ""
        # An isolated user network: the static address is the seed's affair and nothing answers.
        command = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                   "-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "1", "-m", str(memory_mib),
                   "-chardev", f"socket,id=serial,path={self.serial_path},server=on,wait=on",
                   "-serial", "chardev:serial",
                   "-qmp", f"unix:{self.qmp_path},server=on,wait=off",
                   "-device", "virtio-rng-pci",
                   "-drive", f"file={disk},format=qcow2,if=none,id=disk,cache=unsafe",
                   "-netdev", "user,id=net,restrict=on",
                   "-device", "virtio-net-pci,netdev=net,mac=52:54:00:be:27:01,romfile="]
        if disk_bus == "virtio":
            command += ["-device", "virtio-blk-pci,drive=disk,bootindex=1"]
        elif disk_bus == "scsi":
            command += ["-device", "virtio-scsi-pci,id=scsi", "-device", "scsi-hd,drive=disk,bus=scsi.0,bootindex=1"]
        else:
            command += ["-device", "ide-hd,drive=disk,bus=ide.0,bootindex=1"]
        if seed:
            command += ["-drive", f"file={seed},format=raw,if=none,id=seed,readonly=on"]
            command += ["-device", {"sata": "ide-cd,drive=seed,bus=ide.1", "scsi": "scsi-cd,drive=seed,bus=scsi.0",
                                    "virtio": "virtio-blk-pci,drive=seed"}[seed_bus]]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.serial = self._connect(self.serial_path)
        self.qmp = self._connect(self.qmp_path)
        self.qmp_file = self.qmp.makefile("rw")
        json.loads(self.qmp_file.readline())
        self.command("qmp_capabilities")

    def _connect(self, path):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError("QEMU ended: " + self.process.stderr.read().decode(errors="replace"))
            peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                peer.connect(path)
                return peer
            except (FileNotFoundError, ConnectionRefusedError):
                peer.close()
                time.sleep(0.02)
        raise AssertionError(f"QEMU did not open {path}")

    def command(self, name, **arguments):
        self.qmp_file.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.qmp_file.flush()
        while True:
            answer = json.loads(self.qmp_file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise AssertionError(f"QMP {name}: {answer['error']}")

    def expect(self, pattern, seconds=60):
        """Waits until the console has said `pattern`; returns the match, moves what came up to it to self.before."""
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.text)
            if found:
                self.before, self.text = self.text[:found.start()], self.text[found.end():]
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"the console did not say {pattern!r}; its last words:\n{self.text[-3000:]}")
            self.serial.settimeout(left)
            try:
                data = self.serial.recv(65536)
            except TimeoutError:
                continue
            if not data:
                raise AssertionError(f"the console closed before {pattern!r}; its last words:\n{self.text[-3000:]}")
            self.text += data.decode(errors="replace")

    def type(self, line):
        self.serial.sendall(line.encode() + b"\r")

    def login(self, user, password, prompt, seconds=60):
        """Logs in. A getty may drop what is typed in the instant of its prompt and ask again; then it is typed again."""
        self.expect(r"login: ", seconds)
        for _ in range(5):
            self.type(user)
            if self.expect(r"(?i)password: |login: ", seconds).group(0).lower() == "password: ":
                self.type(password)
                self.expect(prompt, seconds)
                return
        raise AssertionError("the guest asks for a name again and again")

    def run(self, line, seconds=60):
        """Types a command line to a shell and returns what it printed, without the echo."""
        self.type(f"echo \"~$((40 + 1))~\"; {line}; echo \"~$((40 + 2))~\"")
        self.expect("~41~", seconds)
        self.expect("~42~", seconds)
        return self.before.replace("\r", "").strip()

    def press_power_button(self):
        self.command("system_powerdown")

    def wait_off(self, seconds=60):
        """Reads the console to its end, so that a full socket cannot stop the guest, and returns QEMU's exit status."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.serial.settimeout(0.2)
            try:
                self.text += self.serial.recv(65536).decode(errors="replace")
            except TimeoutError:
                pass
        if self.process.poll() is None:
            raise AssertionError(f"the guest did not power off; its last words:\n{self.text[-3000:]}")
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for end in (self.serial, self.qmp_file, self.qmp, self.process.stderr):
            end.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def write_seed(folder, meta_data, user_data, network_config):
    """The same shape as the engine's seed writer: one JSON value a document, which is YAML too."""
    source = os.path.join(folder, "seed")
    os.makedirs(source, exist_ok=True)
    documents = {"meta-data": json.dumps(meta_data), "user-data": "#cloud-config\n" + json.dumps(user_data),
                 "network-config": json.dumps(network_config)}
    for name, text in documents.items():
        with open(os.path.join(source, name), "w", encoding="utf-8") as file:
            file.write(text + "\n")
    image = os.path.join(folder, "seed.iso")
    subprocess.run(["genisoimage", "-quiet", "-V", "cidata", "-J", "-R", "-o", image, source], check=True,
                   stderr=subprocess.DEVNULL)
    return image


def overlay(base, path, size_bytes=None):
    """A disk of the guest's own on top of an image that stays as it is."""
    size = [str(size_bytes)] if size_bytes else []
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", path, *size], check=True)
    return path
