#!/usr/bin/env bash
# Updates for tests, good and bad ones. Inside the tree:  bundles.sh IMAGE_FOLDER BOARD OUTDIR
#
# OUTDIR receives good.raucb (the same system as version 900.0.0), hang.raucb (901.0.0: a kernel whose first program never ends),
# sick.raucb (903.0.0: the same system without an engine), and small ones that a machine must refuse. Signed by the development authority, as the image under test trusts it.
set -euo pipefail
image=$1 board=$2 out=$3
cd "$(dirname "$0")/../.."
. rootfs/dev/appliance/release-keys.sh
release_keys
work=$(mktemp -d "$out/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The fastest that GRUB reads.
squash() { mksquashfs "$1" "$2" -quiet -no-progress -comp gzip -Xcompression-level 1 -b 256K -no-xattrs >/dev/null; }

unsquashfs -quiet -no-progress -no-xattrs -d "$work/system" "$image/root.squashfs" >/dev/null
sed -i 's/^VERSION=.*/VERSION=900.0.0/' "$work/system/usr/lib/berth/release"
squash "$work/system" "$work/good.squashfs"
make_bundle "$work/good.squashfs" "$out/good.raucb" "$board" 900.0.0

# A release that comes up, but whose engine does not.
sed -i 's/^VERSION=.*/VERSION=903.0.0/' "$work/system/usr/lib/berth/release"
mv "$work/system/usr/lib/berth/berth-engine" "$work/engine"
ln -s /bin/false "$work/system/usr/lib/berth/berth-engine"
squash "$work/system" "$work/sick.squashfs"
make_bundle "$work/sick.squashfs" "$out/sick.raucb" "$board" 903.0.0
rm -f "$work/engine" "$work/sick.squashfs" "$work/good.squashfs"

# What the initramfs needs, and a first program.
mkdir -p "$work/hang"/{dev,proc,sys,run,tmp,var,efi,config,data,sbin,bin,boot,etc/systemd/network,etc/berth,usr/share,usr/lib}
cp "$work"/system/boot/{vmlinuz,initrd.img} "$work/hang/boot/"
cp -a "$work/system/usr/lib/berth" "$work/hang/usr/lib/"
cp -a "$work/system/usr/share/berth" "$work/hang/usr/share/"
rm -f "$work"/hang/usr/lib/berth/berth*
cp "$work/system/usr/bin/busybox" "$work/hang/bin/busybox"
mkdir -p "$work/hang/lib/x86_64-linux-gnu" "$work/hang/lib64"
cp -L "$work"/system/lib/x86_64-linux-gnu/{libc.so.6,libresolv.so.2,libm.so.6} "$work/hang/lib/x86_64-linux-gnu/"
cp -L "$work/system/lib64/ld-linux-x86-64.so.2" "$work/hang/lib64/"
printf '#!/bin/busybox sh\nwhile :; do echo "this release hangs" >/dev/ttyS0; /bin/busybox sleep 1; done\n' >"$work/hang/sbin/init"
chmod 755 "$work/hang/sbin/init"
squash "$work/hang" "$work/hang.squashfs"
make_bundle "$work/hang.squashfs" "$out/hang.raucb" "$board" 901.0.0
rm -rf "$work/system" "$work/hang"

head -c 3000000 /dev/urandom >"$work/small"
make_bundle "$work/small" "$out/small.raucb" "$board" 902.0.0
make_bundle "$work/small" "$out/old.raucb" "$board" 0.0.0.1
make_bundle "$work/small" "$out/board.raucb" another 902.0.0
# A bit of what it carries, and a bit of what is signed: of the manifest, which lies in the signature at the end.
flip() { python3 -c 'import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)
    file.seek(-1, 1)
    file.write(bytes([byte[0] ^ 16]))' "$1" "$2"; }
cp "$out/small.raucb" "$out/content.raucb"
flip "$out/content.raucb" 1500000
cp "$out/small.raucb" "$out/signed.raucb"
flip "$out/signed.raucb" "$(grep -abo 'compatible=' "$out/signed.raucb" | tail -n1 | cut -d: -f1)"
head -c 2000000 "$out/small.raucb" >"$out/short.raucb"
rm "$out/small.raucb"
# In the form whose content is checked only once, before it is read.
mkdir "$work/plain"
cp "$work/small" "$work/plain/root.img"
printf '%s\n' '[update]' "compatible=berth-$board" version=902.0.0 '[bundle]' format=plain '[image.rootfs]' filename=root.img >"$work/plain/manifest.raucm"
rauc --cert="$release_cert" --key="$release_key" bundle "$work/plain" "$out/plain.raucb" >/dev/null 2>&1
# Somebody else's authority.
make_authority "$work/stranger" 'A stranger'
release_key=$work/stranger/release.key release_cert=$work/stranger/release.pem
make_bundle "$work/small" "$out/stranger.raucb" "$board" 902.0.0
