"""A listener on every address: both protocols at one port, and a client is called the same whichever socket it came to."""

import ctypes
import platform
import socket
import struct
import unittest

from support import EdgeServer, EdgeTest, ask, request, trusting

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
NR_SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]


def without_ipv6():
    """What ipv6.disable=1 does to a program: socket(AF_INET6) is EAFNOSUPPORT (seccomp(2), classic BPF)."""
    load, equal, end = 0x20, 0x15, 0x06
    rules = [(load, 0, 0, 0), (equal, 0, 3, NR_SOCKET), (load, 0, 0, 16), (equal, 0, 1, socket.AF_INET6),
             (end, 0, 0, 0x00050000 | 97), (end, 0, 0, 0x7FFF0000)]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(filters))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def peer(server, family, address):
    connection = socket.socket(family)
    connection.settimeout(20)
    connection.connect((address, server.port))
    return ask(trusting().wrap_socket(connection, server_hostname="edge.test"), request("GET", "/peer")).body


class EveryAddress(EdgeTest):
    options = {"everywhere": 1}

    def test_an_ipv4_client_has_its_own_address(self):
        self.assertEqual(peer(self.server, socket.AF_INET, "127.0.0.1"), b"127.0.0.1 secure=true")

    def test_an_ipv6_client_is_served(self):
        self.assertEqual(peer(self.server, socket.AF_INET6, "::1"), b"::1 secure=true")


class NoIpv6(unittest.TestCase):
    def test_it_comes_up_on_ipv4(self):
        server = EdgeServer(before=without_ipv6, everywhere=1)
        try:
            self.assertEqual(peer(server, socket.AF_INET, "127.0.0.1"), b"127.0.0.1 secure=true")
            with self.assertRaises(OSError):
                peer(server, socket.AF_INET6, "::1")
        finally:
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
