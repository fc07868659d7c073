#!/usr/bin/env python3
"""The bill of materials and the licence texts that go with it: the functions that make them for an image, on the libraries of the real
panel and on small Debians of files. No image is needed."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
PROJECT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(PROJECT, "rootfs/dev/appliance"))
import components  # noqa: E402
import sbom  # noqa: E402
from dpkg import Dpkg  # noqa: E402

WEB = os.path.join(PROJECT, "web")
REQUIRED = ("SPDXID", "name", "versionInfo", "supplier", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText")
EPOCH = 1754697600


def package(name, version, files=(), **more):
    """A package of a small Debian: its fields, its files."""
    fields = {"Package": name, "Status": "install ok installed", "Version": version, "Architecture": "amd64",
              "Maintainer": f"{name} people <{name}@example.org>"}
    return fields | {key.replace("_", "-"): value for key, value in more.items()}, list(files)


class BillTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def debian(self, name, *packages):
        status = ["Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: amd64\n"]
        for fields, files in packages:
            status.append("".join(f"{key}: {value}\n" for key, value in fields.items()) + "Description: one line\n and another\n")
            self.write(f"{name}/var/lib/dpkg/info/{fields['Package']}:amd64.list", "".join(f"{path}\n" for path in ["/.", *files]))
            self.write(f"{name}/usr/share/doc/{fields['Package']}/copyright", f"the licence of {fields['Package']}\n")
        self.write(f"{name}/var/lib/dpkg/status", "\n".join(status))
        return Dpkg(os.path.join(self.folder, name))

    def tree(self):
        return self.debian(
            "tree",
            package("libfoo-dev", "1.2-3+b1", ["/usr/include/foo.hpp", "/usr/lib/libfoo.a"], Source="foo (1.2-3)"),
            package("libc-dev", "2-1", ["/usr/include/stdio.h"], Source="libc"),
            package("shim-signed", "1+2", ["/usr/lib/shim.signed"], Built_Using="shim (= 2-1)"),
            package("shim-unsigned", "2-1", Source="shim"),
            package("boot-bin", "5~1", ["/usr/lib/boot.img"]))

    def image(self):
        return self.debian("image", package("libc", "2-1"), package("libstdc++6", "14", Source="gcc"), package("foo-old", "1.1-1", Source="foo"))


class Components(BillTest):
    def test_the_libraries_of_the_panel(self):
        """Those of package.json and theirs, in the versions of the lock file; no tool."""
        found = {component.package["name"]: component for component in components.npm(WEB)}
        with open(os.path.join(WEB, "package.json"), encoding="utf-8") as file:
            wanted = json.load(file)
        self.assertLessEqual(set(wanted["dependencies"]), set(found))
        self.assertFalse(set(wanted["devDependencies"]) & set(found))
        for name, version in wanted["dependencies"].items():
            self.assertEqual(found[name].package["versionInfo"], version)
        for name, component in found.items():
            entry = component.package
            self.assertNotEqual(entry["licenseDeclared"], "NOASSERTION", name)
            self.assertRegex(entry["sourceInfo"], "^source code: (git\\+)?https://")
            self.assertEqual([len(sum_["checksumValue"]) for sum_ in entry["checksums"]], [128])
            self.assertTrue(component.compiled_in)
            self.assertTrue(all(os.path.getsize(path) for path in component.texts.values()), name)
        self.assertEqual(found["@novnc/novnc"].package["licenseDeclared"], "MPL-2.0")
        self.assertLessEqual({"npm/@novnc/novnc/LICENSE.txt", "npm/@novnc/novnc/docs/LICENSE.MPL-2.0", "npm/@novnc/novnc/vendor/pako/LICENSE"},
                             set(found["@novnc/novnc"].texts))

    def library(self, version="1.0.0", there="1.0.0", license="MIT", text="LICENSE"):
        facts = {"version": version, "integrity": "sha512-AAECAw==", "license": license}
        lock = {"packages": {"": {"version": "0"}, "node_modules/@a/lib": facts, "node_modules/tool": {"version": "9", "dev": True}}}
        self.write("web/package-lock.json", json.dumps(lock))
        self.write("web/node_modules/@a/lib/package.json", json.dumps({"version": there}))
        self.write("web/node_modules/@a/lib/src/license.js", "code")
        self.write("web/node_modules/@a/lib/node_modules/b/LICENSE", "of another")
        if text:
            self.write(f"web/node_modules/@a/lib/{text}", "may be used")
        return list(components.npm(os.path.join(self.folder, "web")))

    def test_one_library(self):
        (found,) = self.library()
        self.assertEqual(found.package["checksums"], [{"algorithm": "SHA512", "checksumValue": "00010203"}])
        self.assertEqual(found.package["externalRefs"][0]["referenceLocator"], "pkg:npm/%40a/lib@1.0.0")
        self.assertEqual(list(found.texts), ["npm/@a/lib/LICENSE"])

    def test_a_library_without_a_text_or_of_another_version_stops_the_build(self):
        with self.assertRaisesRegex(ValueError, "no licence text"):
            self.library(text=None)
        with self.assertRaisesRegex(ValueError, "is 1.0.1, not 1.0.0"):
            self.library(there="1.0.1")

    def test_licences_that_are_no_expression(self):
        for said, means in (("(MIT OR Apache-2.0)", "(MIT OR Apache-2.0)"), ("SEE LICENSE IN x", "NOASSERTION"), (None, "NOASSERTION"),
                            ({"type": "MIT"}, "NOASSERTION"), ("UNLICENSED", "NOASSERTION")):
            self.assertEqual(components.declared(said), means, said)

    def test_a_recipe(self):
        at = os.path.join(self.folder, "build/rootfs/recipes/web/web-0123abcd")
        self.write(at + "/debian/changelog", "webserver (1.16+dfsg-2) trixie; urgency=medium\n")
        self.write(at + "/debian/copyright", "Files: *\nCopyright: 2020 a,\n 2021 b\nLicense: Expat\n\nFiles: x\nLicense: Zlib\n")
        self.write(at + "/LICENSE.md", "as you like")
        self.write(at + "/examples/LICENSE", "not compiled")
        (found,) = components.recipes([at + "/src/a.c", at + "/src/b.c", "/src/firmware/a.cpp"])
        self.assertEqual((found.package["name"], found.package["versionInfo"]), ("webserver", "1.16+dfsg-2"))
        self.assertEqual(found.package["licenseDeclared"], "MIT")
        self.assertEqual(list(found.texts), ["webserver/LICENSE.md", "webserver/copyright"])

    def test_what_is_compiled_in_from_debian(self):
        """A source that the image has a package of in the same version is in its list already; another version of it is not."""
        (found,) = components.debian_parts(["/usr/include/stdio.h", "/usr/include/foo.hpp", "/usr/lib/libfoo.a"], self.tree(), self.image())
        self.assertEqual((found.package["name"], found.package["versionInfo"]), ("libfoo-dev", "1.2-3+b1"))
        self.assertEqual(found.package["sourceInfo"], "built from foo 1.2-3")
        self.assertEqual(list(found.texts), ["debian/libfoo-dev/copyright"])
        with self.assertRaisesRegex(ValueError, "no Debian package brought /usr/include/stray.h"):
            list(components.debian_parts(["/usr/include/stray.h"], self.tree(), self.image()))

    def test_what_starts_the_machine(self):
        boot, shim = components.boot_programs(["/usr/lib/shim.signed", "/usr/lib/boot.img"], self.tree())
        self.assertEqual(boot.package["name"], "boot-bin")
        self.assertEqual(shim.package["sourceInfo"], "built from shim-signed 1+2, with shim 2-1")
        with open(shim.texts["debian/shim-signed/shim.copyright"], encoding="utf-8") as file:
            self.assertEqual(file.read(), "the licence of shim-unsigned\n")

    def test_the_compiler_says_what_went_in(self):
        """A real build by ninja: the headers and the static library of a program, not its shared library, and nothing of another program."""
        self.write("build.ninja", "rule cc\n deps = gcc\n depfile = $out.d\n command = cp /dev/null $out && printf '%s' \"$out: $headers\" >$out.d\n"
                   "rule link\n command = cat $in >$out\n"
                   f"build a.cpp.o: cc a.cpp\n headers = {self.folder}/usr/x/../foo.hpp\nbuild b.cpp.o: cc a.cpp\n headers = {self.folder}/usr/bar.hpp\n"
                   f"build bin/a: link a.cpp.o | {self.folder}/usr/libfoo.a {self.folder}/usr/libbar.so.1\nbuild bin/b: link b.cpp.o\n")
        for name in ("a.cpp", "usr/x/y", "usr/foo.hpp", "usr/bar.hpp", "usr/libfoo.a", "usr/libbar.so.1"):
            self.write(name, "")
        with self.assertRaisesRegex(ValueError, "is not built"):
            components.compiled_files(self.folder, ["a"])
        os.mkdir(os.path.join(self.folder, "bin"))
        subprocess.run(["ninja", "-C", self.folder, "bin/a", "bin/b"], check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(components.compiled_files(self.folder, ["a"]), [f"{self.folder}/usr/foo.hpp", f"{self.folder}/usr/libfoo.a"])


class Document(BillTest):
    def others(self):
        tree = self.tree()
        return [components.berth(PROJECT, "0.1.0"), *components.npm(WEB),
                *components.debian_parts(["/usr/include/foo.hpp"], tree, self.image()), *components.boot_programs(["/usr/lib/shim.signed"], tree)]

    def make(self):
        return sbom.document("qemu-x86_64", EPOCH, self.image().packages, self.others())

    def test_it_is_spdx(self):
        made = self.make()
        self.assertEqual((made["spdxVersion"], made["dataLicense"], made["SPDXID"]), ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertEqual(made["creationInfo"], {"created": "2025-08-09T00:00:00Z", "creators": ["Tool: berth-sbom"]})
        self.assertRegex(made["documentNamespace"], r"^urn:uuid:[0-9a-f-]{36}$")
        identities = [entry["SPDXID"] for entry in made["packages"]]
        self.assertEqual(len(set(identities)), len(identities))
        for entry in made["packages"]:
            self.assertRegex(entry["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            for field in REQUIRED:
                self.assertTrue(isinstance(entry.get(field), str) and entry[field], f"{entry['name']}: {field}")
            self.assertRegex(entry["supplier"], r"^(NOASSERTION|(Organization|Person): .+)$")
            self.assertIs(entry["filesAnalyzed"], False)
            for reference in entry.get("externalRefs", []):
                self.assertEqual((reference["referenceCategory"], reference["referenceType"]), ("PACKAGE-MANAGER", "purl"))
                self.assertRegex(reference["referenceLocator"], r"^pkg:(deb/debian|npm)/[^ ]+@[^ ]+$")
        names = {entry["name"] for entry in made["packages"]}
        self.assertLessEqual({"berth", "libc", "libstdc++6", "libfoo-dev", "shim-signed", "preact", "@novnc/novnc"}, names)
        self.assertNotIn("gone", names)

    def test_everything_hangs_from_the_image(self):
        made = self.make()
        relations = [(r["spdxElementId"], r["relationshipType"], r["relatedSpdxElement"]) for r in made["relationships"]]
        self.assertEqual([r for r in relations if r[1] == "DESCRIBES"], [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image")])
        held = {to: of for of, kind, to in relations if kind == "CONTAINS"}
        self.assertEqual(set(held), {entry["SPDXID"] for entry in made["packages"]} - {"SPDXRef-Image"})
        self.assertEqual(len(relations), len(held) + 1)
        self.assertEqual(set(held.values()), {"SPDXRef-Image", "SPDXRef-Berth"})
        for of in ("SPDXRef-Berth", "SPDXRef-Boot-shim-signed", "SPDXRef-Package-libc"):
            self.assertEqual(held[of], "SPDXRef-Image")
        self.assertEqual(held["SPDXRef-Compiled-libfoo-dev"], "SPDXRef-Berth")

    def test_the_same_again(self):
        self.assertEqual(json.dumps(self.make()), json.dumps(self.make()))
        other = sbom.document("qemu-x86_64", EPOCH, self.image().packages[1:], self.others())
        self.assertNotEqual(other["documentNamespace"], self.make()["documentNamespace"])

    def test_no_two_packages_of_one_name(self):
        with self.assertRaisesRegex(ValueError, "SPDXRef-Berth"):
            sbom.document("qemu-x86_64", EPOCH, [], [components.berth(PROJECT, "1"), components.berth(PROJECT, "2")])

    def test_the_texts_lie_where_the_document_says(self):
        others = self.others()
        sbom.deliver(others, os.path.join(self.folder, "root/usr/share/doc/berth"))
        with open(os.path.join(PROJECT, "LICENSE"), encoding="utf-8") as file:
            self.assertEqual(self.read("root/usr/share/doc/berth/LICENSE"), file.read())
        for other in others:
            self.assertTrue(os.path.exists(f"{self.folder}/root{other.package['licenseComments']}"), other.package["name"])
        path = os.path.join(self.folder, "root/usr/share/doc/berth/npm/preact/LICENSE")
        self.assertEqual(os.stat(path).st_mode & 0o7777, 0o644)
        self.assertIn("Permission is hereby granted", self.read("root/usr/share/doc/berth/npm/preact/LICENSE"))
        with self.assertRaisesRegex(ValueError, "is there already"):
            sbom.deliver(others, os.path.join(self.folder, "root/usr/share/doc/berth"))


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main(verbosity=2)
