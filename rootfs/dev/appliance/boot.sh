#!/usr/bin/env bash
# Starts the image of a board in QEMU: its serial port on this terminal, its panel on a port of this machine. Inside the tree:
#
#   boot.sh BOARD [--target BOARD] [--port N] [--memory MIB] [--disk GIB] [--uefi] [--snapshot] [--fresh]
#
# What the machine writes goes to build/image/BOARD/boot.qcow2 and is there at the next start, until the image is built anew
# or --fresh. An installer finds an empty disk there; once that is installed the medium is taken out, and the machine starts from the disk.
# Ctrl-A X ends it, Ctrl-A C is QEMU's monitor.
set -euo pipefail
board=$1
shift
port=8443 memory=2048 disk=16 uefi=0 snapshot=0 fresh=0 target=
while [ $# -gt 0 ]; do
  case $1 in
    --target) target=$2; shift 2 ;;
    --port) port=$2; shift 2 ;;
    --memory) memory=$2; shift 2 ;;
    --disk) disk=$2; shift 2 ;;
    --uefi) uefi=1; shift ;;
    --snapshot) snapshot=1; shift ;;
    --fresh) fresh=1; shift ;;
    *) echo "boot: unknown option $1" >&2; exit 2 ;;
  esac
done
installs=
. "/src/board/$board/board.conf"
name=$board
[ -z "$installs" ] || name=$board-${target:-$installs}
image=/src/build/image/$name/berth-$name.img
if [ ! -f "$image" ]; then
  echo "boot: no image yet: sudo ./dev image $board${target:+ --target $target}" >&2
  exit 1
fi
cd "/src/build/image/$name"
if [ $fresh = 1 ] || [ ! -f boot.qcow2 ] || [ "$image" -nt boot.qcow2 ]; then
  from=(-b "$image" -F raw)
  [ -z "$installs" ] || from=()
  qemu-img create -q -f qcow2 "${from[@]}" boot.qcow2 "${disk}G"
  rm -f boot.vars
fi

options=(-nodefaults -no-user-config -display none -machine q35 -smp 2 -m "$memory" -device virtio-rng-pci
  -serial mon:stdio
  -drive "file=boot.qcow2,format=qcow2,if=none,id=disk,discard=unmap" -device virtio-blk-pci,drive=disk,serial=DISK,bootindex=1
  -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:443" -device virtio-net-pci,netdev=net,romfile=)
if grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then
  options+=(-accel kvm -cpu host)
else
  options+=(-accel tcg -cpu max)
fi
if [ $uefi = 1 ]; then
  [ -f boot.vars ] || cp /usr/share/OVMF/OVMF_VARS_4M.fd boot.vars
  options+=(-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd -drive if=pflash,format=raw,file=boot.vars)
fi
[ $snapshot = 0 ] || options+=(-snapshot)
say() { printf '==> %s (Ctrl-A X ends the machine)\n' "$*" >&2; }

# A boot sector is the last thing that an installer writes.
installed() {
  qemu-img dd -f qcow2 -O raw bs=512 count=1 if=boot.qcow2 of=boot.sector
  [ "$(tail -c 2 boot.sector | od -An -tx1)" = ' 55 aa' ]
}
if [ -n "$installs" ] && ! installed; then
  say "the installer, and an empty disk of $disk GiB"
  qemu-system-x86_64 "${options[@]}" -no-reboot \
    -drive "file=$image,format=raw,if=none,id=medium,readonly=on" -device virtio-blk-pci,drive=medium,serial=MEDIUM,bootindex=0
  installed || exit 0
fi
say "the panel will answer at https://127.0.0.1:$port/"
exec qemu-system-x86_64 "${options[@]}"
