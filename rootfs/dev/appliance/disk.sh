# From a slot to a disk: GRUB for both firmwares, the ESP, the config partition, the pack of starter images. Sourced by build.sh.

grub_bios=/usr/lib/grub/i386-pc
shim=/usr/lib/shim/shimx64.efi.signed
shim_keys=/usr/lib/shim/mmx64.efi.signed
grub_efi=/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
# What the bill of materials names the packages of.
boot_files=("$shim" "$shim_keys" "$grub_efi" "$grub_bios/boot.img")
# The settings' file system leaves room in its partition for the superblock of a mirror.
esp_mib=64 config_mib=60
pack=berth-starter-images.squashfs

make_disk() {
  local work=$1
  mkdir -p "$work"/{input,tmp,empty}
  mv "$work/root.squashfs" "$work/input/"
  make_bios_grub "$work/input"
  make_boot_environment "$work/input/grubenv"
  make_esp "$work/input" board/common/grub.cfg
  make_config "$work/input" "$work/empty"
  make_pack "$work/$pack"
  make_pack_slot "$work/$pack" "$work/input/pack.img"
  genimage --config board/common/genimage.cfg --rootpath "$work/empty" --inputpath "$work/input" --outputpath "$work" \
    --tmppath "$work/tmp" >"$work/genimage.log" 2>&1 || { cat "$work/genimage.log" >&2; die "genimage failed"; }
  mv "$work/input/root.squashfs" "$work/"
  make_parts "$work" "$work/parts"
}

# What an installer writes to a disk: the files that genimage put into the image, and where it put them.
make_parts() {
  local work=$1 parts=$2 name
  mkdir "$parts"
  for name in boot.img core.img esp.img config.ext4 pack.img; do mv "$work/input/$name" "$parts/"; done
  sfdisk --json "$work/berth.img" |
    python3 "$here/layout.py" "$board" "$(sed -n 's/^VERSION=//p' "$work/root/usr/lib/berth/release")" "$parts" "$work/root.squashfs" >"$parts/layout.json"
}

# The boot sector reads the core image from where the BIOS-boot partition begins (1 MiB); the core image's first sector
# knows where the rest of it is. Both numbers are written where GRUB's own installer writes them (util/setup.c).
make_bios_grub() {
  local input=$1 start=2048
  grub-mkimage -O i386-pc -d "$grub_bios" -p '(,gpt2)/grub' -o "$input/core.img" \
    biosdisk part_gpt fat ext2 squash4 gzio normal configfile linux linux16 loadenv test regexp probe search echo sleep \
    serial terminal reboot halt minicmd ls cat true all_video
  cp "$grub_bios/boot.img" "$input/boot.img"
  truncate -s 440 "$input/boot.img"
  python3 - "$input/boot.img" "$input/core.img" "$start" <<'PY'
import struct, sys
boot, core, start = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(boot, "r+b") as file:
    file.seek(0x5C)
    file.write(struct.pack("<Q", start))
    file.seek(0x66)  # no jump to a boot drive of its own: as on a hard disk
    file.write(b"\x90\x90")
with open(core, "r+b") as file:
    file.seek(0x1F4)
    file.write(struct.pack("<Q", start + 1))
PY
  [ "$(stat -c %s "$input/core.img")" -le 1048576 ] || die "GRUB's core image does not fit into its partition"
}

make_boot_environment() {
  grub-editenv "$1" create
  grub-editenv "$1" set 'ORDER=A B' A_OK=1 A_TRY=0 B_OK=0 B_TRY=0
}

# make_esp FOLDER MENU. Secure Boot starts shim, shim starts GRUB, and both are Debian's signed programs. GRUB looks for its menu under EFI/debian.
make_esp() {
  local input=$1 menu=$2 esp=$1/esp.img tree=$1/esp
  mkdir -p "$tree"/{EFI/BOOT,EFI/debian,grub}
  cp "$shim" "$tree/EFI/BOOT/BOOTX64.EFI"
  cp "$shim_keys" "$tree/EFI/BOOT/mmx64.efi"
  cp "$grub_efi" "$tree/EFI/BOOT/grubx64.efi"
  # shellcheck disable=SC2016 # GRUB's variable
  printf 'source ($root)/grub/grub.cfg\n' >"$tree/EFI/debian/grub.cfg"
  sed "s|@KERNEL_ARGUMENTS@|$kernel_arguments|" "$menu" >"$tree/grub/grub.cfg"
  [ ! -e "$input/grubenv" ] || cp "$input/grubenv" "$tree/grub/grubenv"
  find "$tree" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  truncate -s "${esp_mib}M" "$esp"
  mkfs.fat -F 32 --invariant -i BE0075E0 -n BERTH-ESP "$esp" >/dev/null
  (cd "$tree" && find . -mindepth 1 -type d | sort | while read -r name; do mmd -i "$esp" "::${name#.}"; done
   find . -type f | sort | while read -r name; do mcopy -m -i "$esp" "$name" "::${name#.}"; done)
}

make_config() {
  local input=$1 empty=$2
  cp "$input/grubenv" "$empty/grubenv"
  touch -d "@$SOURCE_DATE_EPOCH" "$empty/grubenv" "$empty"
  mke2fs -q -t ext4 -L berth-config -U 8d5f5b0a-6a1f-4b1e-9f57-0b5e7a11b025 -O ^orphan_file,^metadata_csum_seed \
    -E hash_seed=8d5f5b0a-6a1f-4b1e-9f57-0b5e7a11b025,root_owner=0:0 -d "$empty" "$input/config.ext4" "${config_mib}M"
  rm "$empty/grubenv"
}

# make_pack FILE: the pack of starter images, and FILE.sig. The images are compressed already.
make_pack() {
  local file=$1 tree=$work/pack name
  mkdir -p "$tree/images"
  for name in /cache/images/*/; do cp -a --reflink=auto "$name" "$tree/images/"; done
  rm -f "$tree"/images/*/.[a-z]*
  env -u SOURCE_DATE_EPOCH mksquashfs "$tree" "$file" -quiet -no-progress -no-compression -no-xattrs -all-root -all-time "$SOURCE_DATE_EPOCH" \
    -mkfs-time "$SOURCE_DATE_EPOCH" >&2
  rm -rf "$tree"
  sign_file "$file"
}

# make_pack_slot FILE SLOT: the pack as it lies in a slot. The line tells it from a system in the same place; how the three lie,
# rootfs/overlay/usr/lib/berth/appliance/starter-images says, too.
make_pack_slot() {
  local file=$1 slot=$2 signature_at=4096 pack_at=16384 bytes
  bytes=$(stat -c %s "$file.sig")
  [ "$bytes" -le $((pack_at - signature_at)) ] && [ "$bytes" -le 9999 ] || die "the signature of the starter images is too large"
  printf 'BERTH-STARTER-IMAGES %s %s\n' "$(stat -c %s "$file")" "$bytes" >"$slot"
  truncate -s "$signature_at" "$slot"
  cat "$file.sig" >>"$slot"
  truncate -s "$pack_at" "$slot"
  cat "$file" >>"$slot"
}

write_figures() {
  local work=$1
  {
    printf 'root unpacked MB: %s\n' $(($(du -s --apparent-size -B1 "$work/root" | cut -f1) / 1000000))
    printf 'slot MB, compressed: %s\n' $(($(stat -c %s "$work/root.squashfs") / 1000000))
    printf 'starter images MB, compressed: %s\n' $(($(stat -c %s "$work/$pack") / 1000000))
  } >"$work/figures"
}
