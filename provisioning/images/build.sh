#!/usr/bin/env bash
# Builds the starter images from Debian packages. Runs as root inside the Debian 13 tree:
#
#   ./dev shell bash provisioning/images/build.sh [OUTDIR [NAME...]]
#
# OUTDIR (default /cache/images) receives NAME/image.json and NAME/image.qcow2 or NAME/image.oci.tar. Every folder here
# that holds a recipe.json is an image; README.md says what a recipe is made of. An image whose recipe (its folder,
# common/ and this file) is unchanged is kept as it is.
set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C TZ=UTC
# One fixed date in every file of every image, so that the same packages give the same bytes: Debian 13's release.
export SOURCE_DATE_EPOCH=1754697600

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
out=${1:-/cache/images}
[ $# -gt 0 ] && shift
for part in "$here"/common/*.sh; do . "$part"; done

[ "$(id -u)" = 0 ] || die "needs root, inside the Debian 13 tree"
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for recipe in "$here"/*/recipe.json; do names+=("$(basename "$(dirname "$recipe")")"); done
fi
for name in "${names[@]}"; do
  [[ $name =~ ^[a-z0-9][a-z0-9.-]*$ && -f $here/$name/recipe.json ]] || die "no image is called '$name'"
done

mkdir -p "$out"
exec 8>"$out/.lock"
flock 8
rm -rf "$out"/.work.*
work=
trap 'rm -rf ${work:+"$work"}' EXIT
trap 'exit 130' INT TERM
for name in "${names[@]}"; do build_image "$name"; done
