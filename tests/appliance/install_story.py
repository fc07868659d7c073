#!/usr/bin/env python3
"""The installer, from its medium to a machine that starts: over the serial port, to a mirrored pair of disks, with what must be refused.

    install_story.py IMAGE_FOLDER [long]     (build/image; the newest installer of qemu-x86_64 below it)

`long` adds what takes another quarter of an hour: one disk by a seed that then sets the machine up, power that fails while it is written,
both firmwares, either disk of a mirror missing, and a disk that comes back.
"""

import json
import os
import re
import subprocess
import sys
import time
import unittest

from machine import Machine, add_shell, disk_options
from panel import Panel
from starting import ImageTest, banner, newest_image

# Deadlines, not expectations: an emulated machine beside other tests on two cores.
START_S, ACT_S = 900, 900
LONG = sys.argv[2:3] == ["long"]
GIB = 1 << 30
DEGRADED_PAGE = r"(?s)THE MIRROR IS DEGRADED.*panel and engine answer.*Press Enter for the console"
PASSWORD = "quiet harbour under seven lamps"


def medium(folder):
    """The installer's medium, with a root shell on the second serial port. QEMU gets it read-only."""
    newest = newest_image(ImageTest.images, "installer-qemu-x86_64")
    path = os.path.join(folder, "medium.img")
    subprocess.run(["cp", "--reflink=auto", "--sparse=always", newest, path], check=True)
    add_shell(path)
    return path


def empty_disk(folder, name, size):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def is_blank(path):
    """Nothing but holes and zeros."""
    return subprocess.run(["cmp", "--silent", "--bytes", str(os.path.getsize(path)), path, "/dev/zero"], check=False).returncode == 0


def table(disk):
    return json.loads(subprocess.run(["sfdisk", "--json", disk], capture_output=True, text=True, check=True).stdout)["partitiontable"]


class Installation(ImageTest):
    def installer(self, disks, uefi=False):
        """The machine with the medium and these disks: {serial: path}."""
        if not hasattr(self, "medium"):
            self.medium = medium(self.folder.name)
        options = ["-no-reboot", *disk_options(self.medium, "medium", "MEDIUM", 0, "snapshot=on")]
        for number, (serial, path) in enumerate(disks.items()):
            options += disk_options(path, f"d{number}", serial, number + 1, "discard=unmap,detect-zeroes=unmap")
        return Machine(self.folder.name, None, uefi, 1024, options)

    def installed(self, disks, uefi=False, options=()):
        options = list(options)
        for number, path in enumerate(disks):
            options += disk_options(path, f"d{number}", f"DISK{os.path.basename(path)[0].upper()}", number)
        return Machine(self.folder.name, None, uefi, 2048, options)

    def check_running(self, machine):
        self.assertEqual(machine.run("systemctl is-system-running --wait", ACT_S), "running",
                         machine.run("systemctl --failed --plain --no-legend"))
        self.assertRegex(machine.run("findmnt -no FSTYPE /data"), r"^xfs$")
        self.assertIn("A_TRY=0", machine.run("grub-editenv /efi/grub/grubenv list"))

    def choose(self, machine, number, then):
        machine.expect("Choose: ", ACT_S)
        machine.type(str(number))
        return machine.expect(then, ACT_S)

    def row(self, machine, name):
        """The number that the disk whose line names it has in the list that is shown next."""
        machine.expect("Which (second )?disk\\?", ACT_S)
        text = machine.expect(r"(?s)(.*?)\n +0  Back", ACT_S)[1]
        return int(re.search(rf"(?m)^ *(\d+)  .*{name}\b", text)[1])

    def flip_bit(self, machine):
        """In the middle of the starter images, on the medium as this machine sees it (QEMU keeps it to itself)."""
        return machine.run(
            "at=$(($(blockdev --getsize64 /dev/berth/payload) / 2)); was=$(dd if=/dev/berth/payload bs=1 count=1 skip=$at 2>/dev/null | od -An -tu1);"
            " printf \"\\\\$(printf %o $((was ^ 1)))\" | dd of=/dev/berth/payload bs=1 seek=$at conv=notrunc,fsync 2>/dev/null;"
            " echo 3 >/proc/sys/vm/drop_caches; echo flipped")

    def test_mirror_over_two_disks_at_the_serial_port(self):
        small = empty_disk(self.folder.name, "small.img", GIB)
        used = empty_disk(self.folder.name, "used.img", 4 * GIB)
        subprocess.run(["mkfs.ext4", "-q", "-L", "precious", used], check=True)
        disks = {"SMALL": small, "USED": used, "ONE": empty_disk(self.folder.name, "a.img", 4 * GIB),
                 "TWO": empty_disk(self.folder.name, "b.img", 5 * GIB)}
        with open(used, "rb") as file:
            before = file.read(16 << 20)
        with self.installer(disks) as machine:
            self.refuses(machine)
            self.assertTrue(is_blank(disks["ONE"]), "nothing was written before the medium was checked")
            self.install_mirror(machine)
        with open(used, "rb") as file:
            self.assertEqual(file.read(16 << 20), before, "a disk that nobody named is left alone")
        self.assertTrue(is_blank(small))
        self.check_tables(disks["ONE"], disks["TWO"])
        self.check_mirror([disks["ONE"], disks["TWO"]])
        self.check_degraded(disks["TWO"], "kept")
        if LONG:
            self.check_return(disks["ONE"], disks["TWO"])
            self.check_degraded(disks["ONE"], "newer", uefi=True)

    @unittest.skipUnless(LONG, "part of: long")
    def test_one_disk_by_a_seed_although_the_power_fails(self):
        seed = self.seed({"install": {"disk": "only-empty", "then": "power_off"}, "hostname": "box-7",
                          "administrator": {"name": "maria", "password": PASSWORD}})
        disk = empty_disk(self.folder.name, "a.img", 4 * GIB)
        disks = {"ONE": disk, "SEED": seed}
        with self.installer(disks, uefi=True) as machine:
            machine.expect("The seed asks for Berth on vd", START_S)
            machine.expect("Writing: 50 %", ACT_S)
            machine.kill()
        self.check_half_written(disk)
        with self.installer(disks) as machine:
            machine.expect("The seed asks for Berth on vd", START_S)
            machine.expect("All of it was read back", ACT_S)
            machine.wait_off(ACT_S)
        with self.installer(disks) as machine:
            machine.expect("no disk is", START_S)  # empty: a medium left in the machine does not install for ever
        add_shell(disk)
        self.check_set_up_by_seed(disk, seed)
        with self.installed([disk], uefi=True) as machine:
            banner(machine)
            self.check_running(machine)
            machine.run("systemctl poweroff --no-block")
            machine.wait_off(ACT_S)

    def seed(self, answers):
        volume = os.path.join(self.folder.name, "seed.img")
        subprocess.run(["mkfs.fat", "-C", "-n", "BERTHSEED", volume, "1440"], check=True, stdout=subprocess.DEVNULL)
        with open(volume + ".json", "w", encoding="utf-8") as file:
            json.dump(answers, file)
        subprocess.run(["mcopy", "-i", volume, volume + ".json", "::berth.json"], check=True)
        return volume

    def check_half_written(self, disk):
        self.assertFalse(is_blank(disk))
        with open(disk, "rb") as file:
            self.assertEqual(file.read(1 << 20), bytes(1 << 20), "no firmware finds anything to start")
            file.seek(-(1 << 20), os.SEEK_END)
            self.assertEqual(file.read(), bytes(1 << 20), "nor a second copy of a table")

    def check_set_up_by_seed(self, disk, seed):
        with self.installed([disk], options=disk_options(seed, "seed", "SEED", 1)) as machine:
            machine.expect("Seed: +from the volume BERTHSEED: done", START_S)
            panel = Panel(machine, machine.run("sed -n 's/^fingerprint: //p' /run/berth/greeting"))
            panel.call("POST", "/sessions", {"name": "maria", "password": PASSWORD}, ACT_S)
            self.assertEqual(machine.run("hostname"), "box-7")
            self.assertEqual(machine.run("cat /proc/mdstat | grep -c active"), "0")
            self.assertIn("ORDER=", machine.run("grub-editenv /config/grubenv list"))
            self.assertEqual(machine.run("systemctl is-system-running --wait", ACT_S), "running")
            machine.run("systemctl poweroff --no-block")
            machine.wait_off(ACT_S)

    def refuses(self, machine):
        machine.expect("Install Berth", START_S)
        machine.expect(r"serial USED; holds ext4 \(precious\)", ACT_S)
        self.choose(machine, 1, "")
        number = self.row(machine, "serial SMALL")
        self.choose(machine, number, "cannot be used: it is too small")
        number = int(re.search(r"(?m)^ *(\d+)  .*serial USED", machine.expect(r"(?s)(.*?)\n +0  Back", ACT_S)[1])[1])
        self.choose(machine, number, "ALL OF IT WILL BE GONE")
        machine.expect("type its name", ACT_S)
        machine.type("yes")
        machine.expect("That is not its name. Nothing was changed.", ACT_S)
        self.assertIn("flipped", self.flip_bit(machine))
        self.choose(machine, 1, "")
        self.choose(machine, self.row(machine, "serial ONE"), "Write Berth to")
        machine.type("yes")
        machine.expect("the medium is damaged", ACT_S)
        machine.expect("Press Enter", ACT_S)
        self.assertIn("flipped", self.flip_bit(machine))
        machine.type("")

    def install_mirror(self, machine):
        began = time.monotonic()
        self.choose(machine, 2, "")
        self.choose(machine, self.row(machine, "serial ONE"), "")
        self.choose(machine, self.row(machine, "serial TWO"), "Write Berth to")
        machine.type("yes")
        machine.expect("Making the mirror", ACT_S)
        machine.expect("Remove the medium", ACT_S)
        print(f"installed on two disks in {time.monotonic() - began:.0f} s")
        machine.expect("Press Enter", ACT_S)
        machine.type("")
        machine.wait_off(ACT_S)

    def check_tables(self, one, two):
        first, second = table(one), table(two)
        image = table(newest_image(ImageTest.images))
        names = [[p["uuid"] for p in t["partitions"]] + [t["id"]] for t in (first, second, image)]
        self.assertEqual(len(set(sum(names, []))), len(sum(names, [])), "no disk has the numbers of another")
        for made in (first, second):
            self.assertEqual([p["name"] for p in made["partitions"]], [p["name"] for p in image["partitions"]])
            self.assertTrue(all(p["start"] % 2048 == 0 for p in made["partitions"]))
        self.assertEqual(first["partitions"][-1]["size"], second["partitions"][-1]["size"], "the smaller disk decides")

    def check_mirror(self, disks):
        for disk in disks:
            add_shell(disk)
        with self.installed(disks) as machine:
            banner(machine)
            self.check_running(machine)
            for name in ("root-a", "root-b", "config", "data"):
                state = machine.run(f"cat /sys/class/block/$(basename $(readlink -f /dev/berth/{name}))/md/level /sys/class/block/$(basename $(readlink -f /dev/berth/{name}))/md/degraded | xargs")
                self.assertEqual(state, "raid1 0", name)
            self.assertRegex(machine.run("readlink -f $(findmnt -no SOURCE /)"), r"^/dev/md3$")
            copies = [machine.run(f"sha256sum <{path}/grub/grubenv") for path in ("/efi", "/run/berth-esp-2")]
            self.assertEqual(copies[0], copies[1], "both ESPs have the same boot environment")
            self.assertEqual(machine.run("systemctl is-active berth-mirror; cat /run/berth-mirror 2>/dev/null"), "active")
            machine.run("echo kept >/data/marker; sync")
            machine.run("systemctl poweroff --no-block")
            machine.wait_off(ACT_S)

    def check_degraded(self, disk, marker, uefi=False):
        with self.installed([disk], uefi) as machine:
            machine.expect(DEGRADED_PAGE, START_S)
            self.check_running(machine)
            self.assertEqual(machine.run("cat /data/marker"), marker)
            machine.run("echo newer >/data/marker; sync")
            self.assertEqual(machine.run("cat /sys/class/block/md*/md/degraded | xargs"), "1 1 1 1")
            machine.run("systemctl poweroff --no-block")
            machine.wait_off(ACT_S)

    def check_return(self, away, ahead):
        """The disk that was away is the firmware's first: the machine goes by the other one until it has caught up."""
        with self.installed([away, ahead]) as machine:
            machine.expect(DEGRADED_PAGE, START_S)
            self.check_running(machine)
            self.assertEqual(machine.run("cat /data/marker"), "newer")
            self.assertEqual(machine.run("lsblk -no SERIAL /dev/$(lsblk -no PKNAME $(readlink -f /dev/berth/esp))").split()[0], "DISKB")
            machine.run("/usr/lib/berth/appliance/mirror rejoin")
            machine.run("for a in /dev/md[3-6]; do mdadm --wait $a; done; /usr/lib/berth/appliance/mirror", ACT_S)
            self.assertEqual(machine.run("cat /sys/class/block/md*/md/degraded | xargs"), "0 0 0 0")
            self.assertEqual(machine.run("cmp /efi/grub/mirror /run/berth-esp-2/grub/mirror && echo same"), "same")
            machine.run("systemctl poweroff --no-block")
            machine.wait_off(ACT_S)


if __name__ == "__main__":
    ImageTest.images = sys.argv.pop(1)
    if LONG:
        sys.argv.pop(1)
    unittest.main(verbosity=2)
