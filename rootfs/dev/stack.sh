#!/usr/bin/env bash
# The appliance's processes without an appliance: log daemon, libvirt, engine, panel. Runs inside the tree, as the first
# process of a PID namespace; stops everything on SIGTERM or SIGINT. State lives under /state.
#
#   stack.sh [--preset P] [--port N] [--listen ADDRESS] [--engine real|fake] [--uplink] [--samples]
#
# --uplink: the engine, libvirt and guests get a network namespace of their own behind a veth pair; without it
# (tests) everything shares the namespace it was started in.
set -euo pipefail
preset=dev port=8443 listen=127.0.0.1 engine=real uplink=0 samples=0
while [ $# -gt 0 ]; do
  case $1 in
    --preset) preset=$2; shift 2 ;;
    --port) port=$2; shift 2 ;;
    --listen) listen=$2; shift 2 ;;
    --engine) engine=$2; shift 2 ;;
    --uplink) uplink=1; shift ;;
    --samples) samples=1; shift ;;
    *) echo "stack.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
bin=/src/build/$preset/bin
log=/state/log
engine_net=()
declare -A running=()

fatal() {
  printf 'stack: %s\n' "$*" >&2
  exit 1
}

# start NAME COMMAND...: in the background, its words to /state/log/NAME.log.
start() {
  local name=$1
  shift
  "$@" >>"$log/$name.log" 2>&1 8>&- &
  running[$name]=$!
}

await_socket() {
  local path=$1 name=$2 tries
  for ((tries = 0; tries < 600; tries++)); do
    [ -S "$path" ] && return
    kill -0 "${running[$name]}" 2>/dev/null || { tail -20 "$log/$name.log" >&2; fatal "$name did not start"; }
    sleep 0.05
  done
  tail -20 "$log/$name.log" >&2
  fatal "$name made no socket $path within 30 s"
}

stop() {
  local name=$1 pid=${running[$1]:-} tries
  [ -n "$pid" ] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 200; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  unset "running[$name]"
}

prepare_state() {
  # As under systemd: what the engine unmounts must go from QEMU's own mount namespaces too, or a disk stays busy.
  mount --make-rshared /
  mkdir -p "$log" /state/{engine,panel,libvirt/qemu,libvirt/lib} /run/berth /run/berth-engine
  chmod 711 /state /state/engine
  # berth makes its own socket there, and cannot replace the engine's.
  chmod 1770 /run/berth
  chown root:berth /run/berth
  chown berth:berth /state/panel
  chmod 700 /state/panel "$log"
  [ -d /src/rootfs/overlay ] && cp -a --no-preserve=ownership /src/rootfs/overlay/. /
  # libvirt's definitions outlive this run; the guests of a machine are its state.
  mkdir -p /etc/libvirt/qemu /var/lib/libvirt
  if [ -z "$(ls -A /state/libvirt/lib)" ]; then cp -a /var/lib/libvirt/. /state/libvirt/lib/; fi
  mount --bind /state/libvirt/qemu /etc/libvirt/qemu
  mount --bind /state/libvirt/lib /var/lib/libvirt
}

# The nft tables of every stack on this machine, also of one that was killed.
stack_tables() { nft list tables ip 2>/dev/null | awk '$3 ~ /^berth[0-9]+$/ {print $3}'; }

# Whether this machine forwarded before the first stack: each keeps what it found in the name of an empty chain.
forwarding_before() {
  local table found
  for table in $(stack_tables); do
    found=$(nft list table ip "$table" | grep -o 'forward_was_[01]' || true)
    [ -z "$found" ] || { printf '%s' "${found##*_}"; return; }
  done
  cat /proc/sys/net/ipv4/ip_forward
}

# A namespace for the guests' world, joined to this one by a veth pair with a masquerading rule: gone when we are.
make_uplink() {
  local number third
  number=$((port % 4096)) third=$((port % 64))
  outer=berth$number
  ip netns add berth
  ip -n berth link set lo up
  if ip link add "$outer" type veth peer name uplink netns berth 2>"$log/uplink.log"; then
    ip addr add "100.127.$third.1/30" dev "$outer"
    ip link set "$outer" up
    ip -n berth addr add "100.127.$third.2/30" dev uplink
    ip -n berth link set uplink up
    ip -n berth route add default via "100.127.$third.1"
    forward_was=$(forwarding_before)
    echo 1 >/proc/sys/net/ipv4/ip_forward 2>/dev/null || true
    nft -f - <<RULES || true
table ip ${outer}
delete table ip ${outer}
table ip ${outer} {
  chain forward_was_${forward_was} {
  }
  chain out {
    type nat hook postrouting priority srcnat;
    ip saddr 100.127.$third.0/30 masquerade
  }
}
RULES
  else
    printf 'stack: guests have no way out: %s\n' "$(cat "$log/uplink.log")" >&2
    outer=
  fi
  engine_net=(nsenter --net=/run/netns/berth)
  # libvirt sets the flags of bridge ports through /sys, which shows the network namespace that mounted it.
  mkdir -p /run/cgroup
  mount --rbind /sys/fs/cgroup /run/cgroup
  "${engine_net[@]}" mount -t sysfs sysfs /sys
  mount --rbind /run/cgroup /sys/fs/cgroup
}

remove_uplink() {
  [ -n "${outer:-}" ] || return 0
  nft delete table ip "$outer" 2>/dev/null || true
  ip link del "$outer" 2>/dev/null || true
  # The last stack on this machine puts back what the first one found.
  [ -n "$(stack_tables)" ] || echo "$forward_was" >/proc/sys/net/ipv4/ip_forward 2>/dev/null || true
}

start_engine() {
  if [ "$engine" = fake ]; then
    start engine "$bin/berth-engine-fake" --socket /run/berth/engine.sock --state /state/engine/fake.json --demo
  else
    start virtlogd "${engine_net[@]}" /usr/sbin/virtlogd
    start libvirtd "${engine_net[@]}" /usr/sbin/libvirtd
    await_socket /run/libvirt/libvirt-sock libvirtd
    start engine "${engine_net[@]}" "$bin/berth-engine" --socket /run/berth/engine.sock --state /state/engine --runtime /run/berth-engine
  fi
  await_socket /run/berth/engine.sock engine
  chown root:berth /run/berth/engine.sock
  chmod 660 /run/berth/engine.sock
}

start_panel() {
  # The panel's words are for the person at the terminal (url, fingerprint, set-up code); its log goes to the file.
  setpriv --reuid=berth --regid=berth --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    "$bin/berthd" --state /state/panel --listen "$listen:$port" --engine /run/berth/engine.sock \
    --socket /run/berth/panel.sock --images /cache/images 2>>"$log/panel.log" &
  running[panel]=$!
}

# What a demonstration shows: made through the same door as everything else, once.
make_samples() {
  local berth=$bin/berth tries name image plan option
  for ((tries = 0; tries < 240; tries++)); do
    [ "$("$berth" image list --output json 2>/dev/null | jq '[.. | .state? | select(. == "ready")] | length')" = 4 ] && break
    sleep 0.25
  done
  [ "$("$berth" server list --output json | jq '[.. | .hostname? | strings] | length')" = 0 ] || return 0
  while read -r name image plan option; do
    "$berth" server create "$name" --image "$image" --plan "$plan" ${option:+"$option"}
  done <<'SERVERS'
shop-frontend debian-13-vm medium
shop-database debian-13-vm small
game-lobby debian-13 small
wiki debian-13 tiny
build-runner tiny-vm tiny --stopped
scratch tiny tiny
SERVERS
}

shut_down() {
  trap '' INT TERM
  stop panel
  if [ "$engine" = real ] && [ -n "${running[engine]:-}" ]; then
    "${engine_net[@]}" "$bin/berth-engine" stop-guests --state /state/engine --runtime /run/berth-engine >>"$log/engine.log" 2>&1 || true
  fi
  stop engine
  stop libvirtd
  stop virtlogd
  remove_uplink
}

trap 'exit 0' INT TERM
trap shut_down EXIT
prepare_state
[ "$uplink" = 1 ] && [ "$engine" = real ] && make_uplink
start_engine
start_panel
if [ "$samples" = 1 ]; then make_samples >>"$log/samples.log" 2>&1 & fi
# Any part that ends by itself ends the whole; wait is interrupted by the traps above.
wait -n "${running[@]}" || true
for name in "${!running[@]}"; do
  kill -0 "${running[$name]}" 2>/dev/null || { tail -20 "$log/$name.log" >&2; printf 'stack: %s has ended\n' "$name" >&2; }
done
exit 1
