"""What every test of the image begins with."""

import glob
import os
import re
import sys
import tempfile
import unittest

# Deadlines, not expectations: an emulated machine beside other tests on two cores.
START_S, ACT_S = 900, 600


def newest_image(folder, board="qemu-x86_64"):
    return max(glob.glob(os.path.join(folder, f"{board}*", f"berth-{board}.img")), key=os.path.getmtime)


def banner(machine):
    """Fingerprint and set-up code (None once there is an administrator) as the console's status page shows them."""
    while True:
        page = machine.expect(r"(?s)--- Berth -+\n(.*?)Press Enter for the console", START_S)[1]
        halves = re.search(r"Fingerprint: +([0-9A-F:]{47})\s+([0-9A-F:]{47})", page)
        if halves and "panel and engine answer" in page:
            code = re.search(r"Set-up code: +(\S+)", page)
            return ":".join(halves.groups()), code and code[1]


class ImageTest(unittest.TestCase):
    """A folder of its own beside the images; of a test that fails, what the machine's serial port said last."""

    images = ""  # the folder that the images lie in

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir=self.images, prefix="test.")

    def tearDown(self):
        log = os.path.join(self.folder.name, "serial.log")
        ended = self._outcome.result
        failed = any(getattr(case, "test_case", case) is self for case, _ in ended.failures + ended.errors)
        if failed and os.path.exists(log):
            with open(log, errors="replace") as said:
                print(said.read()[-6000:], file=sys.stderr)
        self.folder.cleanup()
