#!/usr/bin/env bash
# Formatting, the house rules, and clang-tidy. Inside the tree:  lint.sh PRESET [FILE.cpp...]
# Files named are the ones clang-tidy reads; all, otherwise (a second or ten for each).
set -euo pipefail
cd /src
preset=$1
shift
failed=0
bash rootfs/dev/style.sh || failed=1
python3 tests/rules/structure_test.py || failed=1
# Without GCC's precompiled headers, which clang cannot read; so every file also proves that it includes what it uses.
cmake --preset "$preset" -B build/lint -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
units=("$@")
[ $# -gt 0 ] || mapfile -t units < <(git -c safe.directory='*' ls-files 'firmware/*.cpp' 'drivers/*.cpp')
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p build/lint --quiet 2>/dev/null || failed=1
exit $failed
