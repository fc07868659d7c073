# The NoCloud seed: an ISO9660 disk labelled cidata with meta-data, user-data and network-config, each one JSON value
# (JSON is YAML). Sourced by /etc/init.d/boot; expects $state and $lib. The documents land flattened (json.awk) in
# $state/seed, so that the machine keeps its answers when the disk is gone at the next boot.
seed=$state/seed

# value FILE PATH: sets $REPLY to a value of a flattened document, escapes resolved; false when it is not there.
value() {
  REPLY=
  [ -f "$seed/$1" ] || return 1
  while IFS='	' read -r path REPLY; do
    [ "$path" = "$2" ] || continue
    case $REPLY in *\\*) REPLY=$(printf '%b' "$REPLY") ;; esac
    return 0
  done <"$seed/$1"
  REPLY=
  return 1
}

# children FILE PATH: the names below a path, each once, in order.
children() {
  [ -f "$seed/$1" ] || return 0
  awk -v prefix="$2." 'index($0, prefix) == 1 {
    name = substr($0, length(prefix) + 1)
    sub(/[.\t].*/, "", name)
    if (!(name in seen)) print name
    seen[name] = 1
  }' "$seed/$1"
}

# flatten FILE NAME: a document that is not JSON is reported and left out.
flatten() {
  [ -s "$1" ] || return 0
  if head -c 262144 "$1" | awk -f "$lib/json.awk" >"/run/$2" 2>/dev/console; then
    mv "/run/$2" "$fresh/$2"
  else
    echo "berth-tiny: seed: $2 is not JSON and was ignored" >/dev/console
  fi
}

find_seed() {
  tries=0
  # Drivers have looked at their devices when modprobe returns; the disks behind them may come a moment later.
  until device=$(findfs LABEL=cidata 2>/dev/null); do
    tries=$((tries + 1))
    [ $tries -gt 5 ] && return 0
    sleep 0.1
    coldplug
  done
  mkdir -p /run/cidata
  modprobe isofs 2>/dev/null
  mount -t iso9660 -o ro,nosuid,nodev,noexec "$device" /run/cidata || return 0
  fresh=$state/seed.new
  rm -rf "$fresh"
  mkdir -p -m 700 "$fresh"
  flatten /run/cidata/meta-data meta-data
  flatten /run/cidata/user-data user-data
  flatten /run/cidata/network-config network-config
  umount /run/cidata
  rm -rf "$seed"
  mv "$fresh" "$seed"
}

# new_instance: true until the seed's instance-id has been taken over; a new id means a first boot again.
new_instance() {
  value meta-data instance-id || return 1
  [ "$(cat "$state/instance-id" 2>/dev/null)" != "$REPLY" ]
}

instance_is_done() {
  value meta-data instance-id && printf '%s\n' "$REPLY" >"$state/instance-id"
}

apply_hostname() {
  value user-data hostname || value user-data fqdn || value meta-data local-hostname || REPLY=tiny
  case $REPLY in '' | -* | *[!A-Za-z0-9.-]*) REPLY=tiny ;; esac
  hostname "${REPLY%%.*}"
  printf '%s\n' "${REPLY%%.*}" >/etc/hostname
  printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s %s\n' "$REPLY" "${REPLY%%.*}" >/etc/hosts
}
