# network-config version 2: ethernets matched by MAC (or named), static addresses, gateways, routes, DNS, DHCP, MTU.
# Applied at every boot. Sourced by /etc/init.d/boot after seed.sh.

is_address() { case $1 in '' | -* | *[!0-9a-fA-F:./]*) return 1 ;; esac; }

# A network-config may be wrapped in {"network": {...}}.
if value network-config network.version; then net=network.ethernets; else net=ethernets; fi

# interface_of ID: sets $interface to the one with the entry's MAC, or else the one that the entry is named after.
interface_of() {
  interface=
  if value network-config "$net.$1.match.macaddress"; then
    mac=$(echo "$REPLY" | tr A-F a-f)
    for link in /sys/class/net/*; do
      read -r address <"$link/address"
      if [ "$address" = "$mac" ]; then interface=${link##*/}; fi
    done
  elif [ -e "/sys/class/net/$1" ]; then
    interface=$1
  fi
  [ -n "$interface" ]
}

# route DESTINATION GATEWAY: the gateway may lie outside the interface's own prefix, as with routed addresses.
route() {
  family=-4
  case $2 in *:*) family=-6 ;; esac
  case $1 in 0.0.0.0/0 | ::/0) set -- default "$2" ;; esac
  { [ "$1" = default ] || is_address "$1"; } && is_address "$2" || return 0
  ip $family route add "$1" via "$2" dev "$interface" 2>/dev/null && return 0
  ip $family route add "$2" dev "$interface" 2>/dev/null
  ip $family route add "$1" via "$2" dev "$interface" 2>/dev/null
}

configure() {
  entry=$net.$1
  interface_of "$1" || return 0
  value network-config "$entry.mtu" && is_address "$REPLY" && ip link set "$interface" mtu "$REPLY"
  ip link set "$interface" up
  for index in $(children network-config "$entry.addresses"); do
    value network-config "$entry.addresses.$index" && is_address "$REPLY" &&
      ip address add "$REPLY" dev "$interface" 2>/dev/null
  done
  if value network-config "$entry.gateway4"; then route default "$REPLY"; fi
  if value network-config "$entry.gateway6"; then route default "$REPLY"; fi
  for index in $(children network-config "$entry.routes"); do
    value network-config "$entry.routes.$index.to" || continue
    destination=$REPLY
    value network-config "$entry.routes.$index.via" && route "$destination" "$REPLY"
  done
  for index in $(children network-config "$entry.nameservers.addresses"); do
    value network-config "$entry.nameservers.addresses.$index" && is_address "$REPLY" && echo "nameserver $REPLY" >>/run/resolv.conf
  done
  if value network-config "$entry.nameservers.search.0"; then
    case $REPLY in '' | -* | *[!A-Za-z0-9.-]*) ;; *) echo "search $REPLY" >>/run/resolv.conf ;; esac
  fi
  if value network-config "$entry.dhcp4" && [ "$REPLY" = true ]; then dhcp "$interface"; fi
}

# A lease is awaited for three seconds; udhcpc goes on in the background when none came.
dhcp() { udhcpc -i "$1" -b -S -t 3 -T 1 -x "hostname:$(hostname)" -s /usr/lib/berth-tiny/dhcp.sh >/dev/null 2>&1; }

apply_network() {
  ip link set lo up
  : >/run/resolv.conf
  ln -sf /run/resolv.conf /etc/resolv.conf
  if [ -f "$seed/network-config" ]; then
    for id in $(children network-config "$net"); do configure "$id"; done
    return 0
  fi
  for link in /sys/class/net/*; do
    interface=${link##*/}
    [ "$interface" = lo ] && continue
    ip link set "$interface" up
    dhcp "$interface"
  done
}

# The first IPv4 address that others can use, or else IPv6, or "none".
first_address() {
  ip -o address show scope global | awk '
    $3 == "inet" && v4 == "" { v4 = $4 }
    $3 == "inet6" && v6 == "" { v6 = $4 }
    END { a = v4 != "" ? v4 : v6; sub(/\/.*/, "", a); print a == "" ? "none" : a }'
}
