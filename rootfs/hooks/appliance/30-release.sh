#!/usr/bin/env bash
# What says that this is the appliance and which one, and where the time zone is kept. $1 is the root being made.
set -euo pipefail
root=$1

version=$(sed -n 's/^project(berth VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
[ -n "$version" ] || { echo "CMakeLists.txt does not name the version" >&2; exit 1; }
printf 'VERSION=%s\nBOARD=%s\n' "$version" "$board" >"$root/usr/lib/berth/release"

# The engine puts a link into the zones there; until then it is UTC (localtime(5)).
ln -sfn berth/localtime "$root/etc/localtime"
