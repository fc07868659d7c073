#!/usr/bin/env bash
# Whose updates this machine takes, and for which board. $1 is the root being made, $release_ca the authority's certificate.
set -euo pipefail
root=$1
sed -i "s/@BOARD@/$board/" "$root/etc/rauc/system.conf"
install -m 644 "$release_ca" "$root/etc/rauc/keyring.pem"
