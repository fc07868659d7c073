#!/usr/bin/env bash
# Starts the image of a board in QEMU: its serial port on this terminal, its panel on a port of this machine. Inside the tree:
#
#   boot.sh BOARD [--port N] [--memory MIB] [--disk GIB] [--uefi] [--snapshot]
#
# What the machine writes goes to build/image/BOARD/boot.qcow2 and is there at the next start, until the image is built anew.
# Ctrl-A X ends it, Ctrl-A C is QEMU's monitor.
set -euo pipefail
board=$1
shift
port=8443 memory=2048 disk=16 uefi=0 snapshot=0
while [ $# -gt 0 ]; do
  case $1 in
    --port) port=$2; shift 2 ;;
    --memory) memory=$2; shift 2 ;;
    --disk) disk=$2; shift 2 ;;
    --uefi) uefi=1; shift ;;
    --snapshot) snapshot=1; shift ;;
    *) echo "boot: unknown option $1" >&2; exit 2 ;;
  esac
done
cd "/src/build/image/$board" 2>/dev/null || { echo "boot: no image yet: sudo ./dev image $board" >&2; exit 1; }
image=berth-$board.img
[ -f "$image" ] || { echo "boot: no image yet: sudo ./dev image $board" >&2; exit 1; }
if [ ! -f boot.qcow2 ] || [ "$image" -nt boot.qcow2 ]; then
  qemu-img create -q -f qcow2 -b "$image" -F raw boot.qcow2 "${disk}G"
  rm -f boot.vars
fi

options=(-nodefaults -no-user-config -display none -machine q35 -smp 2 -m "$memory" -device virtio-rng-pci
  -serial mon:stdio
  -drive "file=boot.qcow2,format=qcow2,if=none,id=disk,discard=unmap" -device virtio-blk-pci,drive=disk
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
printf '==> the panel will answer at https://127.0.0.1:%s/ (Ctrl-A X ends the machine)\n' "$port" >&2
exec qemu-system-x86_64 "${options[@]}"
