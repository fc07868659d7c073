#!/usr/bin/env python3
"""/grub/mirror, by which GRUB knows a mirrored pair of disks: whole whenever the power goes, and there again after it was lost."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "rootfs", "overlay", "usr", "lib", "berth", "appliance")
NUMBER = "0123456789abcdef0123456789ab"
# At the CUT-th program that changes a file the power goes, and what it was writing is torn.
SHIM = """#!/bin/sh
count=$(($(cat "$CUT_COUNT") + 1))
echo "$count" >"$CUT_COUNT"
if [ "$count" = "$CUT" ]; then
  case {name},$2 in cp,* | grub-editenv,set) for last in "$@"; do [ "$last" = "$1" -a {name} = cp ] || [ ! -f "$last" ] || : >"$last"; done ;; esac
  kill -KILL -$(ps -o pgid= -p $$ | tr -d ' ')
fi
exec {real} "$@"
"""


class MirrorMark(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="berth-mirror.")
        for name in ("shims", "efi/grub", "run/berth-esp-2/grub", "proc", "dev"):
            os.makedirs(self.path(name))
        for number in (3, 4, 5, 6):
            self.write(f"sys/class/block/md{number}/md/degraded", "1\n")
            self.write(f"sys/class/block/md{number}/md/sync_action", "idle\n")
        self.write("proc/cmdline", f"root=/dev/md3 berth.mirror={NUMBER} berth.esp=1234 rauc.slot=A\n")
        self.shim("mountpoint", "#!/bin/sh\nexit 1\n")
        self.mark("efi", "turn=4")
        self.mark("run/berth-esp-2", "turn=4")

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def shim(self, name, text):
        self.write(f"shims/{name}", text)
        os.chmod(self.path(f"shims/{name}"), 0o755)

    def mark(self, esp, turn):
        file = self.path(f"{esp}/grub/mirror")
        subprocess.run(["grub-editenv", file, "create"], check=True)
        subprocess.run(["grub-editenv", file, "set", f"mirror={NUMBER}", turn], check=True)

    def marked(self, esp="efi"):
        listed = subprocess.run(["grub-editenv", self.path(f"{esp}/grub/mirror"), "list"], check=False, capture_output=True, text=True)
        return listed.stdout.split() if listed.returncode == 0 else None

    def environment(self, **more):
        return {**os.environ, "PATH": self.path("shims") + ":" + os.environ["PATH"], "BERTH_ROOT": self.folder.name, **more}

    def run_mirror(self, **more):
        return subprocess.run(["sh", os.path.join(FOLDER, "mirror")], env=self.environment(**more), capture_output=True, text=True,
                              check=False, start_new_session=True)

    def function(self, words):
        return subprocess.run(["sh", "-c", f'. "{FOLDER}/mirror.sh"; {words}'], env=self.environment(), capture_output=True, text=True,
                              check=False)

    def test_a_degraded_mirror_goes_on_alone_once(self):
        for _ in range(2):
            done = self.run_mirror()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.marked(), [f"mirror={NUMBER}", "turn=5"])
        self.assertEqual(self.marked("run/berth-esp-2"), [f"mirror={NUMBER}", "turn=4"])
        with open(self.path("run/berth-mirror"), encoding="utf-8") as said:
            self.assertIn("DEGRADED", said.read())

    def test_the_mark_is_whole_whenever_the_power_goes(self):
        for name in ("cp", "mv", "sync", "rm", "grub-editenv"):
            self.shim(name, SHIM.format(name=name, real=shutil.which(name)))
        ends = set()
        for cut in range(1, 100):
            self.mark("efi", "turn=4")
            shutil.rmtree(self.path("run"), ignore_errors=True)
            os.makedirs(self.path("run/berth-esp-2/grub"))
            self.write("count", "0")
            done = self.run_mirror(CUT=str(cut), CUT_COUNT=self.path("count"))
            if done.returncode == 0:
                break
            ends.add(tuple(self.marked() or ("unreadable",)))
        self.assertEqual(done.returncode, 0)
        self.assertEqual(ends, {(f"mirror={NUMBER}", "turn=4"), (f"mirror={NUMBER}", "turn=5")})

    def test_a_lost_mark_comes_back_newer_than_any(self):
        for lost in (None, ""):
            if lost is None:
                os.unlink(self.path("efi/grub/mirror"))
            else:
                self.write("efi/grub/mirror", lost)
            shutil.rmtree(self.path("run"))
            os.makedirs(self.path("run/berth-esp-2/grub"))
            self.mark("run/berth-esp-2", "turn=7")
            done = self.run_mirror()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.marked(), [f"mirror={NUMBER}", "turn=9"], "one more for the mark, one for going on alone")

    def test_what_grub_did_not_say_is_found_in_the_superblock(self):
        for uuid, member in (("01234567:89abcdef:01234567:89ab0005", NUMBER), ("01234567:89abcdef:01234567:89ab0002", ""),
                             ("01234567:89abcdef:01234567:89ab1234", ""), ("", "")):
            self.shim("mdadm", f"#!/bin/sh\n[ -z '{uuid}' ] || echo MD_LEVEL=raid1 MD_UUID={uuid} | tr ' ' '\\n'\n")
            said = self.function("mirror_member /dev/sda5")
            self.assertEqual((said.stdout.strip(), said.returncode == 0), (member, member != ""))
        self.write("proc/cmdline", "root=PARTUUID=abcd rauc.slot=A\n")
        self.assertEqual(self.function("mirror_number").stdout, "")
        self.write("run/berth-mirror-found", f"berth.mirror={NUMBER} berth.esp=77\n")
        self.assertEqual(self.function("mirror_number; argument berth.esp; argument root").stdout.split(), [NUMBER, "77", "PARTUUID=abcd"])


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main(verbosity=2)
