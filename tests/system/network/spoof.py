"""Threat case 18 and 19, from inside a guest: sends what a guest must not, and sees what arrives elsewhere.

  spoof.py A_NS B_NS A_MAC A_IP B_MAC B_IP GATEWAY_IP together|apart

Runs where the bridge is. A tells lies, B and the bridge listen. A closing legitimate packet says when to stop
listening, so nothing is timed. Prints each violation; exits 1 if there was any.
"""
import os
import select
import sys
import time

from scapy.all import ARP, BOOTP, DHCP, IP, UDP, Dot1Q, Ether, ICMPv6ND_RA, IPv6, Raw, conf

conf.verb = 0
a_ns, b_ns, a_mac, a_ip, b_mac, b_ip, gateway, relation = sys.argv[1:9]
together = relation == "together"
home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def enter(name):
    fd = os.open(f"/run/netns/{name}", os.O_RDONLY) if name else home
    os.setns(fd, os.CLONE_NEWNET)
    if name:
        os.close(fd)


enter(b_ns)
at_b = conf.L2listen(iface="eth0", promisc=True)
enter(None)
at_bridge = conf.L2listen(iface="berth0", promisc=True)
gateway_mac = open("/sys/class/net/berth0/address").read().strip()
enter(a_ns)
out = conf.L2socket(iface="eth0")

other_mac = "02:00:00:00:00:99"
broadcast = "ff:ff:ff:ff:ff:ff"


def marked(name, packet):
    return packet / Raw(f"BERTH<{name}>".encode())


lies = {
    "source MAC": Ether(src=other_mac, dst=broadcast) / IP(src=a_ip, dst=b_ip) / UDP(sport=9, dport=9),
    "source IP": Ether(src=a_mac, dst=b_mac) / IP(src="10.77.0.200", dst=b_ip) / UDP(sport=9, dport=9),
    "source IP to the gateway": Ether(src=a_mac, dst=gateway_mac) / IP(src=b_ip, dst=gateway) / UDP(sport=9, dport=53),
    "IP to a neighbour by way of the gateway": Ether(src=a_mac, dst=gateway_mac) / IP(src=a_ip, dst=b_ip) / UDP(sport=9, dport=10),
    "ARP for another's address": Ether(src=a_mac, dst=broadcast) / ARP(op=2, hwsrc=a_mac, psrc=b_ip, hwdst=broadcast, pdst=b_ip),
    "ARP as the gateway": Ether(src=a_mac, dst=broadcast) / ARP(op=2, hwsrc=a_mac, psrc=gateway, hwdst=b_mac, pdst=b_ip),
    "ARP with another's MAC inside": Ether(src=a_mac, dst=broadcast) / ARP(op=2, hwsrc=other_mac, psrc=a_ip, hwdst=b_mac, pdst=b_ip),
    "DHCP offer": Ether(src=a_mac, dst=broadcast) / IP(src=a_ip, dst="255.255.255.255") / UDP(sport=67, dport=68)
    / BOOTP(op=2, yiaddr=b_ip, siaddr=a_ip) / DHCP(options=[("message-type", "offer"), "end"]),
    "router advertisement": Ether(src=a_mac, dst="33:33:00:00:00:01") / IPv6(src="fe80::1", dst="ff02::1") / ICMPv6ND_RA(),
    "IPv6": Ether(src=a_mac, dst=b_mac) / IPv6(src="fe80::2", dst="fe80::3") / UDP(sport=9, dport=9),
    "VLAN tag": Ether(src=a_mac, dst=broadcast) / Dot1Q(vlan=5) / IP(src=a_ip, dst=b_ip) / UDP(sport=9, dport=9),
    "unknown EtherType": Ether(src=a_mac, dst=broadcast, type=0x88B5),
}
for name, packet in lies.items():
    out.send(marked(name, packet))
out.send(marked("truth to B", Ether(src=a_mac, dst=b_mac) / IP(src=a_ip, dst=b_ip) / UDP(sport=9, dport=9)))
out.send(marked("truth to all", Ether(src=a_mac, dst=broadcast) / ARP(op=1, hwsrc=a_mac, psrc=a_ip, pdst=b_ip)))
out.send(marked("truth to the gateway", Ether(src=a_mac, dst=gateway_mac) / IP(src=a_ip, dst=gateway) / UDP(sport=9, dport=53)))


def heard(socket, until):
    """What arrived, up to the marker `until` (or 5 s when None or absent)."""
    names, deadline = set(), time.monotonic() + (5 if until else 1)
    while time.monotonic() < deadline:
        ready, _, _ = select.select([socket], [], [], 0.2)
        if not ready:
            continue
        frame = socket.recv_raw()[1]
        if frame and b"BERTH<" in frame:
            name = frame.split(b"BERTH<")[1].split(b">")[0].decode()
            names.add(name)
            if name == until:
                break
    return names


bridge_heard = heard(at_bridge, "truth to the gateway")
b_heard = heard(at_b, "truth to all" if together else None)
bad = []
if "truth to the gateway" not in bridge_heard:
    bad.append("a legitimate packet did not reach the gateway")
# The bridge itself may see a packet that it was asked to route; B must not.
bridge_heard.discard("IP to a neighbour by way of the gateway")
for name in sorted((bridge_heard | b_heard) & set(lies)):
    bad.append(f"got through: {name}")
if together and not {"truth to B", "truth to all"} <= b_heard:
    bad.append(f"guests of one group cannot talk: B heard {sorted(b_heard)}")
if not together and b_heard:
    bad.append(f"B heard a guest of another group: {sorted(b_heard)}")


print("\n".join(bad) or f"nothing got through; bridge heard {sorted(bridge_heard)}, B heard {sorted(b_heard)}")
sys.exit(1 if bad else 0)
