# Berth's programs in an image, under /usr/lib/berth. Sourced by make.sh and root.sh.
# shellcheck disable=SC2034
programs=(berth berthd berth-console berth-engine berth-fallback berth-installer berth-sandbox berth-seed)
