#!/usr/bin/env bash
# Formatting, static checks and the house rules. Inside the tree:  lint.sh PRESET [--fix | FILE.cpp...]
# Files named are the ones clang-tidy reads; all, otherwise (a second or ten for each).
set -euo pipefail
cd /src
preset=$1 fix=
shift
[ "${1:-}" = --fix ] && fix=--fix && shift
git config --global --add safe.directory /src
mapfile -t code < <(git ls-files '*.cpp' '*.hpp' '*.c' '*.h')
if [ "$fix" = --fix ]; then
  clang-format -i "${code[@]}"
  [ -d web/node_modules/prettier ] && npx --prefix web prettier --log-level warn --write web tests
  exit 0
fi
failed=0
clang-format --dry-run -Werror "${code[@]}" || failed=1
mapfile -t scripts < <(git ls-files '*.sh' dev .ci/run)
shellcheck --severity=warning --shell=bash --exclude=SC1090,SC1091,SC2034,SC2154 "${scripts[@]}" || failed=1
python3 tests/rules/structure_test.py || failed=1
# Without GCC's precompiled headers, which clang cannot read; so every file also proves that it includes what it uses.
cmake --preset "$preset" -B build/lint -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
[ $# -gt 0 ] && units=("$@") || mapfile -t units < <(git ls-files 'firmware/*.cpp' 'drivers/*.cpp')
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p build/lint --quiet 2>/dev/null || failed=1
exit $failed
