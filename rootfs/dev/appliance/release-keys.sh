#!/usr/bin/env bash
# The development release authority: who signs the bundles that development images take. Sourced, or run to make it.
#
# It lies in the cache, is made once, and is no secret worth keeping from whoever builds here; a real release is signed by a key
# of its own (BERTH_RELEASE_KEY, BERTH_RELEASE_CERT, BERTH_RELEASE_CA: see board/README.md).

# make_authority FOLDER NAME: FOLDER/{ca,release}.{key,pem}, the release's certificate signed by the authority's.
make_authority() {
  local folder=$1 name=$2 work
  [ ! -e "$folder/release.pem" ] || return 0
  work=$(mktemp -d "$folder.XXXXXX")
  (
    umask 077
    cd "$work"
    openssl req -quiet -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.pem -days 10950 -subj "/O=Berth/CN=$name authority" \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
    openssl req -quiet -newkey rsa:3072 -nodes -keyout release.key -out release.csr -subj "/O=Berth/CN=$name" 2>/dev/null
    printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
      extendedKeyUsage=critical,codeSigning,emailProtection subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >extensions
    openssl x509 -req -in release.csr -CA ca.pem -CAkey ca.key -days 10950 -extfile extensions -out release.pem 2>/dev/null
    rm -f release.csr extensions ca.srl
    chmod 644 ./*.pem
  )
  chmod 700 "$work"
  if ! mv -T "$work" "$folder" 2>/dev/null; then rm -rf "$work"; fi
}

# Sets release_key, release_cert and release_ca.
release_keys() {
  local folder=/cache/release-authority
  if [ -z "${release_key:-}" ]; then
    make_authority "$folder" 'Berth development release'
    release_key=$folder/release.key release_cert=$folder/release.pem release_ca=$folder/ca.pem
  fi
}

# sign_file FILE: FILE.sig, a CMS signature of all its bytes, in DER. Without the attributes that would hold the time: the same file
# has the same signature (with an RSA or Ed25519 key).
sign_file() {
  openssl cms -sign -binary -noattr -md sha256 -outform DER -signer "$release_cert" -inkey "$release_key" -in "$1" -out "$1.sig"
}

project_version() { sed -n 's/^project(berth VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt; }

# make_bundle SLOT_CONTENT BUNDLE BOARD VERSION: a RAUC bundle in verity format. The slot's content is compressed already.
make_bundle() {
  local content=$1 bundle=$2 board=$3 version=$4 work
  work=$(mktemp -d "$bundle.XXXXXX")
  ln "$content" "$work/root.img" 2>/dev/null || cp --reflink=auto "$content" "$work/root.img"
  printf '%s\n' '[update]' "compatible=berth-$board" "version=$version" '' '[bundle]' format=verity '' '[image.rootfs]' filename=root.img >"$work/manifest.raucm"
  rm -f "$bundle.new"
  rauc --cert="$release_cert" --key="$release_key" --mksquashfs-args='-no-compression -no-progress -quiet' bundle "$work" "$bundle.new" >/dev/null 2>"$work.log" || { cat "$work.log" >&2; return 1; }
  rm -rf "$work" "$work.log"
  mv -f "$bundle.new" "$bundle"
}
