#!/usr/bin/env python3
"""The power is cut at random times while guests are created and while an update is installed: nothing that was promised is lost,
and what the boot loader takes next is whole.

    power_cut_test.py IMAGE_FOLDER [--cuts N] [--seed N]

One machine is set up and kept as a snapshot; every cut begins there. What the disk holds afterwards is read from outside after
each cut (XFS, SQLite and qcow2 by their own checkers, the chosen slot byte for byte); after the fifth and the tenth of twenty the
machine is started again from it and its panel and its engine are asked whether they agree.
"""

import argparse
import contextlib
import glob
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
import unittest

import boot_loader
from machine import Machine, disk_options, fresh_disk
from panel import Panel
from starting import ACT_S, ImageTest, banner, newest_image

OPTIONS = None


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@contextlib.contextmanager
def part_device(disk, part):
    """A partition of a disk in a file, as a block device."""
    device = run("losetup", "--show", "-f", "-o", str(part["start"] * 512), "--sizelimit", str(part["size"] * 512), disk).strip()
    try:
        yield device
    finally:
        run("losetup", "-d", device)


@contextlib.contextmanager
def mounted(device, place, kind):
    os.makedirs(place, exist_ok=True)
    run("mount", "-t", kind, device, place)
    try:
        yield
    finally:
        run("umount", place)


class PowerCut(ImageTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(OPTIONS.seed)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_cuts(self):
        print(f"seed {OPTIONS.seed}", file=sys.stderr)
        image = newest_image(self.images)
        self.slot = os.path.join(os.path.dirname(image), "root.squashfs")
        self.stick = self.make_stick(image.removesuffix(".img") + ".raucb")
        disk, panel = self.machine_ready(image)
        for number in range(1, OPTIONS.cuts + 1):
            with self.subTest(cut=number):
                self.cut_once(disk, panel, self.creates if number % 2 else self.updates)
                self.check_disk(disk)
                if number % 20 in (5, 10):
                    self.check_started(disk, panel)

    def make_stick(self, bundle):
        """QEMU's options for a removable disk with this release on it."""
        stick = self.path("stick.img")
        run("truncate", "-s", str(os.path.getsize(bundle) + (32 << 20)), stick)
        run("mkfs.fat", "-F", "32", stick)
        run("mcopy", "-i", stick, bundle, "::/release.raucb")
        return ("-device", "virtio-scsi-pci", "-drive", f"file={stick},format=raw,if=none,id=stick,readonly=on",
                "-device", "scsi-hd,drive=stick,removable=on")

    def started(self, disk, *options):
        return Machine(self.folder.name, None, options=(*disk_options(disk, boot_order=0), *self.stick, *options))

    def machine_ready(self, image):
        """A machine with an administrator and its images, as a snapshot named ready."""
        disk = self.path("disk.qcow2")
        run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", fresh_disk(image, self.folder.name), disk)
        with self.started(disk) as machine:
            fingerprint, code = banner(machine)
            panel = Panel(machine, fingerprint)
            panel.set_up(code)
            for name in ("tiny", "tiny-vm"):
                panel.image(name, ACT_S)
            panel.wait_for("all images", lambda: all(i["state"] == "ready" for i in panel.call("GET", "/images")["items"]), ACT_S)
            machine.run("sync")
            machine.monitor("savevm ready", 300)
        return disk, panel

    def cut_once(self, disk, panel, under_way):
        with self.started(disk, "-loadvm", "ready") as machine:
            panel.machine = machine
            until = under_way(panel) + time.monotonic()
            while time.monotonic() < until:
                machine.listen()
            machine.kill()

    def creates(self, panel):
        """Begins with it; how many seconds later the power goes."""
        images = {i["name"]: i["id"] for i in panel.call("GET", "/images")["items"]}
        plan = min(panel.call("GET", "/plans")["items"], key=lambda p: p["memory_bytes"])["id"]
        for name in self.random.choice((["tiny"], ["tiny-vm"], ["tiny", "tiny-vm"])):
            panel.call("POST", "/servers", {"name": f"cut-{name}", "image": images[name], "plan": plan})
        return self.random.uniform(0, 8)

    def updates(self, panel):
        """Somewhere between copying the release and the moments after the boot loader was told."""
        found = panel.call("GET", "/machine")["found_updates"][0]
        panel.call("POST", f"/machine/updates/found/{found['id']}")
        wanted = self.random.choice((self.random.uniform(0, 100), 100))
        deadline = time.monotonic() + ACT_S
        while (now := panel.call("GET", "/machine")["update"])["percent"] < wanted and not now["failure"]:
            self.assertLess(time.monotonic(), deadline, now)
            time.sleep(0.1)
        self.assertEqual(now["failure"], "")
        return self.random.uniform(0, 2)

    def check_disk(self, disk):
        """The data partition from outside, on a copy: its log is replayed by mounting it."""
        raw, place = self.path("after.img"), self.path("data")
        run("qemu-img", "convert", "-O", "raw", disk, raw)
        parts = {p["name"]: p for p in json.loads(run("sfdisk", "--json", raw))["partitiontable"]["partitions"] if "name" in p}
        try:
            with part_device(raw, parts["berth-data"]) as device:
                with mounted(device, place, "xfs"):
                    self.check_files(os.path.join(place, "state/var/lib"))
                run("xfs_repair", "-n", device)
            self.check_next_start(raw, parts)
        finally:
            os.unlink(raw)

    def check_next_start(self, raw, parts):
        """What the menu takes is a whole slot, by whichever copy of the boot environment it goes."""
        place = self.path("config")
        with part_device(raw, parts["berth-config"]) as device, mounted(device, place, "ext4"):
            with open(f"{place}/grubenv", encoding="utf-8") as file:
                second = file.read()
        first = run("mtype", "-i", f"{raw}@@{parts['berth-esp']['start'] * 512}", "::/grub/grubenv")
        for copies in ((first, second), (second,)):
            slot = boot_loader.choice(boot_loader.believed(copies))
            self.assertIsNotNone(slot, copies)
            run("cmp", "-n", str(os.path.getsize(self.slot)), self.slot, raw, "0", str(parts[f"berth-root-{slot.lower()}"]["start"] * 512))

    def check_files(self, lib):
        with contextlib.closing(sqlite3.connect(f"{lib}/berth/berth.db")) as database:
            self.assertEqual(database.execute("PRAGMA quick_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
        for guest in glob.glob(f"{lib}/berth-engine/guests/*/*.qcow2"):
            run("qemu-img", "check", "-q", guest)

    def check_started(self, disk, panel):
        """The machine comes up from what the cut left, ends or takes back what was begun, and nothing is there twice or for nobody."""
        with self.started(disk) as machine:
            panel.machine = machine
            banner(machine)
            servers = panel.wait_for("every job to end", lambda: self.settled(panel), ACT_S)
            for server in servers:
                self.assertIn(server["state"], ("running", "failed"), server)
            told = sorted(s["id"].removeprefix("srv_") for s in servers if s["state"] == "running")
            listed = machine.run("ls /var/lib/berth-engine/guests").split()
            kept = sorted(name.replace("-", "") for name in listed if len(name) == 36)
            self.assertEqual(kept, told, "the engine keeps the guests that run, and no others")
            self.assertEqual(machine.run("systemctl --failed --plain --no-legend"), "")

    @staticmethod
    def settled(panel):
        servers = panel.call("GET", "/servers")["items"]
        jobs = panel.call("GET", "/jobs")["items"]
        busy = [j for j in jobs if j["state"] in ("queued", "running", "undoing")]
        return None if busy or any(s["state"] not in ("running", "failed") for s in servers) else servers or [{"state": "failed", "id": ""}]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    OPTIONS, rest = parser.parse_known_args()
    ImageTest.images = OPTIONS.folder
    unittest.main(verbosity=2, argv=[sys.argv[0], *rest])
