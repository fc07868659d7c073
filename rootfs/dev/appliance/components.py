"""What an image holds besides its Debian packages: a Component each, found by what it was built from."""

import base64
import dataclasses
import json
import os
import re
import subprocess
import urllib.parse

from dpkg import built_using, source

TEXT = re.compile(r"(licen[cs]e|copying|notice|authors|patents)([.-].*)?", re.I)
CODE = (".js", ".cjs", ".mjs", ".ts", ".json", ".map")


@dataclasses.dataclass
class Component:
    """`package`: its entry in an SPDX document. `texts`: name below /usr/share/doc/berth -> the file that it is made from.
    `compiled_in`: a part of Berth's programs, not beside them."""

    package: dict
    texts: dict
    compiled_in: bool


def entry(identity, name, version, **more):
    """A package in an SPDX document; what nothing is known of says so."""
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", identity),
        "name": name,
        "versionInfo": version,
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    } | more


def purl(locator):
    return [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}]


def debian_entry(identity, fields, text):
    """The entry of a Debian package. `text`: where its copyright file lies in an image."""
    name, version, arch = fields["Package"], fields["Version"], fields["Architecture"]
    origin, origin_version = source(fields)
    return entry(
        identity, name, version,
        supplier="Organization: Debian",
        originator="Person: " + fields.get("Maintainer", "Debian"),
        sourceInfo=f"built from {origin} {origin_version}",
        licenseComments=text,
        externalRefs=purl(f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}?arch={arch}&distro=debian-13"),
    )


def declared(license):
    """An SPDX expression, or NOASSERTION for what is none."""
    known = isinstance(license, str) and re.fullmatch(r"\(*[A-Za-z0-9.+-]+\)*( (AND|OR|WITH) \(*[A-Za-z0-9.+-]+\)*)*", license)
    return license if known and license != "UNLICENSED" else "NOASSERTION"


def berth(project, version):
    package = entry("Berth", "berth", version, supplier="Organization: Berth", licenseDeclared="Apache-2.0",
                    licenseComments="/usr/share/doc/berth/LICENSE")
    return Component(package, {"LICENSE": os.path.join(project, "LICENSE")}, False)


def licence_texts(folder):
    """Names, relative to `folder`, of the licence texts in it and below it."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "node_modules")
        for name in sorted(names):
            if TEXT.fullmatch(name) and not name.lower().endswith(CODE):
                yield os.path.relpath(os.path.join(at, name), folder)


def npm(folder):
    """The libraries that browsers get: what package-lock.json has for the pages, not for making them."""
    with open(os.path.join(folder, "package-lock.json"), encoding="utf-8") as file:
        locked = json.load(file)["packages"]
    for place, facts in sorted(locked.items()):
        if not place or facts.get("dev"):
            continue
        name, version, path = place.rpartition("node_modules/")[2], facts["version"], os.path.join(folder, place)
        with open(os.path.join(path, "package.json"), encoding="utf-8") as file:
            there = json.load(file)
        if there["version"] != version:
            raise ValueError(f"{path} is {there['version']}, not {version}")
        repository = there.get("repository", "NOASSERTION")
        texts = {f"npm/{name}/{text}": os.path.join(path, text) for text in licence_texts(path)}
        if not any(re.match("licen|copying", os.path.basename(text), re.I) for text in texts):
            raise ValueError(f"{path} has no licence text")
        algorithm, _, digest = facts["integrity"].partition("-")
        yield Component(entry(
            f"Npm-{name}-{version}", name, version,
            supplier="Organization: npm",
            sourceInfo="source code: " + (repository["url"] if isinstance(repository, dict) else repository),
            checksums=[{"algorithm": algorithm.upper(), "checksumValue": base64.b64decode(digest).hex()}],
            licenseDeclared=declared(facts.get("license")),
            licenseComments=f"/usr/share/doc/berth/npm/{name}",
            externalRefs=purl(f"pkg:npm/{name.replace('@', '%40')}@{version}"),
        ), texts, True)


def recipes(files):
    """The sources that a recipe (rootfs/recipes) prepared, each a Debian source package: from the names of compiled files."""
    found = {(match[2], match[1]) for match in (re.match(r"(.*/rootfs/recipes/([^/]+)/\2-[0-9a-f]+)/", name) for name in files) if match}
    for recipe, tree in sorted(found):
        with open(os.path.join(tree, "debian/changelog"), encoding="utf-8") as file:
            name, version = re.match(r"(\S+) \(([^)]+)\)", file.readline()).groups()
        with open(os.path.join(tree, "debian/copyright"), encoding="utf-8") as file:
            whole = re.search(r"^Files: \*\n(?:\S.*\n|[ \t].*\n)*?License: (\S+)", file.read(), re.M)
        names = [text for text in sorted(os.listdir(tree)) if TEXT.fullmatch(text)] + ["debian/copyright"]
        yield Component(entry(
            f"Recipe-{name}", name, version,
            supplier="Organization: Debian",
            sourceInfo=f"Debian's source with the patches of rootfs/recipes/{recipe}",
            # Debian calls by another name what SPDX calls MIT.
            licenseDeclared=declared({"Expat": "MIT"}.get(whole[1], whole[1]) if whole else None),
            licenseComments=f"/usr/share/doc/berth/{name}",
            externalRefs=purl(f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}?arch=source&distro=debian-13"),
        ), {f"{name}/{os.path.basename(text)}": os.path.join(tree, text) for text in names}, True)


def debian_parts(files, tree, image):
    """The Debian packages whose headers and static libraries went into the programs, unless the image has a package of their source."""
    held = {source(fields) for fields in image.packages}
    owners = {owner["Package"]: owner for owner in map(tree.owner, files)}
    for name, fields in sorted(owners.items()):
        if source(fields) not in held:
            package = debian_entry(f"Compiled-{name}", fields, f"/usr/share/doc/berth/debian/{name}/copyright")
            yield Component(package, {f"debian/{name}/copyright": tree.copyright(name)}, True)


def boot_programs(files, tree):
    """The Debian packages that a disk's EFI partition and boot sectors were taken from. A signed one's own copyright file speaks of the
    signature only, so those of what was signed lie beside it."""
    owners = {owner["Package"]: owner for owner in map(tree.owner, files)}
    for name, fields in sorted(owners.items()):
        texts = {f"debian/{name}/copyright": tree.copyright(name)}
        for wanted in built_using(fields):
            texts[f"debian/{name}/{wanted[0]}.copyright"] = tree.copyright(tree.of_source(wanted)["Package"])
        package = debian_entry(f"Boot-{name}", fields, f"/usr/share/doc/berth/debian/{name}")
        package["sourceInfo"] += "".join(f", with {of} {version}" for of, version in built_using(fields))
        package["comment"] = "on the EFI system partition or in the boot sectors"
        yield Component(package, texts, False)


def ninja(build, tool, *targets):
    return subprocess.run(["ninja", "-C", build, "-t", tool, *targets], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def compiled_files(build, programs):
    """Every file outside Berth's own that the programs were compiled and linked from, as the compiler told ninja; no shared library."""
    inputs = [line for line in ninja(build, "inputs", *(f"bin/{program}" for program in programs)) if line.strip()]
    objects = [name for name in inputs if name.endswith((".o", ".gch"))]
    files = {name for name in inputs if name.startswith("/") and not re.search(r"\.so(\.|$)", name)}
    for line in ninja(build, "deps", *objects):
        if line.startswith(" "):
            files.add(os.path.normpath(line.strip()))
        elif re.search(r"\.cpp\.o: deps not found", line):
            raise ValueError(f"{build} is not built: {line}")
    return sorted(files)
