#!/usr/bin/env bash
# Builds everything. Runs inside the tree:  build.sh PRESET [--tests] [CMAKE TARGET...]
set -euo pipefail
cd /src
preset=$1
shift
with_tests=0
[ "${1:-}" = --tests ] && with_tests=1 && shift

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

# npm ci only when the lock file changed since the last time.
node_modules() {
  local folder=$1 mark=$1/node_modules/.berth-lock
  cmp -s "$folder/package-lock.json" "$mark" && return
  say "npm packages of $folder"
  npm ci --prefix "$folder" --no-progress --loglevel=error >&2
  cp "$folder/package-lock.json" "$mark"
}

# The web is built again when anything it is made from changed.
web() {
  [ -f web/package.json ] || return 0
  node_modules web
  local key mark=build/web.key
  key=$(find web firmware/api/openapi.json -path web/node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [ -d build/web ] && [ "$(cat "$mark" 2>/dev/null)" = "$key" ] && return
  say "building the web pages"
  npm run --silent --prefix web build >&2
  printf '%s' "$key" >"$mark"
}

say "building Berth ($preset)"
web
if [ $with_tests = 1 ] && [ -f tests/package.json ]; then node_modules tests; fi
cmake --preset "$preset" >"build/cmake-$preset.log" 2>&1 || { tail -40 "build/cmake-$preset.log" >&2; exit 1; }
if [ $# -gt 0 ]; then
  cmake --build --preset "$preset" --target "$@" >&2
else
  cmake --build --preset "$preset" >&2
  say "starter images"
  bash provisioning/images/build.sh /cache/images >&2
fi
