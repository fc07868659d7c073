# A machine on a mirrored pair of disks: which arrays there are. For the initramfs' shell as well; sourced.
#
# Both disks have the same partitions. 3 to 6 of them are members of the RAID1 arrays md3 to md6, whose superblock lies at their end
# (metadata 1.0), so that GRUB reads a member like a partition. The UUID of an array is the mirror's number, 28 hexadecimal digits
# that GRUB hands over as berth.mirror=, and the number of the partition in 4 more. The kernel makes the nodes of numbered arrays by
# itself; those below /dev/md would be udev's, which has much to do when the arrays are needed. Decision 7.

mirror_arrays='root-a:3 root-b:4 config:5 data:6'

# What GRUB would have handed over, had it found /grub/mirror; of this start. scripts/local-top/berth-mirror writes it.
mirror_found=${BERTH_ROOT:-}/run/berth-mirror-found # tests name another root

# argument NAME: its value on the kernel's command line, or in what was found in its place.
argument() {
  for word in $(cat "${BERTH_ROOT:-}/proc/cmdline" "$mirror_found" 2>/dev/null); do case $word in "$1="*) echo "${word#*=}" ;; esac; done
}

mirror_number() { argument berth.mirror; }

# mirror_members ARRAY: the partitions, on whatever disks, that say they belong to it, in words of mirror_arrays.
mirror_members() {
  members_uuid=$(mirror_number)000${1#*:}
  for members_part in /sys/class/block/*/partition; do
    members_part=${members_part%/partition}
    grep -qx "PARTNAME=berth-${1%:*}" "$members_part/uevent" || continue
    mdadm --examine --export "/dev/${members_part##*/}" 2>/dev/null | tr -d : | grep -qx "MD_UUID=$members_uuid" || continue
    echo "/dev/${members_part##*/}"
  done
}

# mirror_member PARTITION: whether its superblock says that it is a member of one of a mirror's arrays; then the mirror's number.
mirror_member() {
  member_uuid=$(mdadm --examine --export "$1" 2>/dev/null | tr -d : | sed -n 's/^MD_UUID=//p')
  case $member_uuid in
    ????????????????????????????000[3-6]) echo "${member_uuid%????}" ;;
    *) return 1 ;;
  esac
}

# mirror_device ARRAY: "md3".
mirror_device() { echo "md${1#*:}"; }

# mirror_disks: the disks (as below /sys/class/block) whose part of the settings' array is up to date.
mirror_disks() {
  for disks_member in "/sys/class/block/$(mirror_device config:5)"/md/dev-*; do
    grep -q in_sync "$disks_member/state" 2>/dev/null || continue
    basename "$(readlink -f "/sys/class/block/${disks_member##*/dev-}/..")"
  done
}

# mirror_esp DISK: its ESP, as below /dev.
mirror_esp() {
  for esp_part in "/sys/class/block/$1"/*/partition; do
    esp_part=${esp_part%/partition}
    if grep -qx PARTNAME=berth-esp "$esp_part/uevent"; then echo "${esp_part##*/}"; fi
  done
}

mirror_part_uuid() { blkid -p -s PART_ENTRY_UUID -o value "$1"; }

# mirror_link_esps UUID: /dev/berth/esp is the one with this UUID, /dev/berth/esp-2 the other disk's, if it is there.
mirror_link_esps() {
  rm -f /dev/berth/esp-2
  for links_disk in $(mirror_disks); do
    links_esp=$(mirror_esp "$links_disk")
    [ -n "$links_esp" ] || continue
    links_name=esp-2
    [ "$(mirror_part_uuid "/dev/$links_esp")" != "$1" ] || links_name=esp
    ln -sf "../$links_esp" "/dev/berth/$links_name"
  done
  # GRUB came from a disk that is no longer part of the mirror.
  [ -e /dev/berth/esp ] || mv /dev/berth/esp-2 /dev/berth/esp
}
