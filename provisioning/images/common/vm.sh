# A root directory becomes a qcow2 disk that a BIOS boots: MBR, GRUB in the gap before the first partition, one ext4
# partition. Nothing is mounted and no loop device is used. Sourced by build.sh.

sector=512
partition_start=2048 # in sectors: 1 MiB, the gap in which GRUB's core image lives

# Where GRUB's parts come from; a guest that brings its own GRUB must be started by the same version.
grub_modules=/usr/lib/grub/i386-pc

# ext4_from_directory ROOT FILE BYTES UUID. orphan_file and metadata_csum_seed stay off for older readers of the disk.
ext4_from_directory() {
  local root=$1 file=$2 bytes=$3 uuid=$4
  rm -f "$file"
  truncate -s "$bytes" "$file"
  mke2fs -q -t ext4 -b 4096 -m 1 -L "$(recipe root_label)" -U "$uuid" -O ^orphan_file,^metadata_csum_seed \
    -E "hash_seed=$uuid,lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0" -e remount-ro -d "$root" "$file"
}

# grub_core FILE CONFIG MODULE...: the core image, with a configuration inside.
grub_core() {
  local file=$1 config=$2
  shift 2
  grub-mkimage -O i386-pc -d "$grub_modules" -p '(,msdos1)/boot/grub' -c "$config" -o "$file" biosdisk part_msdos ext2 "$@"
  [ "$(stat -c %s "$file")" -lt $(((partition_start - 1) * sector)) ] || die "GRUB's core image does not fit before the partition"
}

# assemble_disk DISK PARTITION CORE: the two stages of GRUB lie where they expect each other by default: the boot sector
# reads sector 1, and the first sector of the core image continues at sector 2.
assemble_disk() {
  local disk=$1 partition=$2 core=$3 bytes
  bytes=$(stat -c %s "$partition")
  rm -f "$disk"
  truncate -s $((partition_start * sector + bytes)) "$disk"
  sfdisk -q --no-reread --no-tell-kernel "$disk" <<TEXT
label: dos
label-id: 0x$(recipe_uuid | cut -c1-8)
start=$partition_start, size=$((bytes / sector)), type=83, bootable
TEXT
  dd if="$grub_modules/boot.img" of="$disk" bs=1 count=440 conv=notrunc status=none
  dd if="$core" of="$disk" bs=$sector seek=1 conv=notrunc status=none
  dd if="$partition" of="$disk" bs=$sector seek=$partition_start conv=notrunc,sparse status=none
}

# The same recipe gives the same UUID: derived from the image's name, in the form of a version 8 UUID (RFC 9562).
recipe_uuid() {
  local h
  h=$(printf 'berth-image:%s' "$name" | sha256sum)
  printf '%s-%s-8%s-8%s-%s\n' "${h:0:8}" "${h:8:4}" "${h:13:3}" "${h:17:3}" "${h:20:12}"
}

# The recipe's hook has left the boot loader in $work/core.img (grub_core).
pack_vm() {
  local root=$1 result=$2 bytes
  bytes=$(recipe disk_bytes)
  [ -f "$work/core.img" ] || die "$name: its hook made no boot loader"
  ext4_from_directory "$root" "$work/partition.img" $((bytes - partition_start * sector)) "$(recipe_uuid)"
  assemble_disk "$work/disk.img" "$work/partition.img" "$work/core.img"
  # shellcheck disable=SC2046 # the options are words of the recipe
  qemu-img convert -q -f raw -O qcow2 $(recipe qcow2_options) "$work/disk.img" "$result/image.qcow2"
  describe "$result" image.qcow2 qcow2 "{\"virtual_size_bytes\": $bytes, \"firmware\": \"bios\"}"
}
