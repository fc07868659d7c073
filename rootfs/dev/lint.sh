#!/usr/bin/env bash
# Formatting, static checks and the house rules. Inside the tree:  lint.sh PRESET [--fix]
set -euo pipefail
cd /src
preset=$1 fix=${2:-}
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
[ -f "build/$preset/compile_commands.json" ] || cmake --preset "$preset" >/dev/null
mapfile -t units < <(git ls-files 'firmware/*.cpp' 'drivers/*.cpp')
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p "build/$preset" --quiet 2>/dev/null || failed=1
exit $failed
