# The tiny container: BusyBox, and a first process.
image_hook() {
  local root=$1
  install_busybox "$root"
  install -m 755 "$work/packages/usr/bin/tini-static" "$root/usr/sbin/tini"
}
