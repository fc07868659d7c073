#!/usr/bin/env python3
"""Updates cannot brick the machine: what is refused, what a power cut leaves behind, and a release that hangs is left again.

    update_story.py IMAGE_FOLDER     (build/image; the newest image of qemu-x86_64 below it)

One machine goes through all of it, because each of its starts takes minutes here. Too long for every run of the tests: run by hand,
inside the tree and in a network namespace of its own."""

import contextlib
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
import unittest

from machine import Machine, disk_options, fresh_disk
from panel import Panel
from starting import START_S, ImageTest, banner, newest_image

ACT_S, INSTALL_S = 300, 600
HEALTH_S = 240  # how long a release may take to be well
BOARD = "qemu-x86_64"


class Updates(ImageTest):
    def setUp(self):
        super().setUp()
        self.disk = fresh_disk(newest_image(self.images), self.folder.name, arguments=f"berth.health={HEALTH_S}")
        self.stick = self.make_stick()
        self.machine = self.panel = None
        seed = random.randrange(1 << 30)
        print(f"power cuts: seed {seed}")
        self.random = random.Random(seed)

    def tearDown(self):
        if self.machine:
            self.machine.close()
        super().tearDown()

    def make_stick(self):
        """A removable disk with a FAT file system, as people carry updates about."""
        bundles = os.path.join(self.folder.name, "bundles")
        os.mkdir(bundles)
        subprocess.run(["bash", os.path.join(os.path.dirname(__file__), "bundles.sh"), os.path.dirname(newest_image(self.images)), BOARD, bundles],
                       check=True)
        names = sorted(os.listdir(bundles))
        size = sum(os.path.getsize(os.path.join(bundles, name)) for name in names)
        stick = os.path.join(self.folder.name, "stick.img")
        with open(stick, "wb") as file:
            file.truncate(size * 11 // 10 + (64 << 20))
        subprocess.run(["mkfs.fat", "-F", "32", "-n", "STICK", stick], check=True, stdout=subprocess.DEVNULL)
        for name in names:
            subprocess.run(["mcopy", "-i", stick, os.path.join(bundles, name), "::/" + name], check=True)
            os.remove(os.path.join(bundles, name))
        return stick

    # The machine.

    def start(self):
        if self.machine:
            self.machine.close()
        stick = ["-device", "virtio-scsi-pci", "-drive", f"file={self.stick},format=raw,if=none,id=stick,readonly=on",
                 "-device", "scsi-hd,drive=stick,removable=on"]
        self.machine = Machine(self.folder.name, None, options=[*disk_options(self.disk, boot_order=0), *stick])
        if self.panel:
            self.panel.machine = self.machine

    def preferred_on_disk(self):
        """Which slot the boot loader will look at first, as the disk says after the power was cut."""
        return subprocess.run(["mtype", "-i", f"{self.disk}@@2M", "::/grub/grubenv"], check=True, capture_output=True,
                              text=True).stdout.split("ORDER=")[1][:1].lower()

    def status_page(self):
        """What the console says once the panel and the engine answer, on one line."""
        while True:
            page = self.machine.expect(r"(?s)--- Berth -+\n(.*?)Press Enter for the console", START_S)[1]
            if "panel and engine answer" in page:
                return " ".join(page.split())

    def await_good(self):
        """Until the health contract holds."""
        state = self.machine.run("while case $(systemctl is-active berth-boot-good) in active|failed) false;; *) true;; esac; do sleep 1; done; "
                                 "systemctl is-active berth-boot-good", START_S)
        self.assertEqual(state, "active", self.machine.run("journalctl -b -u berth-boot-good -u berthd -u berth-engine --no-pager | tail -40"))

    def engine(self, method, **parameters):
        """What a call answers, or the code of its error."""
        said = self.machine.run(f"varlinkctl call --timeout=300 -j /run/berth/engine.sock org.berth.Machine.{method} '{json.dumps(parameters)}' 2>&1", ACT_S)
        found = re.search(r"\{.*\}", said, re.S)
        if "failed" in said.split("{")[0] or not found:
            code = re.search(r'"code"\s*:\s*"(\w+)"', said)
            return code[1] if code else said
        answer = json.loads(found[0])
        return answer.get("code", answer)

    def slots(self):
        state = self.engine("SlotsNow")["slots"]
        return {slot["name"]: slot for slot in state["slots"]}, state["next"]

    def progress(self):
        return self.engine("Update")["update"]

    def await_end(self):
        deadline = time.monotonic() + INSTALL_S
        while (now := self.progress())["running"]:
            self.assertLess(time.monotonic(), deadline, now)
            time.sleep(1)
        return now

    def version(self):
        return self.engine("Facts")["facts"]["version"]

    # The story.

    def test_updates(self):
        self.start()
        fingerprint, code = banner(self.machine)
        self.panel = Panel(self.machine, fingerprint)
        self.panel.set_up(code)
        self.await_good()
        self.first = self.version()
        self.check_fresh()
        found = {update["name"]: update for update in self.engine("FindUpdates")["updates"]}
        self.check_refusals(found)
        self.check_bitten_content(found)
        self.check_cut_while_writing(found)
        self.check_update(found)
        self.check_release_that_hangs(found)
        self.check_release_that_is_sick(found)

    def check_fresh(self):
        slots, following = self.slots()
        self.assertEqual((slots["a"]["version"], slots["a"]["good"], slots["a"]["booted"]), (self.first, True, True))
        self.assertEqual((slots["b"]["version"], slots["b"]["good"]), ("", False), "the starter images are no release")
        self.assertEqual(following, "a")
        self.assertEqual(self.engine("ChooseSlot", slot="b"), "conflict")
        # RAUC listens to root alone.
        self.assertRegex(self.machine.run("runuser -u berth -- busctl call de.pengutronix.rauc / de.pengutronix.rauc.Installer GetPrimary 2>&1"),
                         "(?i)denied")

    def check_refusals(self, found):
        """Case 7: wrong authority, changed, cut short, older, for another board, in the form that can be swapped."""
        print("found:", {name: (update["compatible"], update["problem"]) for name, update in found.items()})
        self.assertEqual(set(found), {"good.raucb", "hang.raucb", "sick.raucb", "content.raucb", "signed.raucb", "short.raucb", "stranger.raucb",
                                      "old.raucb", "board.raucb", "plain.raucb"})
        for name, code in (("signed.raucb", "corrupt"), ("short.raucb", "corrupt"), ("stranger.raucb", "corrupt"),
                           ("plain.raucb", "corrupt"), ("old.raucb", "precondition_failed"), ("board.raucb", "precondition_failed")):
            self.assertFalse(found[name]["compatible"], name)
            self.assertNotEqual(found[name]["problem"], "", name)
            self.assertEqual(self.engine("InstallFound", id=found[name]["id"]), code, name)
        self.assertTrue(found["good.raucb"]["compatible"])
        self.assertEqual((found["good.raucb"]["version"], found["good.raucb"]["board"], found["good.raucb"]["place"]), ("900.0.0", BOARD, "usb"))
        self.assertEqual(self.engine("InstallFound", id="0" * 32), "not_found")
        self.assertFalse(self.progress()["running"])
        self.assertEqual(self.machine.run("mount | grep -c sticks"), "0")

    def check_bitten_content(self, found):
        """A bit that differs is noticed when it is read, whatever the signature says."""
        self.assertEqual(self.engine("InstallFound", id=found["content.raucb"]["id"]), {})
        ended = self.await_end()
        print("content.raucb:", ended)
        self.assertNotEqual(ended["failure"], "")
        slots, following = self.slots()
        self.assertEqual((slots["b"]["version"], following), ("", "a"))

    def check_cut_while_writing(self, found):
        """Case 8: the power goes while the slot is written."""
        self.assertEqual(self.engine("InstallFound", id=found["good.raucb"]["id"]), {})
        wanted = self.random.randint(15, 75)
        while (now := self.progress())["running"] and now["percent"] < wanted:
            time.sleep(self.random.random())
        print("power cut at", now)
        self.machine.kill()
        self.start()
        self.status_page()
        self.await_good()
        slots, following = self.slots()
        self.assertTrue(slots["a"]["booted"])
        if slots["b"]["version"] == "":
            self.assertEqual(following, "a")
            self.assertNotEqual(self.progress()["failure"], "")
            self.assertEqual(self.engine("ChooseSlot", slot="b"), "conflict")

    def check_update(self, found):
        """From A to B, with the power cut around the moment at which the boot loader is told."""
        self.assertEqual(self.engine("InstallFound", id=found["good.raucb"]["id"]), {})
        ended = self.await_end()
        self.assertEqual((ended["failure"], ended["version"]), ("", "900.0.0"))
        slots, following = self.slots()
        self.assertEqual((slots["b"]["version"], slots["b"]["good"], slots["b"]["tries_left"], following), ("900.0.0", False, 3, "b"))
        self.machine.kill()
        self.assertEqual(self.preferred_on_disk(), "b")
        self.start()
        self.status_page()
        self.await_good()
        self.assertEqual(self.version(), "900.0.0")
        slots, following = self.slots()
        self.assertTrue(slots["b"]["booted"] and slots["b"]["good"], slots)
        self.assertEqual((slots["a"]["version"], slots["a"]["good"], following), (self.first, True, "b"))
        self.assertEqual(self.progress()["failure"], "", "the end of the installation is still known")
        self.assertEqual(self.engine("InstallFound", id=found["old.raucb"]["id"]), "precondition_failed")

    def check_release_that_hangs(self, found):
        """Case 8: back after at most three starts, and why is told. Case 9: it had migrated the database before."""
        self.assertEqual(self.engine("InstallFound", id=found["hang.raucb"]["id"]), {})
        self.assertEqual(self.await_end()["failure"], "")
        for _ in range(3):
            self.machine.kill()
            self.assertEqual(self.preferred_on_disk(), "a")
            self.start()
            self.machine.expect(r"this release hangs", START_S)
        self.machine.kill()
        self.migrate_as_the_newer_release()
        self.start()
        self.assertIn("Version 901.0.0 was left: it did not come up three times", self.status_page())
        self.await_good()
        reason = self.engine("Facts")["facts"]["last_rollback"]
        print(reason)
        self.assertRegex(reason, r"^Version 901\.0\.0 was left: it did not come up three times\. This is version 900\.0\.0\. "
                                 r"What the panel had stored since is kept as /var/lib/berth/berth\.db\.newer-\d+\.$")
        self.assertEqual(self.version(), "900.0.0")
        slots, following = self.slots()
        self.assertTrue(slots["b"]["good"])
        self.assertEqual((slots["a"]["version"], slots["a"]["good"], slots["a"]["tries_left"], following), ("901.0.0", False, 0, "b"))
        self.assertRegex(self.machine.run("berth admin users"), r"\bmaria\b", "the older release has its data")
        kept = self.machine.run("ls -l /var/lib/berth/ | grep -c newer-")
        self.assertEqual(kept, "1", "and what the newer one wrote is kept")

    def check_release_that_is_sick(self, found):
        """One that breaks the health contract goes back by itself, once; a person finds out why in the panel, too."""
        self.assertEqual(self.engine("InstallFound", id=found["sick.raucb"]["id"]), {})
        self.assertEqual(self.await_end()["failure"], "")
        self.machine.run("systemctl reboot --no-block")
        self.machine.expect("Booting `Berth, slot A'", START_S)
        self.machine.expect("Booting `Berth, slot B'", START_S + HEALTH_S)
        page = self.status_page()
        self.await_good()
        reason = self.engine("Facts")["facts"]["last_rollback"]
        print(reason)
        self.assertRegex(reason, r"^Version 903\.0\.0 was left: The engine does not answer[^.]*\. This is version 900\.0\.0\.")
        self.assertIn("Version 903.0.0 was left", page)
        self.panel.call("POST", "/sessions", {"name": "maria", "password": "quiet harbour under seven lamps"})
        self.panel.headers = {"Cookie": self.panel.cookie.split(";")[0]}
        self.panel.wait_for("the reason in the panel", lambda: self.panel.call("GET", "/machine")["last_rollback"] == reason, ACT_S)

    def migrate_as_the_newer_release(self):
        """What a release with one more migration does to the database, as firmware/store/older_copy.hpp says."""
        with self.data_partition() as state:
            file = os.path.join(state, "berth.db")
            database = sqlite3.connect(file)
            last = database.execute("SELECT max(number) FROM migrations").fetchone()[0]
            owner = os.stat(file)
            copy = f"{file}.schema-{last}.for-{last + 1}"
            with sqlite3.connect(copy) as older:
                database.backup(older)
            older.close()
            os.chown(copy, owner.st_uid, owner.st_gid)
            os.chmod(copy, 0o600)
            database.execute("CREATE TABLE tomorrow (x INTEGER NOT NULL) STRICT")
            database.execute("INSERT INTO migrations VALUES (?, 'tomorrow', 'x')", (last + 1,))
            database.execute("UPDATE users SET name = 'tomorrow'")
            database.commit()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()
            for name in os.listdir(state):
                os.chown(os.path.join(state, name), owner.st_uid, owner.st_gid)

    @contextlib.contextmanager
    def data_partition(self):
        """The panel's state on the disk of a machine that is off."""
        table = json.loads(subprocess.run(["sfdisk", "--json", self.disk], check=True, capture_output=True).stdout)["partitiontable"]
        data = next(part for part in table["partitions"] if part.get("name") == "berth-data")
        loop = subprocess.run(["losetup", "--find", "--show", "--offset", str(data["start"] * 512), "--sizelimit", str(data["size"] * 512),
                               self.disk], check=True, capture_output=True, text=True).stdout.strip()
        where = os.path.join(self.folder.name, "data")
        os.makedirs(where, exist_ok=True)
        try:
            subprocess.run(["mount", "-t", "xfs", loop, where], check=True)
            try:
                yield os.path.join(where, "state", "var", "lib", "berth")
            finally:
                subprocess.run(["umount", where], check=True)
        finally:
            subprocess.run(["losetup", "--detach", loop], check=True)


if __name__ == "__main__":
    ImageTest.images = sys.argv.pop(1)
    unittest.main(verbosity=2)
