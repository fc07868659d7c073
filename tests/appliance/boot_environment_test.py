#!/usr/bin/env python3
"""What the scripts of the boot environment and of a slot's trial do, and what a power cut at any point of them leaves behind.

The boot loader's part is played by boot_loader.py; everything else is the real script on real files."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import boot_loader

SOURCE = os.path.join(os.path.dirname(__file__), "..", "..", "rootfs", "overlay", "usr", "lib", "berth", "appliance")
FIRST, SECOND = "efi/grub/grubenv", "config/grubenv"

# Stands before each program that changes a file: at the CUT-th of them the power goes. A rename on FAT may end between taking
# the old name away and giving the new one.
SHIM = """#!/bin/sh
count=$(($(cat "$CUT_COUNT") + 1))
echo "$count" >"$CUT_COUNT"
if [ "$count" = "$CUT" ]; then
  [ "$CUT_HOW" = before ] || {real} "$@"
  [ "$CUT_HOW,{name}" != torn,mv ] || for last in "$@"; do :; done
  [ "$CUT_HOW,{name}" != torn,mv ] || rm -f "$last"
  [ "$CUT_HOW,{name}" != torn,cp ] || for last in "$@"; do :; done
  [ "$CUT_HOW,{name}" != torn,cp ] || truncate -s 100 "$last"
  kill -KILL -$(ps -o pgid= -p $$ | tr -d ' ')
fi
exec {real} "$@"
"""


class Box:
    """A machine's files in a temporary folder."""

    def __init__(self, folder):
        self.root = folder
        for name in ("efi/grub", "config", "proc", "run", "etc/berth", "usr/lib/berth/appliance", "var/lib/berth", "shims"):
            os.makedirs(os.path.join(folder, name))
        for name in ("boot-environment", "slot-trial", "durable.sh"):
            shutil.copy(os.path.join(SOURCE, name), self.path("usr/lib/berth/appliance", name))
        for name in ("cp", "mv", "sync"):
            with open(self.path("shims", name), "w", encoding="utf-8") as shim:
                shim.write(SHIM.replace("{real}", shutil.which(name)).replace("{name}", name))
            os.chmod(self.path("shims", name), 0o755)
        self.started("A", "1.0.0")
        self.environment(ORDER="A B", A_OK=1, A_TRY=0, A_PROVEN=1, B_OK=0, B_TRY=0)

    def path(self, *names):
        return os.path.join(self.root, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def started(self, slot, version):
        self.write("proc/cmdline", f"BOOT_IMAGE=/boot/vmlinuz ro rauc.slot={slot} fsck.mode=skip quiet\n")
        self.write("proc/uptime", "100.00 90.00\n")
        self.write("usr/lib/berth/release", f"VERSION={version}\nBOARD=qemu-x86_64\n")

    def environment(self, **values):
        text = "# GRUB Environment Block\n" + "".join(f"{k}={v}\n" for k, v in values.items())
        for copy in (FIRST, SECOND):
            self.write(copy, text.ljust(1024, "#"))

    def copy(self, name):
        """The variables of one copy; nothing when it cannot be read."""
        return boot_loader.variables(self.text(name))

    def text(self, name):
        return self.read(name) if os.path.exists(self.path(name)) else ""

    def boot(self):
        """Which slot is started, or nothing: the menu waits. Counts the try, as the menu does."""
        values = boot_loader.believed(map(self.text, (FIRST, SECOND)))
        if values is None:
            return "A"
        slot = boot_loader.choice(values)
        for name in (FIRST, SECOND):
            kept = self.copy(name)
            if slot and kept:  # save_env writes into a file that is there
                kept.update({key: values[key] for key in boot_loader.NAMES if key in values})
                kept[f"{slot}_TRY"] = str(int(values[f"{slot}_TRY"]) + 1)
                text = "# GRUB Environment Block\n" + "".join(f"{k}={v}\n" for k, v in kept.items())
                self.write(name, text.ljust(1024, "#"))
        return slot

    def run(self, script, *words, cut=0, how="before"):
        """True when it ended by itself and well."""
        self.write("count", "0")
        environment = dict(os.environ, BERTH_ROOT=self.root, CUT=str(cut), CUT_HOW=how, CUT_COUNT=self.path("count"),
                           PATH=self.path("shims") + ":/usr/sbin:/usr/bin:/sbin:/bin")
        program = subprocess.run(["sh", self.path("usr/lib/berth/appliance", script), *words], env=environment, text=True,
                                 capture_output=True, start_new_session=True, check=False)
        self.said = program.stdout.strip()
        if program.returncode not in (0, 1, -signal.SIGKILL):
            raise AssertionError(f"{script} {words}: {program.returncode} {program.stderr}")
        return program.returncode == 0

    def reason(self):
        return self.read("etc/berth/last-rollback").splitlines()[0]


class BootEnvironment(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="berth-boot.")
        self.boxes = 0

    def tearDown(self):
        self.folder.cleanup()

    def box(self):
        self.boxes += 1
        return Box(os.path.join(self.folder.name, str(self.boxes)))

    def rauc_knows(self, box, version):
        box.write("config/rauc.status", f"[slot.rootfs.0]\nbundle.version=0.1\n\n[slot.rootfs.1]\nbundle.version={version}\nstatus=ok\n")

    def every_cut(self, prepare, words, check):
        """Runs it with the power cut at every point in every way; check(box) sees what the next start sees."""
        cuts = 0
        for how in ("before", "after", "torn"):
            for cut in range(1, 100):
                box = self.box()
                prepare(box)
                if box.run("boot-environment", *words, cut=cut, how=how):
                    break
                check(box, f"{words} cut at {cut} ({how})")
                box.run("boot-environment", "repair")
                self.assertEqual(box.copy(FIRST), box.copy(SECOND), f"{words} cut at {cut} ({how})")
                self.assertTrue(box.copy(FIRST).get("ORDER"))
                cuts += 1
        self.assertGreater(cuts, 8)

    def test_a_cut_while_an_installation_begins_or_ends_leaves_a_slot_that_starts(self):
        def before(box):
            box.environment(ORDER="B A", A_OK=1, A_TRY=0, A_PROVEN=1, B_OK=1, B_TRY=0, B_PROVEN=1)

        def written(box):
            box.environment(ORDER="A B", A_OK=1, A_TRY=0, A_PROVEN=1, B_OK=0, B_TRY=0, B_PROVEN=0)

        def first_lost(box):
            written(box)
            os.remove(box.path(FIRST))

        self.every_cut(before, ("set-state", "B", "bad"), lambda box, what: self.assertIn(box.boot(), ("A", "B"), what))
        self.every_cut(written, ("set-primary", "B"), lambda box, what: self.assertIn(box.boot(), ("A", "B"), what))
        self.every_cut(written, ("set-state", "A", "good"), lambda box, what: self.assertEqual(box.boot(), "A", what))
        self.every_cut(first_lost, ("repair",), lambda box, what: self.assertEqual(box.boot(), "A", what))

    def test_while_a_slot_is_written_neither_copy_starts_it(self):
        box = self.box()
        box.environment(ORDER="B A", A_OK=1, A_TRY=0, B_OK=1, B_TRY=0)
        self.assertTrue(box.run("boot-environment", "set-state", "B", "bad"))
        for lost in (FIRST, SECOND):
            saved = box.read(lost)
            os.remove(box.path(lost))
            self.assertEqual(box.boot(), "A")
            box.write(lost, saved)

    def test_three_tries_then_the_other_then_what_did_work_once(self):
        box = self.box()
        self.assertTrue(box.run("boot-environment", "set-primary", "B"))
        self.assertEqual([box.boot() for _ in range(8)], ["B", "B", "B", "A", "A", "A", "A", "A"])
        box.run("boot-environment", "get-primary")
        self.assertEqual(box.said, "A")

    def test_three_tries_each_then_the_menu(self):
        box = self.box()
        box.environment(ORDER="B A", A_OK=1, A_TRY=0, B_OK=1, B_TRY=0)
        self.assertEqual([box.boot() for _ in range(7)], ["B", "B", "B", "A", "A", "A", None])

    def test_a_release_that_did_work_keeps_its_tries_when_it_comes_up(self):
        """However many starts a broken contract or a cut power takes: nothing but the menu's own failures use them up."""
        box = self.box()
        box.environment(ORDER="B A", A_OK=1, A_TRY=0, A_PROVEN=1, B_OK=1, B_TRY=0, B_PROVEN=1)
        box.started("B", "2.0.0")
        for _ in range(5):
            self.assertEqual(box.boot(), "B")
            self.assertTrue(box.run("slot-trial", "up"))
        box.environment(ORDER="B A", A_OK=1, A_TRY=0, A_PROVEN=1, B_OK=1, B_TRY=0)
        self.assertEqual(box.boot(), "B")
        self.assertTrue(box.run("slot-trial", "up"))
        self.assertEqual(box.copy(FIRST)["B_TRY"], "1", "one that never worked is on trial")

    def test_speaks_to_rauc(self):
        box = self.box()
        for words, said in ((("get-primary",), "A"), (("get-current",), "A"), (("get-state", "A"), "good"), (("get-state", "B"), "bad")):
            self.assertTrue(box.run("boot-environment", *words))
            self.assertEqual(box.said, said, words)
        box.run("boot-environment", "set-primary", "B")
        box.run("boot-environment", "get-primary")
        self.assertEqual(box.said, "B")
        with self.assertRaises(AssertionError):
            box.run("boot-environment", "set-primary", "C")

    def test_both_copies_lost(self):
        box = self.box()
        for copy in (FIRST, SECOND):
            box.write(copy, "")
        box.started("B", "1.0.0")
        self.assertTrue(box.run("boot-environment", "repair"))
        self.assertEqual(box.boot(), "B")
        self.assertEqual(box.copy(FIRST), box.copy(SECOND))

    def test_a_release_that_does_not_come_up_is_left_and_why_is_kept(self):
        box = self.box()
        self.rauc_knows(box, "2.0.0")
        box.run("boot-environment", "set-primary", "B")
        self.assertEqual([box.boot() for _ in range(4)], ["B", "B", "B", "A"])
        self.assertTrue(box.run("slot-trial", "returned"))
        self.assertEqual(box.reason(), "Version 2.0.0 was left: it did not come up three times. This is version 1.0.0.")
        self.assertTrue(box.run("slot-trial", "passed"))
        self.assertIn("2.0.0", box.reason(), "it is told until an update succeeds")
        self.assertEqual([box.boot() for _ in range(4)], ["A", "A", "A", "A"], "what failed is not tried again by itself")

    def test_a_release_that_is_left_is_recorded_without_what_rauc_knows(self):
        box = self.box()
        box.run("boot-environment", "set-primary", "B")
        self.assertEqual([box.boot() for _ in range(4)], ["B", "B", "B", "A"])
        self.assertTrue(box.run("slot-trial", "returned"))
        self.assertEqual(box.reason(), "Version in the other slot was left: it did not come up three times. This is version 1.0.0.")
        self.assertEqual(box.copy(FIRST)["ORDER"], "A B")

    def test_a_release_that_breaks_the_health_contract_goes_back_at_once(self):
        box = self.box()
        self.rauc_knows(box, "2.0.0")
        box.run("boot-environment", "set-primary", "B")
        self.assertEqual(box.boot(), "B")
        box.started("B", "2.0.0")
        self.assertTrue(box.run("slot-trial", "failed", "the engine did not answer\nand more"))
        self.assertEqual(box.boot(), "A")
        box.started("A", "1.0.0")
        self.assertTrue(box.run("slot-trial", "returned"))
        self.assertEqual(box.reason(), "Version 2.0.0 was left: the engine did not answer. This is version 1.0.0.")
        self.assertTrue(box.run("slot-trial", "returned"), "once is enough")
        self.assertEqual(box.copy(FIRST)["ORDER"], "A B")

    def test_nothing_goes_back_to_what_does_not_work(self):
        box = self.box()
        box.boot()
        self.assertFalse(box.run("slot-trial", "failed", "the panel did not answer"), "a fresh machine has no other release")
        self.assertEqual(box.copy(FIRST)["A_TRY"], "0", "it stays, and its restarts do not count")
        box.environment(ORDER="A B", A_OK=1, A_TRY=1, A_PROVEN=1, B_OK=1, B_TRY=0, B_PROVEN=1)
        self.assertFalse(box.run("slot-trial", "failed", "the panel did not answer"), "this release did work before")
        box.environment(ORDER="A B", A_OK=1, A_TRY=1, B_OK=1, B_TRY=3, B_PROVEN=1)
        self.assertFalse(box.run("slot-trial", "failed", "the panel did not answer"), "the other one is used up")
        self.assertEqual(box.boot(), "A")

    def test_a_release_that_stays_clears_what_was_said(self):
        box = self.box()
        box.write("etc/berth/last-rollback", "Version 2.0.0 was left.\n")
        box.run("boot-environment", "set-primary", "B")
        box.boot()
        box.started("B", "2.1.0")
        self.assertTrue(box.run("slot-trial", "passed"))
        self.assertFalse(os.path.exists(box.path("etc/berth/last-rollback")))
        self.assertEqual(box.copy(FIRST)["B_PROVEN"], "1")
        self.assertEqual(box.boot(), "B")


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main(verbosity=2)
