# What of the read-only system can change (persistent.list). For the initramfs' shell as well; sourced.

# keep ROOT WHERE STORE: binds every path of the list that is kept WHERE from below STORE.
keep() {
  keep_root=$1 keep_where=$2 keep_store=$3
  while read -r path where _; do
    case $path in '' | '#'*) continue ;; esac
    [ "$where" = "$keep_where" ] || continue
    place=$keep_store$path
    if [ ! -e "$place" ]; then
      mkdir -p "${place%/*}"
      rm -rf "$place.new"
      cp -a "$keep_root$path" "$place.new" && mv "$place.new" "$place"
    fi
    mount -o bind "$place" "$keep_root$path" || echo "berth: $path is not kept" >/dev/kmsg
  done <"$keep_root/usr/share/berth/persistent.list"
}

# The essential settings have a second copy on the ESP: an archive and its digest. A copy whose digest is wrong is none.
# save_settings CONFIG ESP_FOLDER
save_settings() {
  mkdir -p "$2"
  tar -C "$1" -cf "$2/settings.new" etc || return
  (cd "$2" && sync settings.new && mv settings.new settings.tar && sha256sum settings.tar >settings.sum &&
    sync settings.tar settings.sum .)
}

# restore_settings CONFIG ESP_FOLDER: only into a config partition that holds none.
restore_settings() {
  [ ! -d "$1/etc" ] && [ -f "$2/settings.tar" ] || return 0
  (cd "$2" && sha256sum -c settings.sum >/dev/null 2>&1) || return 0
  tar -C "$1" -xf "$2/settings.tar"
  : >/run/berth-settings-restored
}
