#!/usr/bin/env bash
# Kernel and initramfs, under the names that GRUB's menu knows. $1 is the root being made; $initramfs_modules the board's.
set -euo pipefail
root=$1
versions=("$root"/usr/lib/modules/*)
[ ${#versions[@]} = 1 ] || { echo "one kernel is expected: ${versions[*]}" >&2; exit 1; }
version=${versions[0]##*/}

if [ "$initramfs_modules" = most ]; then
  echo "MODULES=most" >>"$root/etc/initramfs-tools/conf.d/berth"
else
  echo "MODULES=list" >>"$root/etc/initramfs-tools/conf.d/berth"
  printf '%s\n' $initramfs_modules >>"$root/etc/initramfs-tools/modules"
fi
mv "$root/boot/vmlinuz-$version" "$root/boot/vmlinuz"
chroot "$root" depmod "$version"
chroot "$root" mkinitramfs -o /boot/initrd.img "$version"
rm -f "$root"/boot/{System.map,initrd.img}-* "$root"/{vmlinuz,initrd.img}{,.old}
