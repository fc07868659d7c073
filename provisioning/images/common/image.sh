# From a recipe folder to a finished image folder. Sourced by build.sh; expects $here and $out.
#
# A recipe is a folder with
#   recipe.json     what the image is (see README.md)
#   packages.list   the Debian packages it is made from
#   overlay/        files, exactly where they land; owner root
#   hook.sh         optional: defines image_hook ROOT, run when packages and overlay are in place

say() { printf 'images: %s\n' "$*" >&2; }
die() { printf 'images: %s\n' "$*" >&2; exit 1; }

# recipe FIELD: a value from the recipe of $name; empty when absent.
recipe() { jq -r --arg field "$1" '.[$field] // empty' "$here/$name/recipe.json"; }

list_packages() { sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$here/$name/packages.list"; }

# The hash of all that decides an image: path, executable bit and content of every file of the recipe and of the scripts.
recipe_hash() {
  (cd "$here"
    files=(build.sh common "$name" ! -name '*.md')
    find "${files[@]}" -type l -printf '%p -> %l\n' | sort
    find "${files[@]}" -type f -perm -u+x -printf '%p is executable\n' | sort
    find "${files[@]}" -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum | cut -d' ' -f1
}

image_is_current() {
  local meta=$out/$name/image.json file
  [ -f "$meta" ] && [ "$(cat "$out/$name/.recipe" 2>/dev/null)" = "$1" ] || return 1
  file=$out/$name/$(jq -r .file "$meta")
  [ -f "$file" ] && [ "$(stat -c %s "$file")" = "$(jq -r .size_bytes "$meta")" ]
}

build_image() {
  local name=$1 hash started=$SECONDS root result grub_modules=$grub_modules
  hash=$(recipe_hash)
  if image_is_current "$hash"; then say "$name: kept"; return; fi
  say "$name: building"
  work=$(mktemp -d "$out/.work.XXXXXX")
  root=$work/root result=$work/result
  mkdir -p "$root" "$result"
  stage_overlay
  "base_$(recipe base)" "$root"
  apply_overlay "$root"
  if [ -f "$here/$name/hook.sh" ]; then
    unset -f image_hook
    . "$here/$name/hook.sh"
    image_hook "$root"
  fi
  "pack_$(recipe kind)" "$root" "$result"
  printf '%s\n' "$hash" >"$result/.recipe"
  rm -rf "${out:?}/$name"
  mv "$result" "$out/$name"
  rm -rf "$work"
  work=
  say "$name: $(numfmt --to=iec "$(stat -c %s "$out/$name/$(jq -r .file "$out/$name/image.json")")") in $((SECONDS - started)) s"
}

# File modes come from the project's checkout; a checkout keeps only the executable bit, so the rest is settled here.
stage_overlay() {
  mkdir -p "$work/overlay"
  [ -d "$here/$name/overlay" ] || return 0
  tar -C "$here/$name/overlay" --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' -cf - . | tar -C "$work/overlay" -xpf -
}

apply_overlay() { tar -C "$work/overlay" -cf - . | tar -C "$1" --keep-directory-symlink --no-overwrite-dir -xpf -; }

# describe RESULT FILE FORMAT [JSON]: writes image.json; JSON adds fields that only the packer knows.
describe() {
  local result=$1 file=$2 format=$3 more=${4:-'{}'}
  jq -S --arg name "$name" --arg file "$file" --arg format "$format" --argjson more "$more" \
    --arg sha256 "$(sha256sum "$result/$file" | cut -d' ' -f1)" --argjson size "$(stat -c %s "$result/$file")" \
    '{name: $name, title, kind, file: $file, format: $format, sha256: $sha256, size_bytes: $size, min_disk_bytes,
      min_memory_bytes, os, version, login, arch: "amd64"} + $more' "$here/$name/recipe.json" >"$result/image.json"
}
