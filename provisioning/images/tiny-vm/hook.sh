# The tiny VM: a Debian cloud kernel, an initramfs that only finds the root, and BusyBox on ext4.

# What the guest may meet: disks (virtio, SCSI, SATA), the seed's CD, network, entropy, memory balloon, power button.
tiny_modules=(virtio_blk virtio_scsi sd_mod sr_mod ahci isofs virtio_net virtio_rng virtio_balloon button evdev)
# Of these, the ones needed to reach the root.
tiny_boot_modules=(virtio_blk virtio_scsi sd_mod ahci)

# copy_modules ROOT MODULE...: modules and all they depend on, unpacked (loading is faster), with fresh indexes.
copy_modules() {
  local root=$1 source=$work/packages/usr/lib/modules/$kernel target
  shift
  target=$root/usr/lib/modules/$kernel
  mkdir -p "$target"
  cp "$source"/modules.{builtin,builtin.modinfo,order} "$target/"
  modprobe -d "$work/packages/usr" -S "$kernel" --show-depends -a "$@" | sed -n 's/^insmod //p' | sort -u |
    while read -r module; do
      module=${module#"$source"/}
      mkdir -p "$target/${module%/*}"
      case $module in
        *.xz) xz -dc "$source/$module" >"$target/${module%.xz}" ;;
        *) cp "$source/$module" "$target/$module" ;;
      esac
    done
  depmod -b "$root/usr" "$kernel"
}

make_initramfs() {
  local root=$1 initramfs=$work/initramfs
  mkdir -p "$initramfs"/{dev,proc,sys,root,usr/{bin,sbin,lib}}
  ln -s usr/bin "$initramfs/bin"
  ln -s usr/sbin "$initramfs/sbin"
  ln -s usr/lib "$initramfs/lib"
  install -m 755 "$work/packages/usr/bin/busybox" "$initramfs/usr/bin/busybox"
  ln -s busybox "$initramfs/usr/bin/sh"
  install -m 755 "$here/tiny-vm/initramfs/init" "$initramfs/init"
  install -m 755 "$here/tiny-vm/overlay/usr/sbin/coldplug" "$initramfs/usr/sbin/coldplug"
  copy_modules "$initramfs" "${tiny_boot_modules[@]}"
  find "$initramfs" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$initramfs" && find . | sort | cpio --quiet -o -H newc -R 0:0 --reproducible) >"$root/boot/initrd"
}

image_hook() {
  local root=$1 kernel
  kernel=$(basename "$work"/packages/usr/lib/modules/*)
  depmod -b "$work/packages/usr" "$kernel"
  install_busybox "$root"
  install_program "$root" usr/sbin/resize2fs
  install_program "$root" usr/sbin/dropbear
  copy_modules "$root" "${tiny_modules[@]}"
  mkdir -p "$root/boot"
  install -m 644 "$work/packages/boot/vmlinuz-$kernel" "$root/boot/vmlinuz"
  make_initramfs "$root"
  chmod 600 "$root/etc/shadow"
  grub_core "$work/core.img" "$here/tiny-vm/grub.cfg" linux16
}
