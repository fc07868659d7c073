# From the installed Debian to a slot: our files, our programs, the initramfs, the bill of materials. Sourced by build.sh.
. "$here/programs.sh"

make_root() {
  local base=$1 root=$2 program hook
  cp -a --reflink=auto "$base" "$root"
  add_overlay rootfs/overlay "$root"
  [ ! -d "$folder/overlay" ] || add_overlay "$folder/overlay" "$root"
  for program in "${programs[@]}"; do
    install -D -m 755 "build/$preset/bin/$program" "$root/usr/lib/berth/$program"
    strip --strip-unneeded "$root/usr/lib/berth/$program"
  done
  mkdir -p "$root/usr/bin"
  for program in berth berth-console; do ln -s "../lib/berth/$program" "$root/usr/bin/$program"; done
  for hook in rootfs/hooks/appliance/*.sh; do
    board=$board initramfs_modules=$initramfs_modules release_ca=$release_ca bash "$hook" "$root" || die "$hook failed"
  done
  check_libraries "$root"
}

# Files land as root's, with the modes that git keeps.
add_overlay() {
  tar -C "$1" --owner=0 --group=0 --mode=u+rw,go-w,a+rX -cf - . | tar -C "$2" --keep-directory-symlink --no-overwrite-dir -xpf -
}

check_libraries() {
  local root=$1 program
  for program in "${programs[@]}"; do
    ! chroot "$root" ldd "/usr/lib/berth/$program" | grep 'not found' >&2 || die "$program lacks a library: add it to appliance.list"
  done
}

# GRUB reads the kernel out of the slot, so the slot's compression is one that GRUB knows (decision 4).
make_slot() {
  local root=$1 file=$2
  env -u SOURCE_DATE_EPOCH mksquashfs "$root" "$file" -quiet -no-progress -comp gzip -Xcompression-level 6 -b 256K -all-time "$SOURCE_DATE_EPOCH" -mkfs-time "$SOURCE_DATE_EPOCH" \
    -no-xattrs >&2
}

# The bill of materials: what the image holds, as an SPDX 2.3 document. The licence texts are files of the image under /usr/share/doc.
write_sbom() {
  python3 -B "$here/sbom.py" "$1" "$board" "$(project_version)" "build/$preset" --programs "${programs[@]}" --boot "${boot_files[@]}" >"$2"
}
