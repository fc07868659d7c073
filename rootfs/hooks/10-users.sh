#!/usr/bin/env bash
# The accounts Berth runs under; the same for the development tree and the flashed image. $1 is the root being made.
set -euo pipefail
root=$1
chroot "$root" groupadd --system --gid 940 berth
chroot "$root" useradd --system --uid 940 --gid berth --home-dir /var/lib/berth --no-create-home --shell /usr/sbin/nologin berth
# Throw-away identities for berth-sandbox children (drivers/sandbox): no home, no shell, never in a group.
chroot "$root" groupadd --system --gid 941 berth-sandbox
chroot "$root" useradd --system --uid 941 --gid berth-sandbox --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin berth-sandbox
