# The Debian 13 tree in which everything is built, tested and run. Sourced by ./dev; expects $project and $cache.

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'dev: %s\n' "$*" >&2; exit 1; }

need_root() { [ "$(id -u)" = 0 ] || die "run it as root: sudo ./dev ${1:-}"; }

# appliance.list is what only the flashed image carries (rootfs/dev/image.sh).
tree_packages() { find "$project/rootfs/packages" -name '*.list' ! -name appliance.list -exec cat {} + | sed 's/#.*//; s/[[:space:]]//g; /^$/d' | sort -u; }

# The tree's name changes with what it is made from, so a changed package list builds a new one.
tree_path() {
  local key
  key=$( (tree_packages; cat "$project"/rootfs/hooks/*.sh) | sha256sum | cut -c1-16)
  printf '%s/tree-%s\n' "$cache" "$key"
}

ensure_mmdebstrap() {
  command -v mmdebstrap >/dev/null && return
  command -v apt-get >/dev/null || die "this host has neither mmdebstrap nor apt-get; Berth builds on Debian 12 or 13"
  say "installing mmdebstrap on this machine"
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mmdebstrap debian-archive-keyring >&2
}

ensure_tree() {
  tree=$(tree_path)
  if [ -e "$tree/.complete" ]; then
    touch "$tree/.complete"
    return
  fi
  ensure_mmdebstrap
  mkdir -p "$cache"
  exec 9>"$cache/tree.lock"
  flock 9
  if [ ! -e "$tree/.complete" ]; then
    say "making the Debian 13 tree (once; about two minutes)"
    rm -rf "$tree"
    local hooks=() hook
    for hook in "$project"/rootfs/hooks/*.sh; do hooks+=("--customize-hook=bash $hook \"\$1\""); done
    mmdebstrap --variant=apt --include="$(tree_packages | paste -sd,)" \
      --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "5"' \
      "${hooks[@]}" trixie "$tree" >"$cache/tree.log" 2>&1 || { tail -30 "$cache/tree.log" >&2; die "the tree could not be made"; }
    # Source packages come from the same mirror (see rootfs/recipes/).
    sed -n 's/^deb /deb-src /p' "$tree"/etc/apt/sources.list >"$tree/etc/apt/sources.list.d/source.list"
    touch "$tree/.complete"
    # A tree that nothing entered for a week belongs to package lists of the past.
    local old
    while IFS= read -r -d '' old; do
      flock --nonblock "$old/.complete" rm -rf "$old" || true
    done < <(find "$cache" -mindepth 2 -maxdepth 2 -path '*/tree-*/.complete' -mtime +7 -printf '%h\0')
  fi
  exec 9>&-
}

# inside [--net] [--at DIR] COMMAND...: in mount and PID namespaces of its own; --net adds an empty network namespace.
inside() {
  local flags=(--mount --propagation private --pid --fork --kill-child --uts --ipc) at=/src
  while :; do
    case $1 in
      --net) flags+=(--net); shift ;;
      --at) at=$2; shift 2 ;;
      *) break ;;
    esac
  done
  # Held for as long as anybody is inside, so that nobody clears this tree away meanwhile.
  exec 7<"$tree/.complete"
  flock --shared 7
  unshare "${flags[@]}" bash "$project/rootfs/dev/enter.sh" "$tree" "$project" "$cache" "$at" "$@" 7<&-
}
