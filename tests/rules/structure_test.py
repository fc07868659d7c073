#!/usr/bin/env python3
"""The house rules that a machine can check: sizes, folders, words, arrows, commits to one place.

Run from anywhere inside the project:  python3 tests/rules/structure_test.py
"""
import json
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = {".cpp", ".hpp", ".c", ".h", ".ts", ".tsx", ".css", ".sh", ".py", ".sql"}
GENERATED = re.compile(r"(schema\.sql|\.gen\.|openapi|package-lock)")


def tracked():
    listing = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
                             cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listing.splitlines() if (ROOT / name).is_file()]


def sources():
    return [p for p in tracked() if (p.suffix in SOURCE or p.name in ("dev", "run")) and not GENERATED.search(p.name)]


def relative(path):
    return str(path.relative_to(ROOT))


class Structure(unittest.TestCase):
    maxDiff = None

    def test_no_file_over_600_lines(self):
        long = {relative(p): n for p in sources() if (n := len(p.read_text().splitlines())) > 600}
        self.assertEqual(long, {})

    def test_no_function_over_70_lines(self):
        code = [str(p) for p in sources() if p.suffix in {".cpp", ".hpp", ".c", ".py", ".sh"}]
        tags = subprocess.run(["ctags", "--output-format=json", "--fields=+ne", "--kinds-C++=f", "--kinds-C=f", "-f", "-", *code],
                              capture_output=True, text=True, check=True).stdout
        long = {}
        for line in tags.splitlines():
            tag = json.loads(line)
            if tag.get("kind") in ("function", "method", "member") and tag.get("end", 0) - tag.get("line", 0) + 1 > 70:
                long[f'{relative(Path(tag["path"]))}:{tag["line"]} {tag["name"]}'] = tag["end"] - tag["line"] + 1
        self.assertEqual(long, {})

    def test_only_the_agreed_folders_at_the_root(self):
        agreed = {"firmware", "rootfs", "board", "web", "drivers", "provisioning", "tests", ".ci"}
        self.assertEqual({relative(p).split("/")[0] for p in tracked() if "/" in relative(p)} - agreed, set())

    def test_nothing_is_left_for_later(self):
        marks = re.compile(r"\b(TODO|FIXME|XXX|HACK|not implemented|unimplemented|coming soon|in a real)\b")
        found = [f"{relative(p)}:{i}: {line.strip()[:100]}" for p in sources() if p != Path(__file__).resolve()
                 for i, line in enumerate(p.read_text().splitlines(), 1) if marks.search(line)]
        self.assertEqual(found, [])

    def test_no_shell_and_no_loose_memory(self):
        """Conventions: no system()/popen(), no sprintf, no detached thread, no `new`."""
        bad = re.compile(r"(?<![\w.:>])(::)?(system|popen|sprintf|vsprintf|strcpy|strcat|gets)\s*\(|\.detach\(\)|(?<![\w.])new\s+[A-Za-z_:]+[({\[]")
        found = []
        for p in sources():
            if p.suffix not in {".cpp", ".hpp"} or "tests" in p.parts:
                continue
            for i, line in enumerate(p.read_text().splitlines(), 1):
                code = re.sub(r'"(\\.|[^"\\])*"', '""', line.split("//")[0])
                if bad.search(code):
                    found.append(f"{relative(p)}:{i}: {line.strip()[:100]}")
        self.assertEqual(found, [])

    def test_arrows_point_one_way(self):
        """design.md, the way of a request: a folder includes only what stands below it."""
        below = {
            "firmware/base": set(),
            "firmware/http": {"firmware/base"},
            "firmware/store": {"firmware/base", "drivers/contract"},
            "drivers/contract": {"firmware/base"},
        }
        forbidden = {
            "firmware": re.compile(r'#include "drivers/(?!contract/)'),
            "drivers": re.compile(r'#include "firmware/(?!base/)'),
        }
        found = []
        for p in sources():
            name = relative(p)
            if p.suffix not in {".cpp", ".hpp", ".c"} or not name.startswith(("firmware/", "drivers/")):
                continue
            room = "/".join(name.split("/")[:2])
            for i, line in enumerate(p.read_text().splitlines(), 1):
                included = re.match(r'#include "((?:firmware|drivers)/[^/]+)/', line)
                if not included or included.group(1) == room:
                    continue
                if forbidden[name.split("/")[0]].match(line) or (room in below and included.group(1) not in below[room]):
                    found.append(f"{name}:{i}: {line.strip()}")
        self.assertEqual(found, [])

    def test_the_panel_names_the_rule_that_a_field_breaks(self):
        """Words alone would stay English: only the engine's side may give them (firmware/base/result.hpp)."""
        says = re.compile(r"(fail_field|fields\.(?:push|emplace)_back|problems\.(?:push|emplace)_back)\((?:[^;]*?)\);", re.S)
        found = []
        for p in sources():
            name = relative(p)
            if p.suffix not in {".cpp", ".hpp"} or not name.startswith("firmware/") or name.startswith(("firmware/base/", "firmware/cli/")):
                continue
            for said in says.finditer(p.read_text()):
                if not re.search(r"FieldRule::|\bwhy\b|\brule\b|\bproblem\b", said.group(0)):
                    found.append(f"{name}: {said.group(0)}")
        self.assertEqual(found, [])

    def test_no_address_of_a_registry(self):
        host = re.compile(r"(registry\.npmjs|deb\.debian\.org|security\.debian\.org)")
        found = [relative(p) for p in tracked() if p.suffix not in {".png", ".woff2"} and p != Path(__file__).resolve()
                 and host.search(p.read_text(errors="replace"))]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
