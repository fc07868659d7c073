# What each ./dev command does. Sourced by ./dev; expects $project, $cache, $preset and tree.sh.

dev_shell() {
  ensure_tree
  if [ $# -eq 0 ]; then inside bash -i; else inside "$@"; fi
}

dev_build() {
  ensure_tree
  inside bash rootfs/dev/build.sh "$preset" "$@"
}

dev_run() {
  local port=8443 state=$project/build/state engine=real extra=(--uplink)
  while [ $# -gt 0 ]; do
    case $1 in
      --port) port=${2:?--port needs a number}; shift 2 ;;
      --state) state=${2:?--state needs a folder}; shift 2 ;;
      --demo) engine=fake extra=(--samples); shift ;;
      *) die "run: unknown option $1 (there are --port N, --state DIR, --demo)" ;;
    esac
  done
  [[ $port =~ ^[0-9]+$ && $port -le 65535 ]] || die "run: --port takes a number up to 65535"
  [ "$engine" = fake ] && [ "$state" = "$project/build/state" ] && state=$project/build/state-demo
  mkdir -p "$state"
  state=$(cd "$state" && pwd -P)
  exec 8>"$state/.lock"
  # Its guests' processes may still be ending after a run was stopped.
  flock -w 20 8 || die "run: another ./dev run uses $state (one that was killed goes on until its stack.sh gets SIGTERM)"
  dev_build
  BERTH_STATE=$state
  export BERTH_STATE
  supervise inside bash rootfs/dev/stack.sh --preset "$preset" --port "$port" --engine "$engine" "${extra[@]}"
}

dev_test() {
  ensure_tree
  inside bash rootfs/dev/build.sh "$preset" --tests
  image_for_tests "$@"
  supervise inside --net bash rootfs/dev/test.sh "$preset" "$@"
}

dev_bench() {
  ensure_tree
  inside bash rootfs/dev/build.sh release --tests
  inside bash rootfs/dev/appliance/make.sh qemu-x86_64 release "$(source_date)" 0
  supervise inside --net bash rootfs/dev/bench.sh release "$@"
}

# The long part of the image's tests: hours, not for each change.
dev_soak() {
  ensure_tree
  inside bash rootfs/dev/appliance/make.sh installer "$preset" "$(source_date)" 0 qemu-x86_64
  supervise inside --net bash rootfs/dev/soak.sh "$@"
}

dev_lint() {
  ensure_tree
  inside bash rootfs/dev/lint.sh "$preset" "$@"
}

dev_format() {
  ensure_tree
  inside bash rootfs/dev/style.sh --fix
}

# Enters a running stack's namespaces, so that its socket and its peer credentials are the real ones. With several on this
# machine, the first words say which: --port N or --state DIR, as given to ./dev run.
dev_cli() {
  local port= state= pid found=() ports=()
  while [ $# -gt 0 ]; do
    case $1 in
      --port) port=${2:?--port needs a number}; shift 2 ;;
      --state) state=${2:?--state needs a folder}; shift 2 ;;
      *) break ;;
    esac
  done
  for pid in $(pgrep -x berthd); do
    [ -S "/proc/$pid/root/run/berth/panel.sock" ] || continue
    [ -z "$port" ] || [ "$(panel_port "$pid")" = "$port" ] || continue
    [ -z "$state" ] || [ "/proc/$pid/root/state" -ef "$state" ] || continue
    found+=("$pid") ports+=("--port $(panel_port "$pid")")
  done
  case ${#found[@]} in
    0) die "no ${port:+such }${state:+such }./dev run is running on this machine" ;;
    1) exec nsenter --target "${found[0]}" --mount --pid --root --wd=/ "/src/build/$preset/bin/berth" "$@" ;;
    *) die "several ./dev run are running on this machine; say which: ./dev cli --port N or --state DIR ($(printf '%s\n' "${ports[@]}" | sort -V | paste -sd, | sed 's/,/, /g'))" ;;
  esac
}

# Where the panel with this process id listens: the last part of its --listen ADDRESS:PORT.
panel_port() {
  tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | sed -n '/^--listen$/{n;s/.*://p}'
}

# Runs a command of ours and hands SIGINT and SIGTERM on to the first process of its PID namespace, which stops what it
# started and exits; everything else there ends with it. (unshare itself keeps those signals blocked while it waits.) That process keeps the
# lock of ./dev run too, so that the next run waits until everything of this one has ended.
supervise() {
  local child status=0
  "$@" &
  child=$!
  trap 'forward_stop "$child"' INT TERM
  while :; do
    status=0
    wait "$child" || status=$?
    kill -0 "$child" 2>/dev/null || break
  done
  trap - INT TERM
  return "$status"
}

forward_stop() {
  local shell=$1 pid inner
  # The background subshell -> unshare -> the namespace's first process.
  for pid in $(descendants "$shell"); do
    inner=$(awk '/^NSpid:/ {print $NF}' "/proc/$pid/status" 2>/dev/null) || continue
    if [ "$inner" = 1 ]; then
      kill -TERM "$pid" 2>/dev/null || true
      return
    fi
  done
}

descendants() {
  local pid child
  for pid in "$@"; do
    for child in $(cat /proc/"$pid"/task/*/children 2>/dev/null); do
      printf '%s\n' "$child"
      descendants "$child"
    done
  done
}
