#!/usr/bin/env bash
# Formatting of C++ and the shell scripts' usual mistakes. Inside the tree:  style.sh [--fix]
set -euo pipefail
cd "$(dirname "$0")/../.."
listed() { git -c safe.directory='*' ls-files --cached --others --exclude-standard -- "$@"; }
mapfile -t code < <(listed '*.cpp' '*.hpp' '*.c' '*.h')
if [ "${1:-}" = --fix ]; then
  clang-format -i "${code[@]}"
  [ -d web/node_modules/prettier ] && npx --prefix web prettier --log-level warn --write web tests
  exit 0
fi
failed=0
clang-format --dry-run -Werror "${code[@]}" || failed=1
mapfile -t scripts < <(listed '*.sh' dev .ci/run)
shellcheck --severity=warning --shell=bash --exclude=SC1007,SC1090,SC1091,SC2034,SC2054,SC2093,SC2115,SC2120,SC2154,SC2164,SC2174 "${scripts[@]}" || failed=1
exit $failed
