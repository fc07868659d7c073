#!/usr/bin/env python3
"""The image starts on both firmwares, is what it promises to be, runs guests that are back after a restart, and forgets what it is
told to forget.

    boot_test.py IMAGE_FOLDER     (build/image; the newest image of qemu-x86_64 below it)
"""

import re
import sys
import unittest

from machine import Machine, fresh_disk
from panel import Panel
from starting import ACT_S, ImageTest, banner, newest_image



class Boot(ImageTest):
    def setUp(self):
        super().setUp()
        self.disk = fresh_disk(newest_image(self.images), self.folder.name)

    def test_bios_first_start_guests_and_resets(self):
        with Machine(self.folder.name, self.disk) as machine:
            fingerprint, code = banner(machine)
            self.assertIsNotNone(code, "a fresh machine shows its set-up code")
            panel = Panel(machine, fingerprint)
            panel.set_up(code)
            self.check_system(machine)
            self.check_units(machine)
            servers = [panel.create("box", "tiny", ACT_S), panel.create("vm", "tiny-vm", ACT_S)]
            self.check_confinement(machine)
            machine.run("systemctl restart berth-engine", ACT_S)
            self.wait_until_running(panel, servers, "after the engine's restart")
            self.rename(panel, "harbour")
            self.reset(panel, "settings", "harbour")
            machine.expect("GNU GRUB", ACT_S)
            again, code = banner(machine)
            self.assertEqual(again, fingerprint, "the certificate is kept")
            self.assertIsNone(code, "the people are kept")
            self.wait_until_running(panel, servers, "after the machine's restart")
            self.assertEqual(machine.run("hostname"), "berth")
            self.assertEqual(machine.run("systemctl --failed --plain --no-legend"), "")
            self.reset(panel, "everything", "berth")
            machine.expect("GNU GRUB", ACT_S)
            again, code = banner(machine)
            self.assertNotEqual(again, fingerprint)
            self.assertIsNotNone(code, "it is as new")
            self.assertEqual(machine.run("ls -A /var/lib/berth-engine/guests"), "")

    @staticmethod
    def rename(panel, name):
        panel.job_done(panel.call("PUT", "/machine/hostname", {"hostname": name})["job"]["id"], ACT_S)

    @staticmethod
    def reset(panel, scope, name):
        panel.call("POST", "/machine/factory-reset", {"scope": scope, "confirm": name})

    def wait_until_running(self, panel, servers, when):
        for server in servers:
            panel.wait_for(f"{server} {when}", lambda: panel.call("GET", f"/servers/{server}").get("state") == "running", ACT_S)

    def check_confinement(self, machine):
        """A guest's processes are held by more than its own kernel or namespaces."""
        qemu = machine.run("cat /proc/$(pgrep -of '^/usr/bin/qemu-system-x86_64.*guest=')/attr/current")
        self.assertRegex(qemu, r"^libvirt-[0-9a-f-]{36} \(enforce\)$")
        group = "/sys/fs/cgroup/system.slice/berth-engine.service/berth"
        limit = machine.run(f"cat {group}/*/memory.max")
        self.assertTrue(limit.isdigit(), limit)
        process = machine.run(f"find {group} -name cgroup.procs -exec cat {{}} + | head -n1")
        self.assertEqual(machine.run(f"cat /proc/{process}/attr/current"), "berth-container (enforce)")
        status = machine.run(f"cat /proc/{process}/status")
        self.assertRegex(status, r"NoNewPrivs:\s+1")
        self.assertRegex(status, r"Seccomp:\s+2")
        self.assertGreaterEqual(int(re.search(r"Uid:\s+(\d+)", status)[1]), 0x70000000, "root of a container is nobody outside")

    def test_uefi(self):
        with Machine(self.folder.name, self.disk, uefi=True) as machine:
            fingerprint, code = banner(machine)
            self.assertIsNotNone(code)
            self.assertTrue(Panel(machine, fingerprint).call("GET", "/setup", seconds=ACT_S)["needed"])
            self.assertEqual(machine.run("test -d /sys/firmware/efi && echo uefi"), "uefi")
            self.assertRegex(machine.run("journalctl -kb | grep -i 'secure boot'"), "(?i)secure boot enabled")

    def check_system(self, machine):
        self.assertEqual(machine.run("systemctl is-system-running --wait", ACT_S), "running",
                         machine.run("systemctl --failed --plain --no-legend"))
        self.assertRegex(machine.run("findmnt -no FSTYPE,OPTIONS /"), r"^squashfs\s+ro\b")
        self.assertRegex(machine.run("findmnt -no FSTYPE /data"), r"^xfs$")
        self.assertGreater(int(machine.run("findmnt -bno SIZE /data")), 5 << 30, "data has grown to the disk")
        self.assertRegex(machine.run("touch /etc/drift"), "Read-only file system")
        for copy in ("/efi/grub/grubenv", "/config/grubenv"):
            environment = machine.run(f"grub-editenv {copy} list")
            self.assertIn("A_OK=1", environment)
            self.assertIn("A_TRY=0", environment, "a slot that works is called good")
        self.assertEqual(machine.run("passwd -S root").split()[1], "L", "no password opens anything")
        self.assertEqual(machine.run("stat -c '%U %a' /data/updates"), "root 700")
        # One socket for both protocols, and nobody else hears what comes from outside; guests' resolver has their gateway's address.
        self.assertEqual(machine.run("ss -Hltn | awk '{print $4}' | grep -Ev '^(127\\.|\\[::1\\]:|[1-9][0-9.]*:53$)' | sort -u"), "*:443")
        texts = "LICENSE civetweb/LICENSE.md npm/@novnc/novnc/LICENSE.txt"
        self.assertEqual(machine.run(f"cd /usr/share/doc/berth && ls {texts} | wc -l"), "3", "the licences of what is in it")
        self.assertIn("aa-profiles", machine.run("[ $(wc -l </sys/kernel/security/apparmor/profiles) -gt 3 ] && echo aa-profiles"))

    def check_units(self, machine):
        for unit, most in (("berthd.service", 2.0), ("berth-engine.service", 5.0)):
            text = machine.run(f"systemd-analyze security --no-pager {unit} | grep Overall")
            exposure = float(re.search(r": ([0-9.]+) ", text)[1])
            print(f"{unit}: exposure {exposure}")
            self.assertLessEqual(exposure, most, unit)
        self.assertEqual(machine.run("wc -c < /run/credentials/berthd.service/berth-master-key"), "32")
        self.assertEqual(machine.run("ls /var/lib/berth/master.key"), "ls: cannot access '/var/lib/berth/master.key': No such file or directory")
        status = machine.run("cat /proc/$(systemctl show -P MainPID berthd)/status")
        self.assertRegex(status, r"CapEff:\s+0{16}")
        self.assertRegex(status, r"CapBnd:\s+0{16}")
        self.assertRegex(status, r"Uid:\s+940\b")
        used = int(machine.run("free -m | awk '/^Mem/ {print $3}'"))
        print(f"memory used without guests: {used} MB")
        self.assertLessEqual(used, 350)


if __name__ == "__main__":
    ImageTest.images = sys.argv.pop(1)
    unittest.main(verbosity=2)
