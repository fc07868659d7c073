# The Debian 13 container: what only a machine with hardware or an init of its own needs stays out.
image_hook() {
  local root=$1
  mkdir -p "$root/var/log/apt"
  # Filled at run time: mounts, and files that the engine writes.
  rm -rf "$root"/boot/* "$root"/run/*
}
