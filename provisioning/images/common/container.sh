# A root directory becomes an OCI archive. Sourced by build.sh.

pack_container() {
  local root=$1 result=$2 config facts
  config=$(jq -c .config "$here/$name/recipe.json")
  facts=$(python3 "$here/common/oci_archive.py" "$root" "$result/image.oci.tar" "$config" "$name:$(recipe version)")
  describe "$result" image.oci.tar oci-archive \
    "$(jq -c --argjson config "$config" '. + {default_command: (($config.Entrypoint // []) + ($config.Cmd // []))}' <<<"$facts")"
}
