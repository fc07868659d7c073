#!/usr/bin/env python3
"""The serial port's speed as a setting: what the boot loader reads on each ESP after it was set, reset, or cut off in between."""

import os
import shutil
import sys
import tempfile
import unittest

from boot_environment_test import SOURCE, Box

SPEEDS = ("9600", "19200", "38400", "57600", "115200")
ESP, SECOND_ESP = "efi/grub/serial", "run/berth-esp-2/grub/serial"


class SerialSpeed(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="berth-serial.")
        self.boxes = 0

    def tearDown(self):
        self.folder.cleanup()

    def box(self, mirror=False):
        self.boxes += 1
        box = Box(os.path.join(self.folder.name, str(self.boxes)))
        shutil.copy(os.path.join(SOURCE, "serial-speed"), box.path("usr/lib/berth/appliance/serial-speed"))
        if mirror:
            os.makedirs(box.path("run/berth-esp-2/grub"))
        return box

    def boot(self, box, place=ESP):
        """board/common/grub.cfg: the speed of the next start. A file that is not whole has no speed in it."""
        speed = box.copy(place).get("speed")
        return speed if speed in SPEEDS else "115200"

    def set(self, box):
        box.run("serial-speed")
        return box.said

    def test_a_new_machine_speaks_at_115200_and_its_esp_is_left_alone(self):
        box = self.box()
        self.assertTrue(box.run("serial-speed", "apply"))
        self.assertFalse(os.path.exists(box.path(ESP)))
        self.assertEqual((self.set(box), self.boot(box)), ("115200", "115200"))

    def test_a_speed_is_on_both_esps(self):
        box = self.box(mirror=True)
        for speed in SPEEDS:
            self.assertTrue(box.run("serial-speed", speed))
            self.assertEqual((self.set(box), self.boot(box), self.boot(box, SECOND_ESP)), (speed,) * 3)

    def test_what_is_no_speed_is_refused(self):
        box = self.box()
        box.run("serial-speed", "9600")
        for wrong in ("300", "9600 quiet", "$(reboot)", "-1"):
            with self.assertRaises(AssertionError):
                box.run("serial-speed", wrong)
        self.assertEqual(self.boot(box), "9600")

    def test_a_reset_of_the_settings_resets_it(self):
        box = self.box(mirror=True)
        box.run("serial-speed", "9600")
        os.remove(box.path("etc/berth/serial-speed"))
        self.assertTrue(box.run("serial-speed", "apply"))
        self.assertEqual((self.boot(box), self.boot(box, SECOND_ESP)), ("115200", "115200"))

    def test_settings_from_elsewhere_are_applied(self):
        box = self.box()
        for said, speed in (("19200\n", "19200"), ("19200", "19200"), ("fast\n", "115200")):
            box.write("etc/berth/serial-speed", said)
            self.assertTrue(box.run("serial-speed", "apply"))
            self.assertEqual((self.set(box), self.boot(box)), (speed, speed))

    def test_a_cut_anywhere_leaves_one_of_the_two_speeds_and_the_next_start_agrees_with_the_setting(self):
        cuts = 0
        for how in ("before", "after", "torn"):
            for cut in range(1, 100):
                box = self.box(mirror=True)
                box.run("serial-speed", "9600")
                if box.run("serial-speed", "57600", cut=cut, how=how):
                    break
                what = f"cut at {cut} ({how})"
                # A rename on FAT may be cut between the old name and the new one: then the speed is a new machine's.
                self.assertIn(self.boot(box), ("9600", "57600", "115200") if how == "torn" else ("9600", "57600"), what)
                self.assertTrue(box.run("serial-speed", "apply"), what)
                speed = self.set(box)
                self.assertIn(speed, ("9600", "57600", "115200") if how == "torn" else ("9600", "57600"), what)
                self.assertEqual((self.boot(box), self.boot(box, SECOND_ESP)), (speed, speed), what)
                cuts += 1
        self.assertGreater(cuts, 12)


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main(verbosity=2)
