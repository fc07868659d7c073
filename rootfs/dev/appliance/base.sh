# The installed Debian of a board, before anything of Berth is in it. Sourced by build.sh.

base_packages() {
  sed 's/#.*//; s/[[:space:]]//g; /^$/d' rootfs/packages/run.list rootfs/packages/appliance.list "$folder/packages.list" | sort -u
}

# Dates that packages write while they are installed: Debian 13's release. Those of files become the image's own later.
base_date=1754697600

# Changes with what the base is made from: its packages, our accounts, this file.
base_key() {
  { base_packages; cat rootfs/hooks/*.sh "$here/base.sh" /etc/apt/sources.list; } | sha256sum | cut -c1-16
}

ensure_base() {
  local store=${BERTH_BASE_STORE:-/cache/appliance} debs=/cache/appliance/debs key base hook hooks=()
  key=$(base_key)
  base=$store/$board-$key
  mkdir -p "$store" "$debs"
  exec 7>"$store/.lock"
  flock 7
  if [ ! -e "$base/.complete" ]; then
    say "installing the packages of $board"
    # Another checkout may be copying its own just now: only what nobody made for a week goes.
    find "$store" -mindepth 1 -maxdepth 1 -name "$board-*" -mtime +7 -exec rm -rf {} +
    rm -rf "$base"
    mkdir -p "$base"
    for hook in rootfs/hooks/*.sh; do hooks+=("--customize-hook=bash $hook \"\$1\""); done
    # Kernels would each make an initramfs while they are installed; ours is made once, when everything lies in its place.
    SOURCE_DATE_EPOCH=$base_date INITRD=No mmdebstrap --quiet --variant=essential --include="$(base_packages | paste -sd,)" \
      --skip=download/empty \
      --setup-hook="mkdir -p \"\$1\"/var/cache/apt/archives/partial; cp -n $debs/*.deb \"\$1\"/var/cache/apt/archives/ 2>/dev/null || true" \
      --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "5"' --aptopt='Acquire::Languages "none"' \
      --aptopt='APT::Keep-Downloaded-Packages "true"' \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
      --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
      --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/lintian/*' \
      --customize-hook="cp -n \"\$1\"/var/cache/apt/archives/*.deb $debs/ 2>/dev/null || true" \
      "${hooks[@]}" trixie "$base/root" - <"/etc/apt/sources.list" >"$store/$board.log" 2>&1 ||
      { tail -n 30 "$store/$board.log" >&2; die "the packages of $board could not be installed"; }
    find "$debs" -name '*.deb' -mtime +30 -delete
    touch "$base/.complete"
  fi
  exec 7>&-
  printf '%s/root\n' "$base"
}
