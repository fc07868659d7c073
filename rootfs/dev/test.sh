#!/usr/bin/env bash
# Runs the tests. Inside the tree, as the first process of PID and network namespaces:  test.sh PRESET [CTEST OPTION...]
set -euo pipefail
preset=$1
shift
trap 'kill -TERM -- -1 2>/dev/null; exit 143' INT TERM
ip link set lo up
[ -d /src/rootfs/overlay ] && cp -a --no-preserve=ownership /src/rootfs/overlay/. /
cd /src
ctest --preset "$preset" --output-on-failure "$@" &
wait $!
