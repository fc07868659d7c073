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

# The essential settings have a second copy on the ESP: an archive and its digest, in a folder that takes the place of the one before
# when all of it is there. A copy whose digest is wrong is none.
# save_settings CONFIG ESP_FOLDER
save_settings() {
  rm -rf "$2/new"
  mkdir -p "$2/new"
  tar -C "$1" -cf "$2/new/settings.tar" etc || return
  (cd "$2/new" && sha256sum settings.tar >settings.sum) || return
  sync -f "$2"
  rm -rf "$2/old"
  [ ! -d "$2/now" ] || mv "$2/now" "$2/old"
  mv "$2/new" "$2/now"
  sync -f "$2"
}

# restore_settings CONFIG ESP_FOLDER: only into a config partition that holds none; all of them, or none.
restore_settings() {
  [ ! -d "$1/etc" ] || return 0
  for copy in now new old; do
    (cd "$2/$copy" && sha256sum -c settings.sum) >/dev/null 2>&1 || continue
    rm -rf "$1/restored"
    mkdir "$1/restored"
    tar -C "$1/restored" -xf "$2/$copy/settings.tar" && sync && mv "$1/restored/etc" "$1/etc" || continue
    rm -rf "$1/restored"
    : >/run/berth-settings-restored
    return 0
  done
}
