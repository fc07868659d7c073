#!/usr/bin/env bash
# The installed Debian becomes an appliance: who may log in, what runs, what can be mounted where. $1 is the root being made.
set -euo pipefail
root=$1

# No password opens anything; the console and keys do.
chroot "$root" passwd --quiet --lock root

printf 'berth\n' >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 berth\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
: >"$root/etc/machine-id"
: >"$root/etc/fstab"
ln -sf /run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/motd" "$root/etc/issue" "$root/etc/issue.net"

# Mount points (persistent.list and what the initramfs mounts).
mkdir -p "$root"/{config,data,efi,etc/berth,etc/libvirt/qemu/autostart,etc/libvirt/secrets,etc/systemd/network}
install -d -m 755 "$root"/etc/berth/{ssh,nftables.d}
install -d -m 700 -o 940 -g 940 "$root/var/lib/berth"
install -d -m 711 "$root/var/lib/berth-engine"
install -d -m 700 "$root/var/lib/berth-keys"
chmod 700 "$root/data" "$root/config"
chmod 711 "$root/data"

systemctl --root="$root" preset-all --preset-mode=enable-only >/dev/null 2>&1
systemctl --root="$root" preset-all 2>/dev/null >/dev/null
# Read by nobody: the engine has its own socket. Nothing waits for a network that may never come.
systemctl --root="$root" mask libvirtd-ro.socket libvirtd-admin.socket virtlogd-admin.socket libvirt-guests.service virtlockd.socket \
  systemd-networkd-wait-online.service systemd-firstboot.service ldconfig.service \
  systemd-journal-catalog-update.service systemd-update-done.service systemd-hwdb-update.service systemd-pcrphase-sysinit.service systemd-pcrphase.service 2>/dev/null >/dev/null

# Parts of libvirt that Berth does itself or has no use for: what is not there cannot be asked for, nor fill the journal.
rm -f "$root"/usr/lib/*/libvirt/connection-driver/libvirt_driver_{network,nwfilter,nodedev}.so

# Of the profiles that Debian ships, those of programs that are here: the others are desktop programs' and cost seconds of each start.
find "$root/etc/apparmor.d" -maxdepth 1 -type f ! -name 'usr.*' ! -name berth-container -delete
