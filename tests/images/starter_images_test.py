#!/usr/bin/env python3
"""The starter images are what their image.json says, and tiny-vm does what its README promises.

    python3 tests/images/starter_images_test.py [IMAGES]      (default /cache/images)
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

from guest import Guest, overlay, write_seed

IMAGES = "/cache/images"
PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STARTERS = {"tiny": "container", "tiny-vm": "vm", "debian-13": "container", "debian-13-vm": "vm"}


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def metadata(name):
    with open(os.path.join(IMAGES, name, "image.json"), encoding="utf-8") as file:
        return json.load(file)


def image_file(name):
    return os.path.join(IMAGES, name, metadata(name)["file"])


class Metadata(unittest.TestCase):
    """image.json of every starter image."""

    def test_every_starter_image_is_there(self):
        for name, kind in STARTERS.items():
            with self.subTest(image=name):
                self.assertEqual(metadata(name)["kind"], kind)

    def test_it_describes_the_file(self):
        for name, kind in STARTERS.items():
            with self.subTest(image=name):
                meta = metadata(name)
                path = image_file(name)
                self.assertEqual(meta["name"], name)
                self.assertEqual(os.path.basename(meta["file"]), meta["file"])
                self.assertEqual(meta["size_bytes"], os.path.getsize(path))
                self.assertEqual(meta["sha256"], sha256(path))
                self.assertEqual(meta["arch"], "amd64")
                self.assertEqual(meta["format"], "qcow2" if kind == "vm" else "oci-archive")
                for field in ("title", "os", "version", "login"):
                    self.assertRegex(meta[field], r"^[^\x00-\x1f]+$", field)
                for field in ("min_disk_bytes", "min_memory_bytes"):
                    self.assertGreater(meta[field], 0, field)

    def test_a_vm_disk_is_a_plain_qcow2(self):
        for name in [name for name, kind in STARTERS.items() if kind == "vm"]:
            with self.subTest(image=name):
                meta = metadata(name)
                said = subprocess.run(["qemu-img", "info", "--output=json", image_file(name)],
                                      check=True, capture_output=True).stdout
                info = json.loads(said)
                self.assertEqual(info["format"], "qcow2")
                self.assertNotIn("backing-filename", info)
                self.assertNotIn("data-file", info["format-specific"]["data"])
                self.assertEqual(info["virtual-size"], meta["virtual_size_bytes"])
                self.assertGreaterEqual(meta["min_disk_bytes"], meta["virtual_size_bytes"])
                self.assertEqual(meta["firmware"], "bios")


class OciArchives(unittest.TestCase):
    """The containers follow the OCI image layout to the last digest."""

    def archives(self):
        for name in [name for name, kind in STARTERS.items() if kind == "container"]:
            with self.subTest(image=name), tempfile.TemporaryDirectory() as folder:
                with tarfile.open(image_file(name)) as archive:
                    archive.extractall(folder, filter="data")
                yield name, folder

    def blob(self, folder, descriptor):
        algorithm, _, value = descriptor["digest"].partition(":")
        self.assertEqual(algorithm, "sha256")
        path = os.path.join(folder, "blobs", algorithm, value)
        self.assertEqual(os.path.getsize(path), descriptor["size"])
        self.assertEqual(sha256(path), value)
        return path

    def document(self, folder, descriptor):
        with open(self.blob(folder, descriptor), encoding="utf-8") as file:
            return json.load(file)

    def manifest(self, folder):
        with open(os.path.join(folder, "oci-layout"), encoding="utf-8") as file:
            self.assertEqual(json.load(file), {"imageLayoutVersion": "1.0.0"})
        with open(os.path.join(folder, "index.json"), encoding="utf-8") as file:
            index = json.load(file)
        self.assertEqual(index["schemaVersion"], 2)
        self.assertEqual(len(index["manifests"]), 1)
        entry = index["manifests"][0]
        self.assertEqual(entry["platform"], {"architecture": "amd64", "os": "linux"})
        self.assertRegex(entry["annotations"]["org.opencontainers.image.ref.name"], r"^[a-z0-9][a-z0-9.:-]+$")
        return self.document(folder, entry)

    def test_digests_hold(self):
        for _, folder in self.archives():
            manifest = self.manifest(folder)
            config = self.document(folder, manifest["config"])
            self.assertEqual(len(config["rootfs"]["diff_ids"]), len(manifest["layers"]))
            for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"]):
                self.assertEqual(layer["mediaType"], "application/vnd.oci.image.layer.v1.tar+zstd")
                plain = subprocess.run(["zstd", "-dcq", self.blob(folder, layer)], check=True, capture_output=True).stdout
                self.assertEqual("sha256:" + hashlib.sha256(plain).hexdigest(), diff_id)

    def test_the_configuration_is_the_announced_one(self):
        for name, folder in self.archives():
            config = self.document(folder, self.manifest(folder)["config"])
            self.assertEqual((config["architecture"], config["os"]), ("amd64", "linux"))
            self.assertEqual(config["config"]["Entrypoint"] + config["config"]["Cmd"], metadata(name)["default_command"])
            self.assertEqual(config["config"]["StopSignal"], "SIGTERM")
            self.assertTrue(config["config"]["WorkingDir"].startswith("/"))
            self.assertTrue(any(line.startswith("PATH=") for line in config["config"]["Env"]))

    def test_a_layer_holds_only_what_a_guest_may_have(self):
        for name, folder in self.archives():
            layer = self.manifest(folder)["layers"][0]
            with tempfile.NamedTemporaryFile() as plain:
                subprocess.run(["zstd", "-dcqf", self.blob(folder, layer), "-o", plain.name], check=True)
                with tarfile.open(plain.name) as tar:
                    entries = {entry.name: entry for entry in tar}
            self.assertEqual(list(entries), list(dict.fromkeys(entries)), "an entry comes twice")
            for entry in entries.values():
                self.assertTrue(entry.isreg() or entry.isdir() or entry.issym() or entry.islnk(), entry.name)
                self.assertNotIn("..", entry.name.split("/"))
                self.assertFalse(entry.name.startswith("/"), entry.name)
            command = "." + metadata(name)["default_command"][0]
            self.assertEqual(entries[command].mode & 0o111, 0o111)
            self.assertNotIn("./etc/resolv.conf", entries)

    def test_tiny_is_tiny(self):
        self.assertLess(metadata("tiny")["size_bytes"], 3 << 20)


class Recipes(unittest.TestCase):
    """What stands in the project."""

    def test_no_recipe_names_a_package_mirror(self):
        folder = os.path.join(PROJECT, "provisioning", "images")
        for path, _, files in os.walk(folder):
            for name in files:
                full = os.path.join(path, name)
                if os.path.islink(full):
                    continue
                with open(full, encoding="utf-8") as file:
                    self.assertNotRegex(file.read(), r"(https?|ftp)://", full)

    def test_an_unchanged_recipe_is_not_built_again(self):
        before = os.stat(image_file("tiny"))
        said = subprocess.run(["bash", os.path.join(PROJECT, "provisioning/images/build.sh"), IMAGES, "tiny"],
                              check=True, capture_output=True, text=True).stderr
        after = os.stat(image_file("tiny"))
        if "kept" not in said:
            self.skipTest("the recipe has changed since the images were built")
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))


class TinyVm(unittest.TestCase):
    """tiny-vm boots from its disk, takes the seed's answers, keeps what is written and obeys the power button."""

    PROMPT = r"root@first:~# "
    PASSWORD = "p\u00e4ss \"w\\rd$1"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="berth-images-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def seed(self, instance, hostname, password):
        return write_seed(
            self.folder, {"instance-id": instance, "local-hostname": "not-this-one"},
            {"hostname": hostname, "password": password, "chpasswd": {"expire": False},
             "ssh_authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB test@berth"],
             "users": ["default", {"name": "ada", "lock_passwd": False, "plain_text_passwd": "lovelace"}]},
            {"version": 2, "ethernets": {"id0": {
                "match": {"macaddress": "52:54:00:BE:27:01"}, "set-name": "eth0",
                "addresses": ["198.51.100.5/32", "2001:db8:7::5/64"],
                "routes": [{"to": "default", "via": "198.51.100.1"}, {"to": "default", "via": "fe80::1"}],
                "nameservers": {"addresses": ["198.51.100.53"], "search": ["berth.test"]}}}})

    def expect_up(self, guest, hostname):
        up = guest.expect(r"berth-tiny: up hostname=(\S+) address=(\S+)\r?\n", 240)
        self.assertEqual(up.groups(), (hostname, "198.51.100.5"))

    def power_off(self, guest):
        guest.press_power_button()
        self.assertEqual(guest.wait_off(120), 0)
        self.assertRegex(guest.text, r"Requesting system poweroff")

    def test_a_life(self):
        disk = overlay(image_file("tiny-vm"), os.path.join(self.folder, "disk.qcow2"), 3 << 30)
        with self.subTest("first boot"), Guest(self.folder, disk, self.seed("i-1", "first", self.PASSWORD)) as guest:
            self.expect_up(guest, "first")
            guest.login("root", self.PASSWORD, self.PROMPT, 120)
            self.assertEqual(guest.run("hostname"), "first")
            kilobytes = int(guest.run("df -k / | awk 'END { print $2 }'"))
            self.assertGreater(kilobytes, 2_800_000, "the root did not grow with its disk")
            self.assertIn("ssh-ed25519 AAAA", guest.run("cat /root/.ssh/authorized_keys"))
            self.assertRegex(guest.run("ip -4 route"), r"default via 198\.51\.100\.1 dev eth0")
            self.assertRegex(guest.run("ip -6 route"), r"default via fe80::1 dev eth0")
            self.assertEqual(guest.run("cat /etc/resolv.conf"), "nameserver 198.51.100.53\nsearch berth.test")
            self.assertRegex(guest.run("grep ^ada: /etc/shadow"), r"^ada:\$6\$")
            self.assertEqual(guest.run("nc 127.0.0.1 22 </dev/null | head -c 8"), "SSH-2.0-")
            for tool in ("ping", "arping", "nc", "wget", "httpd", "udhcpc", "dd"):
                self.assertEqual(guest.run(f"type {tool} >/dev/null && echo there"), "there", tool)
            guest.run("echo still here >/root/note; passwd -l ada >/dev/null")
            self.power_off(guest)
        with self.subTest("the same instance again, without its seed"), Guest(self.folder, disk) as guest:
            self.expect_up(guest, "first")
            guest.login("root", self.PASSWORD, self.PROMPT, 120)
            self.assertEqual(guest.run("cat /root/note"), "still here")
            self.assertRegex(guest.run("grep ^ada: /etc/shadow"), r"^ada:!")
            self.power_off(guest)
        with self.subTest("another instance-id"), Guest(self.folder, disk, self.seed("i-2", "second", "other")) as guest:
            self.expect_up(guest, "second")
            guest.login("root", "other", r"root@second:~# ", 120)
            self.assertEqual(guest.run("cat /root/note"), "still here")
            self.power_off(guest)

    def test_disks_that_are_not_virtio(self):
        for disk_bus, seed_bus in (("sata", "sata"), ("scsi", "scsi"), ("virtio", "virtio")):
            with self.subTest(disk=disk_bus, seed=seed_bus):
                disk = overlay(image_file("tiny-vm"), os.path.join(self.folder, f"{disk_bus}.qcow2"))
                seed = self.seed("i-1", "first", "plain")
                with Guest(self.folder, disk, seed, 128, disk_bus=disk_bus, seed_bus=seed_bus) as guest:
                    self.expect_up(guest, "first")

    def test_a_seed_that_is_not_json(self):
        folder = os.path.join(self.folder, "odd")
        os.makedirs(folder)
        seed = write_seed(folder, {"instance-id": "i-1", "local-hostname": "odd"}, {}, {"version": 2})
        with open(os.path.join(folder, "seed", "user-data"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\ntouch /root/ran\n")
        subprocess.run(["genisoimage", "-quiet", "-V", "cidata", "-J", "-R", "-o", seed, os.path.join(folder, "seed")],
                       check=True, stderr=subprocess.DEVNULL)
        disk = overlay(image_file("tiny-vm"), os.path.join(folder, "disk.qcow2"))
        with Guest(folder, disk, seed) as guest:
            guest.expect("user-data is not JSON and was ignored", 240)
            self.assertEqual(guest.expect(r"up hostname=(\S+) address=(\S+)\r?\n", 120).groups(), ("odd", "none"))


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        IMAGES = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
