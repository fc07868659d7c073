#!/usr/bin/env python3
"""The second copy of the essential settings: whenever the power is cut, what is restored is one whole state of them, or nothing."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(__file__), "..", "..", "rootfs", "overlay", "usr", "lib", "berth", "appliance", "persistent.sh")
# At the CUT-th program that changes a file the power goes: before it, or in the midst of it.
SHIM = """#!/bin/sh
count=$(($(cat "$CUT_COUNT") + 1))
echo "$count" >"$CUT_COUNT"
if [ "$count" = "$CUT" ]; then
  if [ "$CUT_HOW,{name}" = torn,tar ]; then
    {real} "$@"
    [ ! -e "$TORN" ] || {{ rm -rf "$TORN/hostname"; }}
  fi
  kill -KILL -$(ps -o pgid= -p $$ | tr -d ' ')
fi
exec {real} "$@"
"""


class SettingsCopy(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="berth-settings.")
        self.config, self.esp = self.path("config"), self.path("esp")
        os.makedirs(self.path("shims"))
        for name in ("tar", "mv", "rm", "mkdir", "sync", "sha256sum"):
            with open(self.path("shims", name), "w", encoding="utf-8") as shim:
                shim.write(SHIM.format(name=name, real=shutil.which(name)))
            os.chmod(self.path("shims", name), 0o755)
        self.settings("one")

    def tearDown(self):
        self.folder.cleanup()

    def path(self, *names):
        return os.path.join(self.folder.name, *names)

    def settings(self, word):
        os.makedirs(os.path.join(self.config, "etc", "berth"), exist_ok=True)
        for name in ("hostname", "berth/network.json"):
            with open(os.path.join(self.config, "etc", name), "w", encoding="utf-8") as file:
                file.write(word)

    def run_script(self, function, cut=0, how="before"):
        """True when it ended by itself."""
        with open(self.path("count"), "w", encoding="utf-8") as file:
            file.write("0")
        environment = dict(os.environ, PATH=self.path("shims") + ":/usr/sbin:/usr/bin:/sbin:/bin", CUT=str(cut), CUT_HOW=how,
                           CUT_COUNT=self.path("count"), TORN=os.path.join(self.config, "restored", "etc"))
        done = subprocess.run(["sh", "-c", f'. "$1"; {function} "$2" "$3"', "sh", SCRIPT, self.config, self.esp], env=environment,
                              start_new_session=True, capture_output=True, check=False)
        return done.returncode >= 0

    def held(self):
        """What is in the config partition: the word of each of its files."""
        found = []
        for name in ("hostname", "berth/network.json"):
            path = os.path.join(self.config, "etc", name)
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    found.append(file.read())
        return found

    def lose(self):
        shutil.rmtree(os.path.join(self.config, "etc"))

    def test_a_cut_while_saving_leaves_the_state_before_or_after(self):
        cuts = 0
        for cut in range(1, 30):
            shutil.rmtree(self.esp, ignore_errors=True)
            self.settings("one")
            self.assertTrue(self.run_script("save_settings"))
            self.settings("two")
            ended = self.run_script("save_settings", cut=cut)
            self.lose()
            self.assertTrue(self.run_script("restore_settings"))
            self.assertIn(self.held(), (["two", "two"],) if ended else (["one", "one"], ["two", "two"]), cut)
            cuts += not ended
            self.assertTrue(self.run_script("save_settings"), "the next start saves them anew")
        self.assertGreater(cuts, 7)

    def test_a_cut_while_restoring_is_done_again(self):
        self.assertTrue(self.run_script("save_settings"))
        cuts = 0
        for how in ("before", "torn"):
            for cut in range(1, 12):
                self.lose()
                cuts += not self.run_script("restore_settings", cut=cut, how=how)
                self.assertIn(self.held(), ([], ["one", "one"]), (cut, how))
                self.assertTrue(self.run_script("restore_settings"))
                self.assertEqual(self.held(), ["one", "one"], (cut, how))
        self.assertGreater(cuts, 6)

    def test_a_copy_that_is_not_whole_is_none(self):
        self.assertTrue(self.run_script("save_settings"))
        archive = os.path.join(self.esp, "now", "settings.tar")
        with open(archive, "r+b") as file:
            file.seek(700)
            file.write(b"X")
        self.lose()
        self.assertTrue(self.run_script("restore_settings"))
        self.assertEqual(self.held(), [])

    def test_settings_that_are_there_are_kept(self):
        self.assertTrue(self.run_script("save_settings"))
        self.settings("two")
        self.assertTrue(self.run_script("restore_settings"))
        self.assertEqual(self.held(), ["two", "two"])


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main(verbosity=2)
