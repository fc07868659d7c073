# What each ./dev command does. Sourced by ./dev; expects $project, $cache, $preset and tree.sh.

dev_shell() {
  ensure_tree
  if [ $# -eq 0 ]; then inside bash -i; else inside "$@"; fi
}
