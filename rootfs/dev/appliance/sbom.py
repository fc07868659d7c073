#!/usr/bin/env python3
"""The bill of materials of an image, an SPDX 2.3 document (JSON), and the licence texts of all in it that is no Debian package of it.

    sbom.py ROOT BOARD VERSION BUILD --programs NAME... --boot FILE...

ROOT: the image's root; the texts go to /usr/share/doc/berth in it (those of its packages lie in their own folders there already), the
document to standard output. BUILD: where the programs were built. FILE: what a disk's boot programs were taken from.
SOURCE_DATE_EPOCH is its date."""

import argparse
import datetime
import json
import os
import shutil
import sys
import uuid

import components
from dpkg import Dpkg

PROJECT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def document(board, epoch, packages, others):
    """`packages`: the image's Debian packages; `others`: the components beside them."""
    made = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    image = components.entry("Image", f"berth-{board}", made, supplier="Organization: Berth", licenseDeclared="Apache-2.0")
    debian = [components.debian_entry("Package-" + f["Package"], f, f"/usr/share/doc/{f['Package']}/copyright") for f in packages]
    listed = debian + [other.package for other in others]
    identities = [package["SPDXID"] for package in listed]
    twice = {identity for identity in identities if identities.count(identity) > 1}
    if twice:
        raise ValueError(f"two packages are called {', '.join(sorted(twice))}")
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image")]
    relations += [("SPDXRef-Image", "CONTAINS", package["SPDXID"]) for package in debian]
    relations += [("SPDXRef-Berth" if other.compiled_in else "SPDXRef-Image", "CONTAINS", other.package["SPDXID"]) for other in others]
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"berth-{board}",
        "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(listed, sort_keys=True) + board + str(epoch))}",
        "creationInfo": {"created": made, "creators": ["Tool: berth-sbom"]},
        "packages": [image, *listed],
        "relationships": [{"spdxElementId": of, "relationshipType": kind, "relatedSpdxElement": to} for of, kind, to in relations],
    }


def deliver(others, folder):
    """Copies the texts of the components below `folder`."""
    for other in others:
        for name, origin in other.texts.items():
            target = os.path.join(folder, name)
            if os.path.exists(target):
                raise ValueError(f"{target} is there already")
            os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
            shutil.copyfile(origin, target)
            os.chmod(target, 0o644)


def main():
    parser = argparse.ArgumentParser()
    for name in ("root", "board", "version", "build"):
        parser.add_argument(name)
    parser.add_argument("--programs", nargs="+", required=True)
    parser.add_argument("--boot", nargs="+", required=True)
    given = parser.parse_args()
    image, tree = Dpkg(given.root), Dpkg()
    files = components.compiled_files(given.build, given.programs)
    others = [
        components.berth(PROJECT, given.version),
        *components.recipes(files),
        *components.npm(os.path.join(PROJECT, "web")),
        *components.debian_parts([file for file in files if file.startswith("/usr/")], tree, image),
        *components.boot_programs(given.boot, tree),
    ]
    deliver(others, os.path.join(given.root, "usr/share/doc/berth"))
    json.dump(document(given.board, int(os.environ["SOURCE_DATE_EPOCH"]), image.packages, others), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
