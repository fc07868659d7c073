#!/usr/bin/env bash
# Inside the tree, as the first process of PID and network namespaces:  soak.sh [--cuts N]
set -euo pipefail
trap 'kill -TERM -- -1 2>/dev/null; exit 143' INT TERM
ip link set lo up
cuts=500
while [ $# -gt 0 ]; do
  case $1 in
    --cuts) cuts=${2:?--cuts needs a number}; shift 2 ;;
    *) echo "soak: unknown option $1 (there is --cuts N)" >&2; exit 2 ;;
  esac
done
cd /src/tests/appliance
run() {
  python3 -B "$@" &
  wait $!
}
for story in update seed; do run "${story}_story.py" /src/build/image; done
run install_story.py /src/build/image long
run power_cut_test.py /src/build/image --cuts "$cuts"
