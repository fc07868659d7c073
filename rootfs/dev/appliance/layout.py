#!/usr/bin/env python3
"""What an installer writes to a disk, from the partition table of the image that is flashed (sfdisk --json on standard input):

    layout.py BOARD VERSION PARTS_FOLDER ROOT_SQUASHFS

A partition without a part stays empty; the last one takes what is left of a disk. drivers/installer/payload.hpp reads this.
"""

import hashlib
import json
import os
import sys

CONTENT = {"bios": "core.img", "berth-esp": "esp.img", "berth-root-a": "root.squashfs", "berth-root-b": "pack.img",
           "berth-config": "config.ext4", "berth-data": ""}


def part(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return {"part": os.path.basename(path), "part_bytes": os.path.getsize(path), "sha256": digest.hexdigest()}


def main():
    board, version, folder, root = sys.argv[1:]
    table = json.load(sys.stdin)["partitiontable"]
    partitions = []
    for entry in table["partitions"]:
        content = CONTENT[entry["name"]]
        path = root if content == os.path.basename(root) else os.path.join(folder, content)
        partitions.append({"name": entry["name"], "type": entry["type"], "start_bytes": entry["start"] * table["sectorsize"],
                           "bytes": entry["size"] * table["sectorsize"],
                           **(part(path) if content else {"part": "", "part_bytes": 0, "sha256": ""})})
    json.dump({"board": board, "version": version, "boot_code": part(os.path.join(folder, "boot.img")), "partitions": partitions},
              sys.stdout, indent=1)
    print()


main()
