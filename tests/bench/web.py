"""First web load: what the start page's own tags pull in, gzipped."""
import gzip
import re
from pathlib import Path

from figures import amount

DIST = Path("/src/build/web")


def gzipped_kb(names):
    return sum(len(gzip.compress((DIST / name.lstrip("/")).read_bytes(), 9)) for name in names) / 1000


def first_load(_preset):
    page = (DIST / "index.html").read_text()
    scripts = re.findall(r'<script[^>]+src="([^"]+)"', page) + re.findall(r'<link[^>]+modulepreload[^>]+href="([^"]+)"', page)
    styles = re.findall(r'<link[^>]+stylesheet[^>]+href="([^"]+)"', page)
    yield amount("first load, JavaScript", gzipped_kb(scripts), "kB", 80, f"{len(scripts)} files")
    yield amount("first load, CSS", gzipped_kb(styles), "kB", 20, f"{len(styles)} files")
