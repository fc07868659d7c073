# The Debian 13 VM: boot loader, mounts and services.

# The menu until the guest's own update-grub writes one: the newest kernel by Debian's links, /vmlinuz and /initrd.img.
# linux16, because GRUB's linux command moves 58 MB byte by byte: three seconds and more without hardware virtualisation.
write_grub_menu() {
  local root=$1 uuid=$2
  cat >"$root/boot/grub/grub.cfg" <<TEXT
serial --speed=115200
terminal_input console serial
terminal_output console serial
set default=0
set timeout_style=hidden
set timeout=1
menuentry "Debian GNU/Linux" {
  insmod part_msdos
  insmod ext2
  search --no-floppy --fs-uuid --set=root $uuid
  linux16 /vmlinuz root=UUID=$uuid ro console=tty0 console=ttyS0,115200 quiet
  initrd16 /initrd.img
}
TEXT
}

image_hook() {
  local root=$1 uuid
  uuid=$(recipe_uuid)
  printf 'UUID=%s / ext4 errors=remount-ro 0 1\n' "$uuid" >"$root/etc/fstab"
  printf 'LANG=C.UTF-8\n' >"$root/etc/default/locale"
  ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
  systemctl --root="$root" --quiet enable systemd-networkd.service systemd-resolved.service berth-guest-up.service
  # What a first start would otherwise bring up to date (library cache, users, catalogues) was done by the packages.
  : >"$root/etc/.updated"
  : >"$root/var/.updated"
  mkdir -p "$root/boot/grub/i386-pc" "$root/var/log/apt"
  cp "$root"/usr/lib/grub/i386-pc/*.{mod,lst} "$root/boot/grub/i386-pc/"
  write_grub_menu "$root" "$uuid"
  : >"$work/grub-early.cfg"
  grub_modules=$root/usr/lib/grub/i386-pc
  grub_core "$work/core.img" "$work/grub-early.cfg" normal
}
