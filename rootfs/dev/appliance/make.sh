#!/usr/bin/env bash
# Builds what an image is made of and then the image, unless it is there already. Inside the tree:
#
#   make.sh BOARD PRESET SOURCE_DATE CHECK [TARGET [KEY CERTIFICATE AUTHORITY]]
#
# into build/image/BOARD, or BOARD-PRESET for other programs than the release's (tests). CHECK 1: builds it twice, from the
# packages on, and compares every byte. A board whose board.conf says installs=TARGET is the installer of another board: its
# image, in build/image/BOARD-TARGET, is made of that board's. The last three are whose updates the image takes and who signs this one: files, in PEM; without
# them the development authority.
set -euo pipefail
shopt -s inherit_errexit
board=$1 preset=$2 check=$4
export SOURCE_DATE_EPOCH=$3
cd /src
. rootfs/dev/appliance/programs.sh
installs=
. "board/$board/board.conf"
target=${5:-$installs}
if [ -n "$installs" ]; then
  bash rootfs/dev/appliance/make.sh "$target" "$preset" "$SOURCE_DATE_EPOCH" "$check" "" "${@:6:3}"
  [ "$check" = 1 ] || bash rootfs/dev/appliance/installer.sh "$board" "$target" "$preset"
  exit 0
fi
release_key=${6:-} release_cert=${7:-} release_ca=${8:-}
. rootfs/dev/appliance/release-keys.sh
release_keys
export release_key release_cert release_ca
out=build/image/$board
[ "$preset" = release ] || out+=-$preset
mkdir -p "$out"
exec 6>"$out/.lock"
flock 6

bash rootfs/dev/build.sh "$preset" "${programs[@]}"
bash provisioning/images/build.sh /cache/images >&2

image_key() {
  { printf '%s\n' "$SOURCE_DATE_EPOCH"
    find rootfs board/common "board/$board" -type f -print0 | sort -z | xargs -0 sha256sum
    sha256sum "${programs[@]/#/build/$preset/bin/}" /cache/images/*/image.json
    cat "$release_ca" "$release_cert" LICENSE web/package-lock.json
  } | sha256sum | cut -c1-32
}

compress() {
  zstd -q -f -T0 -10 "$1" -o "$1.zst"
  printf 'image with the starter images MB, compressed: %s\n' $(($(stat -c %s "$1.zst") / 1000000)) >&2
}

image=$out/berth-$board.img
if [ "$check" = 1 ]; then
  for turn in 1 2; do
    BERTH_BASE_STORE=$out/check-$turn/base bash rootfs/dev/appliance/build.sh "$board" "$preset" "$out/check-$turn"
  done
  for file in "berth-$board.img" root.squashfs berth-starter-images.squashfs.sig sbom.spdx.json; do
    cmp "$out/check-1/$file" "$out/check-2/$file" || { echo "image: $file differs between two builds (kept in $out)" >&2; exit 1; }
  done
  rm -rf "$out"/check-[12]
  echo "two builds of $board gave the same bytes" >&2
  exit 0
fi
key=$(image_key)
if [ -f "$image" ] && [ "$(cat "$out/.key" 2>/dev/null)" = "$key" ]; then
  printf '%s is up to date\n' "$image" >&2
  exit 0
fi
rm -f "$out/.key"
bash rootfs/dev/appliance/build.sh "$board" "$preset" "$out"
make_bundle "$out/root.squashfs" "$out/berth-$board.raucb" "$board" "$(project_version)"
printf 'update MB: %s\n' $(($(stat -c %s "$out/berth-$board.raucb") / 1000000)) >&2
[ "$preset" != release ] || compress "$image"
printf '%s' "$key" >"$out/.key"
