#!/usr/bin/env python3
"""A machine sets itself up by a seed: from a FAT volume, with errors first, and from SMBIOS.

    seed_story.py IMAGE_FOLDER
"""

import base64
import json
import os
import subprocess
import sys
import unittest

from machine import Machine, fresh_disk
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

    def check_is_set_up(self, machine):
        panel = Panel(machine, machine_fingerprint(machine))
        self.assertFalse(panel.call("GET", "/setup", seconds=ACT_S)["needed"])
        panel.call("POST", "/sessions", {"name": "maria", "password": PASSWORD})
        self.assertEqual(machine.run("hostname"), "box-7")
        self.assertRegex(machine.run("date +%Z"), "^CES?T$")
        self.assertNotIn("fec0", machine.run("ip -6 -o addr show"))
        self.assertEqual(machine.run("journalctl -b | grep -c 'seven lamps'"), "0")
        self.assertEqual(machine.run("systemctl --failed --plain --no-legend"), "")

    def test_volume_with_errors_and_without(self):
        wrong = dict(SEED, network={"links": [{"name": "uplink", "ipv4": {"method": "fixed", "address": "192.0.2.300"}}]}, colour="red")
        with Machine(self.folder.name, self.disk, options=self.volume(wrong)) as machine:
            page = machine.expect(r"(?s)Seed: +from the volume BERTHSEED: refused.*?Press Enter", START_S)[0]
            self.assertIn("/colour: ", page)
            machine.run("systemctl is-active berth-seed.service")
            self.assertEqual(machine.run("hostname"), "berth", "nothing of it holds")
            self.assertTrue(Panel(machine, machine_fingerprint(machine)).call("GET", "/setup", seconds=ACT_S)["needed"])
            self.rewrite(machine, dict(wrong, **{"colour": None}))
            self.assertIn("/colour", machine.run("systemctl restart berth-seed; cat /run/berth-seed/told", ACT_S))
            del wrong["colour"]
            self.rewrite(machine, wrong)
            self.assertIn("/network/links/0/ipv4/address", machine.run("systemctl restart berth-seed; cat /run/berth-seed/told", ACT_S))
            self.rewrite(machine, SEED)
            self.assertIn("from the volume BERTHSEED: done", machine.run("systemctl restart berth-seed; cat /run/berth-seed/told", ACT_S))
            self.check_is_set_up(machine)
            self.assertIn("used before", machine.run("systemctl restart berth-seed; cat /run/berth-seed/told", ACT_S))
            self.rewrite(machine, dict(SEED, hostname="other"))
            self.assertIn("is set up", machine.run("systemctl restart berth-seed; cat /run/berth-seed/told", ACT_S))
            self.assertEqual(machine.run("hostname"), "box-7")
            self.assertEqual(machine.run("findmnt -nlo TARGET /dev/disk/by-label/BERTHSEED"), "")

    def rewrite(self, machine, seed):
        text = base64.b64encode(json.dumps(seed).encode()).decode()
        machine.run("mkdir -p /run/stick; mount /dev/disk/by-label/BERTHSEED /run/stick;"
                    f"echo {text} | base64 -d >/run/stick/berth.json; umount /run/stick", ACT_S)

    def test_smbios(self):
        value = base64.b64encode(json.dumps(SEED).encode()).decode()
        with Machine(self.folder.name, self.disk,
                     options=["-smbios", f"type=11,value=io.systemd.credential.binary:berth.seed={value}"]) as machine:
            machine.expect(r"Seed: +from the firmware \(SMBIOS\): done", START_S)
            self.check_is_set_up(machine)


def machine_fingerprint(machine):
    return machine.run("sed -n 's/^fingerprint: //p' /run/berth/greeting")


if __name__ == "__main__":
    ImageTest.images = sys.argv.pop(1)
    unittest.main(verbosity=2)
