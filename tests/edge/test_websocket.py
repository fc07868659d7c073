"""WebSocket peers that lie about lengths, never end, do not mask, come from elsewhere or come in crowds (threat case 23)."""

import base64
import hashlib
import os
import unittest

from support import EdgeTest, WebSocket, ask, closed_within, eventually, request


class Frames(EdgeTest):
    options = {"deadline_ms": 2000}

    def test_echo(self):
        key = base64.b64encode(os.urandom(16)).decode()
        with WebSocket(self.server, key=key) as client:
            self.assertEqual(client.status, 101)
            accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            self.assertIn(f"Sec-WebSocket-Accept: {accept}", client.head)
            for payload in (b"hi", b"x" * 125, b"x" * 126, b"x" * 65536, b"x" * (1 << 20)):
                client.send(payload)
                self.assertEqual(client.receive(), (1, payload))
            client.send(b"\x00\xff", opcode=2)
            self.assertEqual(client.receive(), (2, b"\x00\xff"))

    def test_fragments_are_put_together(self):
        with WebSocket(self.server) as client:
            client.send(b"one ", final=False)
            client.send(b"?", opcode=9)
            client.send("zw\u00f6lf"[:3].encode()[:3], opcode=0, final=False)
            client.send("zw\u00f6lf".encode()[3:], opcode=0)
            self.assertEqual(client.receive(), (10, b"?"))
            self.assertEqual(client.receive(), (1, "one zw\u00f6lf".encode()))

    def test_a_length_of_two_gigabytes_reserves_nothing(self):
        before = self.server.memory_bytes()
        clients = [WebSocket(self.server, path=f"/socket?owner={i % 6}") for i in range(10)]
        for client in clients:
            client.send(b"", length=0x7fff0000)
            self.assertEqual(client.close_code(), 1009)
        self.assertLess(self.server.memory_bytes() - before, 20 << 20)
        for client in clients:
            client.connection.close()
        self.assert_serves()

    def test_lengths_beyond_sixty_three_bits(self):
        with WebSocket(self.server) as client:
            client.send(b"", length=(1 << 64) - 1)
            self.assertEqual(client.close_code(), 1009)

    def test_endless_fragments(self):
        with WebSocket(self.server) as client:
            piece = b"x" * 200_000
            client.send(piece, final=False)
            for _ in range(5):
                client.send(piece, opcode=0, final=False)
            self.assertEqual(client.close_code(), 1009)
        with WebSocket(self.server) as client:
            try:
                client.send(b"", final=False)
                for _ in range(3000):
                    client.send(b"", opcode=0, final=False)
            except OSError:
                pass  # it may be closed while we are still sending
            self.assertIn(client.close_code(), (1009, None))
            self.assertTrue(closed_within(client.connection, 5))
        self.assert_serves()

    def test_frames_that_break_the_rules(self):
        cases = {
            "unmasked": dict(payload=b"hi", masked=False),
            "reserved bit": dict(payload=b"hi", reserved=0x40),
            "unknown opcode": dict(payload=b"hi", opcode=3),
            "unknown control": dict(payload=b"", opcode=11),
            "continues nothing": dict(payload=b"hi", opcode=0),
            "fragmented ping": dict(payload=b"", opcode=9, final=False),
            "long ping": dict(payload=b"x" * 126, opcode=9),
        }
        for what, case in cases.items():
            with self.subTest(what), WebSocket(self.server) as client:
                client.send(case.pop("payload"), **case)
                self.assertEqual(client.close_code(), 1002)
        with self.subTest("text inside a message"), WebSocket(self.server) as client:
            client.send(b"a", final=False)
            client.send(b"b")
            self.assertEqual(client.close_code(), 1002)
        with self.subTest("text that is no UTF-8"), WebSocket(self.server) as client:
            client.send(b"\xc3\x28")
            self.assertEqual(client.close_code(), 1007)

    def test_a_frame_that_never_ends_is_cut(self):
        with WebSocket(self.server) as client:
            client.send(b"abc", length=1000)
            self.assertTrue(closed_within(client.connection, 10))
        with WebSocket(self.server) as client:
            client.connection.sendall(b"\x81")
            self.assertTrue(closed_within(client.connection, 10))

    def test_closing(self):
        with WebSocket(self.server) as client:
            client.send(b"close")
            self.assertEqual(client.close_code(), 1000)
        with WebSocket(self.server) as client:
            client.send(b"\x03\xe8", opcode=8)
            self.assertEqual(client.close_code(), 1000)
            self.assertTrue(closed_within(client.connection, 5))

    def test_a_reader_that_does_not_read_is_cut(self):
        self.assertTrue(eventually(lambda: self.server.descriptors() <= self.server.descriptors_at_start))
        before = self.server.memory_bytes()
        with WebSocket(self.server) as client:
            client.send(b"flood 1000")  # 64 MB; the queue holds one
            self.assert_cheap(1, bound=0.5)  # filling the kernel's buffers costs something
            self.assertLess(self.server.memory_bytes() - before, 20 << 20)
            self.assertTrue(eventually(lambda: self.server.descriptors() <= self.server.descriptors_at_start))
        with WebSocket(self.server) as client:
            client.send(b"flood 50")
            for _ in range(50):
                self.assertEqual(client.receive(), (2, b"x" * 65536))

    def test_idle_sockets_cost_nothing(self):
        clients = [WebSocket(self.server, path=f"/socket?owner={i}") for i in range(10)]
        self.assert_cheap(2)
        for client in clients:
            client.send(b"still here")
            self.assertEqual(client.receive(), (1, b"still here"))
            client.connection.close()


class Admission(EdgeTest):
    def test_the_origin_is_the_handlers_to_refuse(self):
        for origin in ("https://evil.test", "https://edge.test.evil.test", "null", None):
            with WebSocket(self.server, origin=origin) as client:
                self.assertEqual(client.status, 403, origin)

    def test_malformed_upgrades(self):
        fields = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "https://edge.test"}
        for name, value, status in (("Sec-WebSocket-Version", "8", 426), ("Sec-WebSocket-Key", "short", 400),
                                    ("Connection", "keep-alive", 400)):
            changed = dict(fields, **{name: value})
            self.assertEqual(ask(self.server.tls(), request("GET", "/socket", headers=changed.items())).status, status, name)
        self.assertEqual(ask(self.server.tls(), request("POST", "/socket", b"x", headers=fields.items())).status, 400)

    def test_a_thousand_sockets_of_one_user(self):
        clients, refused = [], 0
        for _ in range(1000):
            client = WebSocket(self.server, path="/socket?owner=greedy")
            if client.status == 101:
                clients.append(client)
            else:
                self.assertEqual(client.status, 429)
                refused += 1
                client.connection.close()
        self.assertEqual((len(clients), refused), (4, 996))
        with WebSocket(self.server, path="/socket?owner=modest") as other:
            self.assertEqual(other.status, 101)
        self.assert_serves()
        for client in clients:
            client.connection.close()

        def admitted():
            with WebSocket(self.server, path="/socket?owner=greedy") as again:
                return again.status == 101
        self.assertTrue(eventually(admitted))

    def test_streams_never_take_all_workers(self):
        clients = [WebSocket(self.server, path=f"/socket?owner=u{i}") for i in range(20)]
        statuses = [client.status for client in clients]
        self.assertLessEqual(statuses.count(101), 12)
        self.assertIn(503, statuses)
        self.assert_serves()
        for client in clients:
            client.connection.close()


if __name__ == "__main__":
    unittest.main()
