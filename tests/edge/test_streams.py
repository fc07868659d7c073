"""Event streams: they flow, they are counted, and others can end them at once (threat case 16)."""

import time
import unittest

from support import EdgeServer, EdgeTest, WebSocket, closed_within, eventually, read_answer, request


class Streams(EdgeTest):
    options = {"deadline_ms": 2000}

    def open_stream(self, owner):
        connection = self.server.tls()
        connection.sendall(request("GET", f"/events?owner={owner}"))
        return connection, read_answer(connection)

    def test_events_arrive_and_end_from_elsewhere(self):
        connection, answer = self.open_stream("ann")
        with connection:
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/event-stream"))
            self.assertNotIn("content-length", answer.headers)
            data = answer.body
            while data.count(b"data: tick\n\n") < 3:
                data += connection.recv(4096)
            self.assertEqual(self.server.get("/close-streams").status, 200)
            self.assertTrue(closed_within(connection, 5))

    def test_streams_are_capped_and_given_back(self):
        streams = [self.open_stream("bob") for _ in range(6)]
        self.assertEqual([answer.status for _, answer in streams], [200] * 4 + [429] * 2)
        for connection, _ in streams:
            connection.close()

        def admitted():
            connection, answer = self.open_stream("bob")
            connection.close()
            return answer.status == 200
        self.assertTrue(eventually(admitted))

    def test_a_reader_that_stopped_is_ended_from_elsewhere(self):
        with WebSocket(self.server) as client:
            client.send(b"flood 1000")
            client.send(b"close")
            self.assertTrue(eventually(lambda: self.server.descriptors() <= self.server.descriptors_at_start, 5))


class Stopping(unittest.TestCase):
    def test_open_streams_do_not_hold_up_the_end(self):
        server = EdgeServer(deadline_ms=20000)
        stream = server.tls()
        stream.sendall(request("GET", "/events"))
        self.assertEqual(read_answer(stream).status, 200)
        socket = WebSocket(server)
        self.assertEqual(socket.status, 101)
        idle = server.tls()
        half = server.tcp()
        half.sendall(b"\x16\x03\x01")
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(socket.close_code(), 1001)
        for connection in (stream, socket.connection, idle, half):
            connection.close()


if __name__ == "__main__":
    unittest.main()
