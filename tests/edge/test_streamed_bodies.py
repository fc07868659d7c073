"""Bodies that a handler reads itself (patch 0006): whole, in bounds, with deadlines, and refused before they are read."""

import unittest

from support import EdgeTest, closed_within, eventually, read_answer, request

MIB = 1 << 20


def checksum(body):
    total = 0
    for byte in body:
        total = (total * 31 + byte) & 0xFF
    return total


def head(length, path="/stream", more=()):
    lines = [f"POST {path} HTTP/1.1", "Host: edge.test", f"Content-Length: {length}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class StreamedBodies(EdgeTest):
    options = {"deadline_ms": 2000}

    def connections(self):
        return (self.server.tls, self.server.local)

    def test_arrive_whole_over_tls_and_locally(self):
        body = bytes(range(256)) * (3 * MIB // 256)
        expected = f"{len(body)} {checksum(body)}".encode()
        for connect in self.connections():
            with connect() as connection:
                connection.sendall(head(len(body)) + body[:100])
                connection.sendall(body[100:])
                answer = read_answer(connection)
                self.assertEqual((answer.status, answer.body), (200, expected))
                # All of it was read: the connection goes on.
                connection.sendall(request("GET", "/hello"))
                self.assertEqual(read_answer(connection).body, b"hello")

    def test_may_be_empty_or_come_with_the_head(self):
        for connect in self.connections():
            with connect() as connection:
                connection.sendall(head(0))
                self.assertEqual(read_answer(connection).body, b"0 0")
                connection.sendall(head(3) + b"abc" + request("GET", "/hello"))
                self.assertEqual(read_answer(connection).body, f"3 {checksum(b'abc')}".encode())
                self.assertEqual(read_answer(connection).body, b"hello")

    def test_are_refused_before_they_are_read(self):
        for connect in self.connections():
            with connect() as connection:
                connection.sendall(head(60 * MIB, "/stream?refuse"))
                answer = read_answer(connection)
                self.assertEqual(answer.status, 403)
                self.assertEqual(answer.headers["connection"], "close")
                self.assertTrue(closed_within(connection, 5))
            with connect() as connection:
                connection.sendall(head(64 * MIB + 1))
                self.assertEqual(read_answer(connection).status, 413)

    def test_the_sender_is_told_to_go_on_when_somebody_reads(self):
        with self.server.tls() as connection:
            connection.sendall(head(2 * MIB, more=["Expect: 100-continue"]))
            self.assertEqual(read_answer(connection, head_only=True).status, 100)
            connection.sendall(bytes(2 * MIB))
            self.assertEqual(read_answer(connection).status, 200)
        with self.server.tls() as connection:
            connection.sendall(head(2 * MIB, "/stream?refuse", ["Expect: 100-continue"]))
            self.assertEqual(read_answer(connection).status, 403)

    def test_a_slow_sender_is_let_go(self):
        for connect in self.connections():
            with connect() as connection:
                connection.sendall(head(MIB) + b"some")
                answer = read_answer(connection)
                self.assertEqual((answer.status, answer.body), (408, b"body-too-slow"))

    def test_a_sender_that_leaves_ends_the_reading(self):
        before = self.server.descriptors()
        for connect in self.connections():
            connection = connect()
            connection.sendall(head(MIB) + b"some")
            connection.close()
        self.assertTrue(eventually(lambda: self.server.descriptors() <= before))
        self.assert_serves()

    def test_take_no_memory(self):
        before = self.server.memory_bytes()
        with self.server.local() as connection:
            connection.sendall(head(60 * MIB))
            for _ in range(60):
                connection.sendall(bytes(MIB))
            self.assertEqual(read_answer(connection).status, 200)
        self.assertLess(self.server.memory_bytes() - before, 16 * MIB)

    def test_only_the_named_request_is_streamed(self):
        for path in ("/streams", "/stream/x", "/echo"):
            with self.server.tls() as connection:
                connection.sendall(head(2 * MIB, path))
                self.assertEqual(read_answer(connection).status, 413)


if __name__ == "__main__":
    unittest.main()
