#!/usr/bin/env bash
# Runs one command inside the Debian 13 tree. Called by `inside` (tree.sh) in fresh namespaces, so every mount made
# here is private and ends with the command. The tree itself stays pristine: it is the lower layer of an overlay.
#
#   enter.sh TREE PROJECT CACHE WORKDIR COMMAND [ARG...]
set -euo pipefail
tree=$1 project=$2 cache=$3 workdir=$4
shift 4

stage=$cache/stage
mkdir -p "$stage"
mount -t tmpfs -o mode=755 berth-stage "$stage"
mkdir "$stage"/{upper,work,root}
root=$stage/root
mount -t overlay -o "lowerdir=$tree,upperdir=$stage/upper,workdir=$stage/work" berth-root "$root"

mkdir -p "$root"/{src,cache,old}
mount --rbind /dev "$root/dev"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
[ -L "$root/dev/ptmx" ] || mount --bind "$root/dev/pts/ptmx" "$root/dev/ptmx"
# As udev leaves it on a Debian machine, whatever this host did: libvirt probes QEMU anew at every call while it finds that
# KVM was there for its probe (which overrides permissions) but is not for the guests' user.
if [ -c "$root/dev/kvm" ]; then
  mknod -m 660 "$stage/kvm" c 10 232
  chown "0:$(awk -F: '$1 == "kvm" {print $3}' "$root/etc/group")" "$stage/kvm"
  mount --bind "$stage/kvm" "$root/dev/kvm"
fi
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
mountpoint -q "$root/sys/fs/cgroup" || mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
# crun refuses a hybrid tree whose unified part holds a controller (hugetlb, on some kernels). Without it, it sees version 1.
if mountpoint -q "$root/sys/fs/cgroup/unified"; then
  mkdir "$stage/cgroup"
  mount --rbind "$root/sys/fs/cgroup" "$stage/cgroup"
  mount -t tmpfs -o mode=755 berth-cgroup "$root/sys/fs/cgroup"
  for hierarchy in "$stage"/cgroup/*; do
    [ "$hierarchy" != "$stage/cgroup/unified" ] && mountpoint -q "$hierarchy" || continue
    mkdir "$root/sys/fs/cgroup/${hierarchy##*/}"
    mount --bind "$hierarchy" "$root/sys/fs/cgroup/${hierarchy##*/}"
  done
  umount -R "$stage/cgroup"
fi
mount -t tmpfs -o mode=755 berth-run "$root/run"
mount -t tmpfs -o mode=1777 berth-tmp "$root/tmp"
mkdir -p "$root/run/lock"
mount --bind "$project" "$root/src"
mount --bind "$cache" "$root/cache"
if [ -n "${BERTH_STATE:-}" ]; then
  mkdir -p "$root/state"
  mount --bind "$BERTH_STATE" "$root/state"
fi

# The real servers where a local resolver stands in front of them: nobody listens on its address in the guests' namespace.
for servers in /run/systemd/resolve/resolv.conf /etc/resolv.conf; do
  [ -s "$servers" ] && cp -L "$servers" "$root/etc/resolv.conf" && break
done
if ! grep '^nameserver' "$root/etc/resolv.conf" 2>/dev/null | grep -qv ' \(127\.\|::1\)'; then
  printf 'dev: this machine asks only itself for names (/etc/resolv.conf): guests will find none\n' >&2
fi
if [ -s /etc/ssl/certs/ca-certificates.crt ]; then
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
fi

cd "$root"
pivot_root . old
umount -l /old
rmdir /old 2>/dev/null || true
# As systemd does: QEMU and others take copies of the mounts along, and would hold a container's disk for as long as they live.
mount --make-rshared /
cd "$workdir"

# shellcheck disable=SC2054  # the comma is ccache's
keep=(TERM="${TERM:-dumb}" LANG=C.UTF-8 HOME=/root USER=root
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  CCACHE_DIR=/cache/ccache CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
  npm_config_cache=/cache/npm npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
  NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt)
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY CI; do
  [ -n "${!name:-}" ] && keep+=("$name=${!name}")
done
exec env -i "${keep[@]}" "$@"
