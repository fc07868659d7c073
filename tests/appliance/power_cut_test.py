#!/usr/bin/env python3
"""The power is cut at random times while a container and a VM are being created: nothing that was promised is lost.

    power_cut_test.py IMAGE_FOLDER [--cuts N] [--seed N]

One machine is set up and kept as a snapshot; every cut begins there. What the disk holds afterwards is read from outside after
each cut (XFS, SQLite and qcow2 by their own checkers); every tenth time the machine is started again from it and its panel and
its engine are asked whether they agree.
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

from machine import Machine, fresh_disk
from panel import Panel
from starting import ACT_S, ImageTest, banner, newest_image

OPTIONS = None


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class PowerCut(ImageTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(OPTIONS.seed)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_cuts_while_creating(self):
        print(f"seed {OPTIONS.seed}", file=sys.stderr)
        disk, panel = self.machine_ready()
        for number in range(1, OPTIONS.cuts + 1):
            with self.subTest(cut=number):
                self.cut_once(disk, panel)
                self.check_disk(disk)
                if number % 10 == 0:
                    self.check_started(disk, panel)

    def machine_ready(self):
        """A machine with an administrator and its images, as a snapshot named ready."""
        disk = self.path("disk.qcow2")
        run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", fresh_disk(newest_image(self.images), self.folder.name), disk)
        with Machine(self.folder.name, disk) as machine:
            fingerprint, code = banner(machine)
            panel = Panel(machine, fingerprint)
            panel.set_up(code)
            for name in ("tiny", "tiny-vm"):
                panel.image(name, ACT_S)
            panel.wait_for("all images", lambda: all(i["state"] == "ready" for i in panel.call("GET", "/images")["items"]), ACT_S)
            machine.run("sync")
            machine.monitor("savevm ready", 300)
        return disk, panel

    def cut_once(self, disk, panel):
        with Machine(self.folder.name, disk, options=("-loadvm", "ready")) as machine:
            panel.machine = machine
            images = {i["name"]: i["id"] for i in panel.call("GET", "/images")["items"]}
            plan = min(panel.call("GET", "/plans")["items"], key=lambda p: p["memory_bytes"])["id"]
            for name in self.random.choice((["tiny"], ["tiny-vm"], ["tiny", "tiny-vm"])):
                panel.call("POST", "/servers", {"name": f"cut-{name}", "image": images[name], "plan": plan})
            until = time.monotonic() + self.random.uniform(0, 8)
            while time.monotonic() < until:
                machine.listen()
            machine.kill()

    def check_disk(self, disk):
        """The data partition from outside, on a copy: its log is replayed by mounting it."""
        raw, place = self.path("after.img"), self.path("data")
        run("qemu-img", "convert", "-O", "raw", disk, raw)
        table = json.loads(run("sfdisk", "--json", raw))["partitiontable"]
        part = next(p for p in table["partitions"] if p["name"] == "berth-data")
        device = run("losetup", "--show", "-f", "-o", str(part["start"] * 512), "--sizelimit", str(part["size"] * 512), raw).strip()
        try:
            os.makedirs(place, exist_ok=True)
            run("mount", "-t", "xfs", device, place)
            try:
                self.check_files(os.path.join(place, "state/var/lib"))
            finally:
                run("umount", place)
            run("xfs_repair", "-n", device)
        finally:
            run("losetup", "-d", device)
            os.unlink(raw)

    def check_files(self, lib):
        with contextlib.closing(sqlite3.connect(f"{lib}/berth/berth.db")) as database:
            self.assertEqual(database.execute("PRAGMA quick_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
        for guest in glob.glob(f"{lib}/berth-engine/guests/*/*.qcow2"):
            run("qemu-img", "check", "-q", guest)

    def check_started(self, disk, panel):
        """The machine comes up from what the cut left, ends or takes back what was begun, and nothing is there twice or for nobody."""
        with Machine(self.folder.name, disk) as machine:
            panel.machine = machine
            machine.text = ""
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
