# shellcheck shell=bash disable=SC1090,SC1091
# What a root shell of the console begins with: as a login shell, and it ends when nobody types for ten minutes, as a sign-in does:
# the next who comes to the terminal is somebody else. Not exported: a script's `read` from a slow program would end by it, too.
. /etc/profile
if [ -r ~/.profile ]; then . ~/.profile; fi
readonly TMOUT=600
