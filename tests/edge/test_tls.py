"""TLS: versions, names, renewal while running, and peers that stop in the middle (threat case 21)."""

import hashlib
import socket
import ssl
import time
import unittest

from support import EdgeTest, ask, closed_within, read_answer, request, trusting


def fingerprint(connection):
    der = connection.getpeercert(binary_form=True)
    return ":".join(f"{byte:02X}" for byte in hashlib.sha256(der).digest())


def client_hello():
    """The first bytes that a real client sends."""
    out = ssl.MemoryBIO()
    client = trusting().wrap_bio(ssl.MemoryBIO(), out, server_hostname="edge.test")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


class Certificates(EdgeTest):
    def test_the_certificate_is_the_one_announced(self):
        with self.server.tls() as connection:
            self.assertEqual(fingerprint(connection), self.server.fingerprint)

    def test_versions_and_suites(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            context = trusting()
            context.minimum_version = context.maximum_version = version
            with self.server.tls(context=context) as connection:
                self.assertEqual(connection.version(), name)
                self.assertIn(connection.cipher()[0].split("_")[-2 if name == "TLSv1.3" else -1][:3], ("GCM", "ECD", "POL"))
                connection.sendall(request("GET", "/hello"))
                self.assertEqual(read_answer(connection).body, b"hello")

    def test_old_versions_and_weak_suites_are_refused(self):
        context = trusting()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.server.tls(context=context)
        for suites in ("AES128-SHA:AES256-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256"):
            context = trusting()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(suites + ":@SECLEVEL=0")
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.server.tls(context=context)

    def test_a_session_is_resumed(self):
        context = trusting()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.server.tls(context=context) as connection:
            session = connection.session
        with context.wrap_socket(self.server.tcp(), server_hostname="edge.test", session=session) as connection:
            self.assertTrue(connection.session_reused)
            connection.sendall(request("GET", "/hello"))
            self.assertEqual(read_answer(connection).body, b"hello")

    def test_plain_http_on_the_tls_port_is_refused(self):
        with self.server.tcp() as connection:
            connection.sendall(request("GET", "/hello"))
            self.assertTrue(closed_within(connection, 5))


class Renewal(EdgeTest):
    def test_certificates_change_without_a_restart(self):
        with self.server.tls() as old:
            before = fingerprint(old)
            renewed = ask(self.server.tls(), request("GET", "/renew"))
            self.assertEqual(renewed.status, 200, renewed.body)
            old.sendall(request("GET", "/hello"))
            self.assertEqual(read_answer(old).body, b"hello", "a connection outlives the renewal")
        seen = {}
        for name in ("renewed.test", "RENEWED.test", "www.renewed.test", "a.www.renewed.test", "edge.test", "127.0.0.1"):
            with self.server.tls(name) as connection:
                seen[name] = fingerprint(connection)
        by_name = renewed.body.decode()
        self.assertEqual({name for name, value in seen.items() if value == by_name},
                         {"renewed.test", "RENEWED.test", "www.renewed.test"})
        self.assertNotIn(before, seen.values())
        self.assertEqual(seen["a.www.renewed.test"], seen["edge.test"])


class IdlePeers(EdgeTest):
    """deadline 2 s; the window of measurement lies inside it where the peers must still be there."""

    options = {"deadline_ms": 6000, "workers": 4, "streams": 2}

    def test_peers_that_stop_cost_nothing_and_stop_nobody(self):
        silent = [self.server.tcp() for _ in range(100)]
        half = [self.server.tcp() for _ in range(100)]
        hello = client_hello()
        for connection in half:
            connection.sendall(hello)
        cut = [self.server.tcp() for _ in range(100)]
        for connection in cut:
            connection.sendall(hello[:40])
        done = [self.server.tls() for _ in range(100)]
        self.assert_serves()
        self.assert_cheap(2)
        self.assert_serves()
        for connection in half + cut + done:
            self.assertTrue(closed_within(connection, 20))
        for connection in silent:
            connection.close()
        self.assert_serves()

    def test_handshake_bytes_one_by_one(self):
        hello = client_hello()
        peers = [self.server.tcp() for _ in range(50)]
        before, began = self.server.cpu_seconds(), time.monotonic()
        alive = set(peers)
        for byte in hello[:60]:
            for connection in list(alive):
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    alive.discard(connection)
            time.sleep(0.05)
        used = (self.server.cpu_seconds() - before) / (time.monotonic() - began)
        self.assertLess(used, 0.05)
        self.assert_serves()
        for connection in peers:
            self.assertTrue(closed_within(connection, 20))

    def test_records_of_one_byte(self):
        peers = [self.server.tls() for _ in range(20)]
        data = b"GET /hello HTTP/1.1\r\nHost: edge.test\r\nX-Slow: " + b"x" * 10000
        before, began = self.server.cpu_seconds(), time.monotonic()
        alive = set(peers)
        sent = 0
        while alive and sent < 600:
            for connection in list(alive):
                try:
                    connection.send(data[sent:sent + 1])
                except (OSError, ssl.SSLError):
                    alive.discard(connection)
            sent += 1
            time.sleep(0.01)
        used = (self.server.cpu_seconds() - before) / (time.monotonic() - began)
        self.assertLess(used, 0.05)
        self.assertFalse(alive, "senders of single bytes must be cut")
        self.assert_serves()

    def test_a_peer_that_resets(self):
        for _ in range(50):
            connection = self.server.tcp()
            connection.sendall(client_hello())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
        self.assert_serves()


if __name__ == "__main__":
    unittest.main()
