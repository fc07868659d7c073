#!/usr/bin/env python3
"""An SPDX 2.3 document (JSON) of the Debian packages in an image:  sbom.py DPKG_STATUS BOARD EPOCH"""

import datetime
import json
import re
import sys
import urllib.parse
import uuid


def installed(path):
    with open(path, encoding="utf-8") as file:
        for block in file.read().split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z-]+): ?(.*)$", block, re.M))
            if fields.get("Status") == "install ok installed":
                yield fields


def package(fields):
    name, version, arch = fields["Package"], fields["Version"], fields["Architecture"]
    source = re.fullmatch(r"(\S+)(?: \((.+)\))?", fields.get("Source", name))
    purl = f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}?arch={arch}&distro=debian-13"
    return {
        "SPDXID": "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "originator": "Person: " + fields.get("Maintainer", "Debian"),
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "sourceInfo": f"built from {source[1]} {source[2] or version}",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "licenseComments": f"/usr/share/doc/{name}/copyright",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
    }


def main():
    status, board, epoch = sys.argv[1:]
    packages = sorted((package(f) for f in installed(status)), key=lambda p: p["name"])
    made = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    image = {
        "SPDXID": "SPDXRef-Image", "name": f"berth-{board}", "versionInfo": made, "supplier": "Organization: Berth",
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION",
    }
    identity = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(packages, sort_keys=True) + board + epoch)
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"berth-{board}",
        "documentNamespace": f"urn:uuid:{identity}",
        "creationInfo": {"created": made, "creators": ["Tool: berth-sbom"]},
        "packages": [image, *packages],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Image"}]
        + [{"spdxElementId": "SPDXRef-Image", "relationshipType": "CONTAINS", "relatedSpdxElement": p["SPDXID"]} for p in packages],
    }
    json.dump(document, sys.stdout, indent=1)
    print()


main()
