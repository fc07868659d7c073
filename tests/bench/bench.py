#!/usr/bin/env python3
"""What ./dev bench runs: each figure beside a baseline measured in the same run.

  bench.py PRESET [--json] [NAME...]        without names: all

Exit status 1 when a figure misses its bar.
"""
import argparse
import json
import sys

import appliance
import compute
import serving
import web

BENCHES = {
    "container-create": compute.container_create,
    "vm-create": compute.vm_create,
    "memory": compute.memory,
    "server-page": serving.server_page,
    "start": serving.start,
    "web-load": web.first_load,
    "appliance": appliance.boot,
}


def show(figure, as_json):
    """figure: name, value, unit, baseline (or None), bar, ok, note."""
    if as_json:
        print(json.dumps(figure), flush=True)
        return
    baseline = "" if figure["baseline"] is None else f"  baseline {figure['baseline']:.4g}"
    mark = "ok  " if figure["ok"] else "MISS"
    print(f"{mark} {figure['name']:32} {figure['value']:9.4g} {figure['unit']:8} bar {figure['bar']}{baseline}  {figure.get('note', '')}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("preset")
    parser.add_argument("--json", action="store_true", help="one object a line: name, value, unit, baseline, bar, ok")
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(BENCHES))
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))} (there are {', '.join(BENCHES)})")
    missed = 0
    for name in options.names or BENCHES:
        for figure in BENCHES[name](options.preset):
            show(figure, options.json)
            missed += not figure["ok"]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
