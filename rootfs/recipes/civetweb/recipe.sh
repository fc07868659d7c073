#!/usr/bin/env bash
# Unpacks Debian's CivetWeb source, applies Debian's patches and then ours (patches/), into DIRECTORY.
# Run by CMakeLists.txt at configure time, only when something here has changed.
#
#   recipe.sh DIRECTORY
#
# The two tarballs are pinned by SHA-256 and kept in $BERTH_DOWNLOADS (default /cache/downloads, or beside DIRECTORY).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
directory=${1:?usage: recipe.sh DIRECTORY}

version=1.16+dfsg-2+deb13u1
orig=civetweb_1.16+dfsg.orig.tar.xz
debian=civetweb_$version.debian.tar.xz
sums="41dbfd68cd3b914ce440a5813f21058813b61a972600cc04fb8233a0d2d04fe4  $orig
1e5f56ab5592026dc5cd90302cfaa5a66b889f8959440e64dc0e373d18165ebb  $debian"

if [ -n "${BERTH_DOWNLOADS:-}" ]; then downloads=$BERTH_DOWNLOADS
elif [ -d /cache ]; then downloads=/cache/downloads
else downloads=$directory.downloads; fi
mkdir -p "$downloads"

verified() { (cd "$downloads" && sha256sum --quiet --check - <<<"$sums") >/dev/null 2>&1; }

# apt reads this machine's own package sources, turned into source-package entries, with lists of its own: nothing of the
# system's apt is changed. A mirror may lack the .dsc; apt then ends in an error although it has fetched and checked both
# tarballs, so its exit status says nothing: the sums decide.
fetch() {
  local apt file
  apt=$(mktemp -d)
  mkdir -p "$apt/parts" "$apt/lists/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] && sed -n 's/^deb /deb-src /p' "$file"
  done >"$apt/sources.list"
  for file in /etc/apt/sources.list.d/*.sources; do
    if [ -f "$file" ]; then sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/$(basename "$file")"; fi
  done
  local options=(-q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/parts"
    -o Dir::State::lists="$apt/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  (cd "$downloads" && apt-get "${options[@]}" source --download-only "civetweb=$version") || true
  rm -rf "$apt"
}

exec 9>"$downloads/.civetweb.lock"
flock 9
if ! verified; then
  echo "civetweb: fetching $version" >&2
  rm -f "$downloads/$orig" "$downloads/$debian"
  fetch >"$downloads/civetweb.log" 2>&1
  verified || { tail -20 "$downloads/civetweb.log" >&2; echo "civetweb: the pinned tarballs could not be fetched" >&2; exit 1; }
fi
exec 9>&-

rm -rf "$directory"
mkdir -p "$directory"
tar -xf "$downloads/$orig" -C "$directory" --strip-components=1
tar -xf "$downloads/$debian" -C "$directory"
cd "$directory"
while read -r name; do
  case $name in '' | '#'*) continue ;; esac
  patch -s -p1 <"debian/patches/$name"
done <debian/patches/series
for file in "$here"/patches/*.patch; do
  patch -s -p1 --fuzz=0 <"$file"
done
