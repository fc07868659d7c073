#!/usr/bin/env bash
# The image of an installer, from what the build of its target board left:  installer.sh BOARD TARGET PRESET
#
# Its root is the target's own slot; beside it lie the other parts of the target's disk. Into build/image/BOARD-TARGET[-PRESET].
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C TZ=UTC
board=$1 target=$2 preset=$3
cd /src
here=rootfs/dev/appliance
. "$here/disk.sh"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'image: %s\n' "$*" >&2; exit 1; }

: "${SOURCE_DATE_EPOCH:?the date of the sources}"
export SOURCE_DATE_EPOCH
suffix=
[ "$preset" = release ] || suffix=-$preset
from=$PWD/build/image/$target$suffix
out=$PWD/build/image/$board-$target$suffix
image=$out/berth-$board-$target.img
[ -f "$from/parts/layout.json" ] || die "no image of $target"
. "board/$target/board.conf"
mkdir -p "$out"
exec 6>"$out/.lock"
flock 6
key=$({ cat "$from/.key"; cat "board/$board"/*; } | sha256sum | cut -c1-32)
if [ -f "$image" ] && [ "$(cat "$out/.key" 2>/dev/null)" = "$key" ]; then
  printf '%s is up to date\n' "$image" >&2
  exit 0
fi
rm -f "$out/.key"
trap 'rm -rf ${work:+"$work"}' EXIT
trap 'exit 130' INT TERM
work=$(mktemp -d "$out/.work.XXXXXX")
mkdir -p "$work"/{input,tmp,empty}

say "the installer of $target"
ln "$from/root.squashfs" "$work/input/root.squashfs"
cp "$from"/parts/{boot.img,core.img} "$work/input/"
make_esp "$work/input" "board/$board/grub.cfg"
# Most of it is compressed already, or empty.
env -u SOURCE_DATE_EPOCH mksquashfs "$from/parts" "$work/input/payload.squashfs" -quiet -no-progress -comp zstd -Xcompression-level 3 -b 1M \
  -no-xattrs -all-root -all-time "$SOURCE_DATE_EPOCH" -mkfs-time "$SOURCE_DATE_EPOCH" >&2
genimage --config "board/$board/genimage.cfg" --rootpath "$work/empty" --inputpath "$work/input" --outputpath "$work" \
  --tmppath "$work/tmp" >"$work/genimage.log" 2>&1 || { cat "$work/genimage.log" >&2; die "genimage failed"; }
mv -f "$work/installer.img" "$image"
[ "$preset" != release ] || zstd -q -f -T0 -10 "$image" -o "$image.zst"
printf 'installer MB: %s\n' $(($(stat -c %s "$image") / 1000000)) >&2
printf '%s' "$key" >"$out/.key"
