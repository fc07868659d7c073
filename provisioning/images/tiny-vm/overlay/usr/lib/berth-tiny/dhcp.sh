#!/bin/sh
# What udhcpc found out becomes the interface's configuration. Called by udhcpc with the event; values are in the environment.
case $1 in
  deconfig) ip -4 address flush dev "$interface" ;;
  bound | renew)
    ip -4 address flush dev "$interface"
    ip address add "$ip/${mask:-24}" dev "$interface"
    for gateway in $router; do ip route add default via "$gateway" dev "$interface"; break; done
    : >/run/resolv.conf
    for server in $dns; do echo "nameserver $server" >>/run/resolv.conf; done ;;
esac
