#!/usr/bin/env python3
"""A machine sets itself up by a seed: from a FAT volume and a CD, with errors first, and from SMBIOS.

    seed_story.py IMAGE_FOLDER
"""

import base64
import json
import os
import subprocess
import sys
import unittest

from machine import Machine, disk_options, fresh_disk
from panel import Panel
from starting import ACT_S, START_S, ImageTest, newest_image

PASSWORD = "quiet harbour under seven lamps"
SEED = {"hostname": "box-7", "time": {"time_zone": "Europe/Vienna"},
        "network": {"links": [{"name": "uplink", "ipv6": {"method": "off"}}]},
        "administrator": {"name": "maria", "password": PASSWORD}}


class Seed(ImageTest):
    def setUp(self):
        super().setUp()
        self.disk = fresh_disk(newest_image(self.images), self.folder.name)

    def volume(self, seed):
        """QEMU's options for a FAT volume labelled BERTHSEED with this seed."""
        image, file = os.path.join(self.folder.name, "seed.img"), os.path.join(self.folder.name, "berth.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump(seed, out)
        subprocess.run(["mkfs.fat", "-C", "-n", "BERTHSEED", image, "4096"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["mcopy", "-i", image, file, "::/berth.json"], check=True)
        return ["-drive", f"file={image},format=raw,if=none,id=seed", "-device", "virtio-blk-pci,drive=seed"]

    def disc(self, seed):
        """QEMU's options for a CD labelled BERTHSEED with this seed, as a server's remote management offers one."""
        image, folder = os.path.join(self.folder.name, "seed.iso"), os.path.join(self.folder.name, "disc")
        os.mkdir(folder)
        with open(os.path.join(folder, "berth.json"), "w", encoding="utf-8") as out:
            json.dump(seed, out)
        subprocess.run(["genisoimage", "-quiet", "-R", "-V", "BERTHSEED", "-o", image, folder], check=True)
        return ["-drive", f"file={image},format=raw,if=none,id=disc,media=cdrom,readonly=on", "-device", "ide-cd,drive=disc,id=cd"]

    def check_is_set_up(self, machine):
        panel = Panel(machine, machine_fingerprint(machine))
        self.assertFalse(panel.call("GET", "/setup", seconds=ACT_S)["needed"])
        panel.call("POST", "/sessions", {"name": "maria", "password": PASSWORD})
        self.assertEqual(machine.run("hostname"), "box-7")
        self.assertRegex(machine.run("date +%Z"), "^CES?T$")
        panel.wait_for("IPv6 to go", lambda: "fec0" not in machine.run("ip -6 -o addr show"), ACT_S)
        self.assertEqual(machine.run("journalctl -b | grep -c 'seven lamps'"), "0")
        self.assertEqual(machine.run("systemctl --failed --plain --no-legend"), "")

    def page(self, machine, first):
        """The console's page whose line about the seed begins with this, once it says so."""
        return machine.expect(rf"(?s)Seed: +{first}.*?Press Enter", START_S)[0]

    def again(self, machine):
        """What becomes of the seed that is there now."""
        return machine.run("systemctl restart berth-seed; cat /run/berth-seed/told", ACT_S)

    def test_volume_with_errors_and_without(self):
        wrong = dict(SEED, network={"links": [{"name": "uplink", "ipv4": {"method": "fixed", "address": "192.0.2.300"}}]}, colour="red")
        # A BIOS may try no second disk: the machine's own is the first.
        with Machine(self.folder.name, None, options=[*disk_options(self.disk, boot_order=0), *self.volume(wrong)]) as machine:
            page = self.page(machine, "from the volume BERTHSEED: refused, nothing of it holds")
            self.assertRegex(page, r"(?m)^Seed: +/colour: \w+")
            machine.run("systemctl is-active berth-seed.service")
            self.assertEqual(machine.run("hostname"), "berth", "nothing of it holds")
            self.assertTrue(Panel(machine, machine_fingerprint(machine)).call("GET", "/setup", seconds=ACT_S)["needed"])
            del wrong["colour"]
            self.rewrite(machine, wrong)
            self.assertIn("refused", self.again(machine))
            self.assertRegex(self.page(machine, "/network"), r"^Seed: +/network/links/0/ipv4/address: \w+")
            self.rewrite(machine, SEED)
            self.assertIn("from the volume BERTHSEED: done", self.again(machine))
            self.page(machine, "from the volume BERTHSEED: done")
            self.check_is_set_up(machine)
            self.assertIn("used before", self.again(machine))
            self.rewrite(machine, dict(SEED, hostname="other"))
            self.assertIn("is set up", self.again(machine))
            self.assertEqual(machine.run("hostname"), "box-7")
            self.assertEqual(machine.run("findmnt -nlo TARGET /dev/disk/by-label/BERTHSEED"), "")

    def rewrite(self, machine, seed):
        text = base64.b64encode(json.dumps(seed).encode()).decode()
        machine.run("mkdir -p /run/stick; mount /dev/disk/by-label/BERTHSEED /run/stick;"
                    f"echo {text} | base64 -d >/run/stick/berth.json; umount /run/stick", ACT_S)

    def test_disc_and_smbios(self):
        value = base64.b64encode(json.dumps(SEED).encode()).decode()
        wrong = dict(SEED, administrator={"name": "maria", "password": "brief"})
        with Machine(self.folder.name, self.disk,
                     options=[*self.disc(wrong), "-smbios", f"type=11,value=io.systemd.credential.binary:berth.seed={value}"]) as machine:
            page = self.page(machine, "from the volume BERTHSEED: refused")
            self.assertRegex(page, r"(?m)^Seed: +/administrator/password: \w+")
            self.assertNotIn("brief", page)
            machine.monitor("eject -f disc")
            self.assertEqual(machine.run("while [ -e /dev/disk/by-label/BERTHSEED ]; do sleep 1; done; echo gone", ACT_S), "gone")
            self.assertIn("from the firmware (SMBIOS): done", self.again(machine))
            self.page(machine, r"from the firmware \(SMBIOS\): done")
            self.check_is_set_up(machine)


def machine_fingerprint(machine):
    return machine.run("sed -n 's/^fingerprint: //p' /run/berth/greeting")


if __name__ == "__main__":
    ImageTest.images = sys.argv.pop(1)
    unittest.main(verbosity=2)
