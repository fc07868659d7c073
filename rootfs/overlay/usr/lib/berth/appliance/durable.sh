# Files that are whole or not there, whenever the power is cut; sourced.

# put FILE PLACE: a copy is written beside PLACE, renamed over it, and on the disk when this ends. On FAT the renamed file's entry is
# the file's to write, not the folder's.
put() {
  cp "$1" "$2.new"
  sync "$2.new"
  mv "$2.new" "$2"
  sync "$2" "${2%/*}"
}
