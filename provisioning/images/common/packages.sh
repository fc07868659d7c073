# Where an image's files come from. Sourced by build.sh.
#
# Two bases: `debian` is an installed system made by mmdebstrap; `unpacked` takes the files of a few packages without
# installing them. Both use the package mirror that this tree was made from and keep downloads in $out/.debs.

sources_list=/etc/apt/sources.list

refresh_package_index() {
  [ -z "${package_index_is_fresh:-}" ] || return 0
  apt-get update -qq >&2
  package_index_is_fresh=1
}

# unpack_package NAME DIR: downloads one package and unpacks it. A name without files of its own (a metapackage such as
# linux-image-cloud-amd64) stands for the one versioned package of the same prefix on which it depends.
unpack_package() {
  local package=$1 target=$2 real version file
  real=$(apt-cache depends "$package" | sed -n "s/^  Depends: \(${package%%-*}-image-[0-9].*\)/\1/p" | head -n1)
  package=${real:-$package}
  version=$(apt-cache show --no-all-versions "$package" 2>/dev/null | sed -n 's/^Version: //p')
  [ -n "$version" ] || die "the package mirror does not offer $package"
  (cd "$debs" && apt-get download -qq -o APT::Sandbox::User=root "$package" >&2)
  file=$(echo "$debs/${package}_${version//:/%3a}"_*.deb)
  dpkg-deb -x "$file" "$target"
}

# The packages of the recipe, unpacked side by side in $work/packages; image_hook picks from there.
base_unpacked() {
  local root=$1 package
  debs=$out/.debs
  mkdir -p "$debs" "$work/packages"
  refresh_package_index
  for package in $(list_packages); do unpack_package "$package" "$work/packages"; done
  mkdir -p "$root"/{dev,etc,proc,root,run,sys,tmp,mnt,usr/{bin,sbin,lib,lib64},var/{lib,log}}
  ln -s usr/bin "$root/bin"
  ln -s usr/sbin "$root/sbin"
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  chmod 700 "$root/root"
  chmod 1777 "$root/tmp"
}

# install_busybox ROOT: the static busybox with a link for each of its commands.
install_busybox() {
  local root=$1 applet
  install -D -m 755 "$work/packages/usr/bin/busybox" "$root/usr/bin/busybox"
  while read -r applet; do
    case $applet in usr/*) ;; *) applet=usr/$applet ;; esac
    [ -e "$root/$applet" ] || [ -L "$root/$applet" ] || ln -s /usr/bin/busybox "$root/$applet"
  done < <("$root/usr/bin/busybox" --list-full)
}

# install_program ROOT PATH: a dynamically linked program of the unpacked packages with the libraries it needs.
install_program() {
  local root=$1 path=$2 library
  [ ! -e "$root/$path" ] || return 0
  install -D -m 755 "$work/packages/$path" "$root/$path"
  install -D -m 755 "$work/packages/usr/lib64/ld-linux-x86-64.so.2" "$root/usr/lib64/ld-linux-x86-64.so.2"
  for library in $(readelf -d "$work/packages/$path" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [ "$library" = ld-linux-x86-64.so.2 ] || install_program "$root" "usr/lib/x86_64-linux-gnu/$library"
  done
}

# An installed Debian 13 with the packages of the recipe and no others that they do not need. Documentation (except
# copyright files) and translations stay out while building; the settings that do so do not stay in the image. The
# overlay is in place before the packages are, so that their set-up finds its answers.
base_debian() {
  local root=$1
  mmdebstrap --quiet --variant=apt --include="$(list_packages | paste -sd,)" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "5"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/lintian/*' \
    --essential-hook="tar -C '$work/overlay' -cf - . | tar -C \"\$1\" --keep-directory-symlink --no-overwrite-dir -xpf -" \
    trixie "$root" - <"$sources_list" >"$out/.build-$name.log" 2>&1 ||
    { tail -n 30 "$out/.build-$name.log" >&2; die "$name: mmdebstrap failed"; }
  rm -f "$root"/etc/{apt/apt.conf.d,dpkg/dpkg.cfg.d}/99mmdebstrap
  forget_build_machine "$root"
}

# What a build leaves behind and every guest must have of its own, or does not need.
forget_build_machine() {
  local root=$1
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb \
    "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old "$root"/var/cache/ldconfig/aux-cache \
    "$root"/var/log/{apt,dpkg.log,alternatives.log,bootstrap.log} "$root"/etc/ssh/ssh_host_*
  : >"$root/etc/machine-id"
  rm -f "$root/var/lib/dbus/machine-id" "$root/etc/resolv.conf" "$root/etc/hostname"
}
