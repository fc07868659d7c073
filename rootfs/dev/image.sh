# ./dev image and ./dev boot. Sourced by ./dev; expects $project, $cache, commands.sh and tree.sh.

boards() { (cd "$project/board" && for f in */board.conf; do printf '%s ' "${f%/*}"; done); }

check_board() {
  [[ $1 =~ ^[a-z0-9][a-z0-9_-]*$ && -f $project/board/$1/board.conf ]] || die "no board is called '$1' (there are: $(boards))"
}

# The date of the sources: everything in the image bears it.
source_date() {
  git -c safe.directory="$project" -C "$project" log -1 --format=%ct 2>/dev/null || echo 1754697600
}

dev_image() {
  local board=qemu-x86_64 check=0 target=
  while [ $# -gt 0 ]; do
    case $1 in
      --check) check=1; shift ;;
      --target) target=${2:?--target needs a board}; check_board "$target"; shift 2 ;;
      -*) die "image: unknown option $1 (there are --check, --target BOARD)" ;;
      *) board=$1; shift ;;
    esac
  done
  check_board "$board"
  ensure_tree
  release_key_files
  inside bash rootfs/dev/appliance/make.sh "$board" release "$(source_date)" "$check" "$target" "${key_files[@]}"
}

# Who signs a real release: files of this host, handed into the tree as open descriptors.
release_key_files() {
  key_files=()
  [ -n "${BERTH_RELEASE_KEY:-}${BERTH_RELEASE_CERT:-}${BERTH_RELEASE_CA:-}" ] || return 0
  [ -r "${BERTH_RELEASE_KEY:-}" ] && [ -r "${BERTH_RELEASE_CERT:-}" ] && [ -r "${BERTH_RELEASE_CA:-}" ] ||
    die "BERTH_RELEASE_KEY, BERTH_RELEASE_CERT and BERTH_RELEASE_CA name files that go together"
  exec 13<"$BERTH_RELEASE_KEY" 14<"$BERTH_RELEASE_CERT" 15<"$BERTH_RELEASE_CA"
  key_files=(/proc/self/fd/13 /proc/self/fd/14 /proc/self/fd/15)
}

# The image that tests start, from the programs that are tested; only when one of them is about to run.
image_for_tests() {
  local tests
  tests=$(inside ctest --preset "$preset" -N "$@")
  [[ $tests = *' appliance_'* ]] || return 0
  inside bash rootfs/dev/appliance/make.sh qemu-x86_64 "$preset" "$(source_date)" 0
}

dev_boot() {
  local options=() board=qemu-x86_64
  while [ $# -gt 0 ]; do
    case $1 in
      --target) check_board "${2:?--target needs a board}"; options+=("$1" "$2"); shift 2 ;;
      --port | --memory | --disk) options+=("$1" "${2:?$1 needs a value}"); shift 2 ;;
      --uefi | --snapshot | --fresh) options+=("$1"); shift ;;
      -*) die "boot: unknown option $1 (there are --port N, --memory MIB, --disk GIB, --uefi, --snapshot, --fresh, --target BOARD)" ;;
      *) board=$1; shift ;;
    esac
  done
  check_board "$board"
  ensure_tree
  inside bash rootfs/dev/appliance/boot.sh "$board" "${options[@]}"
}
