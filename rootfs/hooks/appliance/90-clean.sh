#!/usr/bin/env bash
# What building leaves behind, and what a machine without a package manager does not need. $1 is the root being made.
set -euo pipefail
root=$1
rm -rf "$root"/var/lib/apt "$root"/var/cache/{apt,debconf,ldconfig} "$root"/var/log/* "$root"/var/lib/dpkg/{info,*-old,lock*,updates,triggers} \
  "$root"/var/lib/initramfs-tools "$root"/var/lib/systemd/{catalog,deb-systemd-*} "$root"/var/backups/* "$root"/tmp/* "$root"/run/* \
  "$root"/etc/{apt,.pwd.lock,passwd-,shadow-,group-,gshadow-,subuid-,subgid-} "$root"/usr/share/{bug,lintian,man,info,locale,doc-base} \
  "$root"/var/lib/dbus/machine-id "$root"/etc/ld.so.cache~
find "$root/usr/share/doc" -mindepth 1 -type f ! -name copyright ! -name sbom.spdx.json -delete
find "$root/usr/share/doc" -mindepth 1 -type d -empty -delete
find "$root" -xdev -name '*.pyc' -delete
