#!/usr/bin/env bash
# Builds the image of a board. Runs as root inside the Debian 13 tree:  build.sh BOARD PRESET OUTDIR
#
# OUTDIR receives berth-BOARD.img (raw, sparse), root.squashfs (one slot's content: what an update carries), parts/ (what else an
# installer writes), the pack of starter images and its signature, sbom.spdx.json and figures. The installed Debian is kept under /cache/appliance by what it is made from; all else is made anew each time.
set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C TZ=UTC
board=$1 preset=$2 out=$3
cd /src
here=rootfs/dev/appliance
folder=board/$board
work=
. "$here/base.sh"
. "$here/root.sh"
. "$here/disk.sh"
. "$here/release-keys.sh"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'image: %s\n' "$*" >&2; exit 1; }

[ -f "$folder/board.conf" ] || die "no board is called '$board'"
: "${SOURCE_DATE_EPOCH:?the date of the sources}" "${release_ca:?whose updates it takes}" "${release_key:?}" "${release_cert:?who signs}"
export SOURCE_DATE_EPOCH
. "$folder/board.conf"
trap 'rm -rf ${work:+"$work"}' EXIT
trap 'exit 130' INT TERM
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d "$out/.work.XXXXXX")

base=$(ensure_base)
say "the root file system of $board"
make_root "$base" "$work/root"
write_sbom "$work/root" "$work/sbom.spdx.json"
install -D -m 644 "$work/sbom.spdx.json" "$work/root/usr/share/doc/berth/sbom.spdx.json"
make_slot "$work/root" "$work/root.squashfs"
say "the disk of $board"
make_disk "$work"
write_figures "$work"
rm -rf "$out/parts"
mv -f "$work"/{root.squashfs,parts,sbom.spdx.json,figures,"$pack","$pack.sig"} "$out/"
mv -f "$work/berth.img" "$out/berth-$board.img"
cat "$out/figures" >&2
