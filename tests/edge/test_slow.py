"""Slow headers, bodies and readers; very many connections; more work than workers (threat case 22)."""

import resource
import socket
import threading
import time
import unittest

from support import EdgeTest, closed_within, eventually, read_answer, request, trusting


class SlowPeers(EdgeTest):
    options = {"deadline_ms": 2000, "workers": 4, "streams": 2}

    def test_slow_heads(self):
        peers = [self.server.tls() for _ in range(100)]
        for connection in peers:
            connection.sendall(b"GET /hello HTTP/1.1\r\nHost: edge.test\r\nX-Slow: ")
        self.assert_serves()
        end = time.monotonic() + 10
        open_peers = set(peers)
        while open_peers and time.monotonic() < end:
            for connection in list(open_peers):
                try:
                    connection.sendall(b"x")
                except OSError:
                    open_peers.discard(connection)
            time.sleep(0.2)
        self.assertFalse(open_peers, "a head that never ends must be cut although its bytes keep coming")
        self.assert_serves()

    def test_slow_bodies(self):
        peers = [self.server.tls() for _ in range(100)]
        for connection in peers:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 1000\r\n\r\nabc")
        self.assert_serves()
        for connection in peers:
            answer = read_answer(connection)
            self.assertTrue(answer is None or answer.status == 408)
            connection.close()

    def test_declared_lengths_reserve_nothing(self):
        before = self.server.memory_bytes()
        peers = [self.server.local() for _ in range(500)]
        for connection in peers:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 1048576\r\n\r\nabc")
        self.assert_serves()
        self.assertLess(self.server.memory_bytes() - before, 100 << 20)
        for connection in peers:
            connection.close()

    def test_readers_that_do_not_read(self):
        self.assertTrue(eventually(lambda: self.server.descriptors() <= self.server.descriptors_at_start))
        before = self.server.descriptors()
        peers = []
        for _ in range(12):
            connection = self.server.tcp()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            secure = trusting().wrap_socket(connection, server_hostname="edge.test")
            secure.sendall(request("GET", "/big?16000000"))  # more than the kernel's buffers hold
            peers.append(secure)
        # Three times as many as there are workers; they are busy only until the kernel's buffers are full.
        self.assertTrue(eventually(lambda: self.server.get().status == 200))
        self.assert_serves()
        self.assert_cheap(1, bound=0.25)  # a trickle goes through; spinning would cost a whole CPU
        # Cut by the deadline, though nobody has closed on this side.
        self.assertTrue(eventually(lambda: self.server.descriptors() <= before))
        for connection in peers:
            connection.close()

    def test_a_slow_but_honest_reader_gets_everything(self):
        with self.server.tls() as connection:
            connection.sendall(request("GET", "/big?3000000", headers=[("Connection", "close")]))
            received = 0
            while more := connection.recv(65536):
                received += len(more)
                time.sleep(0.03)
        self.assertGreater(received, 3_000_000)

    def test_idle_keep_alive_connections_are_closed(self):
        with self.server.tls() as connection:
            connection.sendall(request("GET", "/hello"))
            self.assertEqual(read_answer(connection).body, b"hello")
            self.assertTrue(closed_within(connection, 10))


class Busy(EdgeTest):
    options = {"workers": 3, "streams": 2, "deadline_ms": 8000}

    def test_more_work_than_workers_is_told_so(self):
        held = []
        holders = [threading.Thread(target=lambda: held.append(self.server.get("/hold").body)) for _ in range(3)]
        for holder in holders:
            holder.start()
        refused = []

        def is_refused():
            answer = self.server.get()
            if answer.status == 503:
                refused.append(answer)
            return bool(refused)

        self.assertTrue(eventually(is_refused))
        self.assertEqual(refused[0].headers["retry-after"], "1")
        self.server.say("release")
        for holder in holders:
            holder.join(20)
        self.assertEqual(held, [b"held"] * 3)
        self.assert_serves()


class Crowd(EdgeTest):
    options = {"workers": 4, "streams": 2, "deadline_ms": 20000, "connections": 5000}

    def test_thousands_of_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 10000
        if soft < wanted + 200:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, wanted + 200), hard))
        wanted = min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)
        crowd = []
        for _ in range(wanted):
            connection = self.server.local()
            try:
                connection.sendall(b"GET /hello HTTP/1.1\r\nX-Wait: ")
            except OSError:
                pass  # it had to make room already
            crowd.append(connection)
        # Twice as many as are let in: the oldest made room, and a newcomer is answered.
        self.assert_serves()
        self.assert_cheap(2)
        evicted = sum(closed_within(connection, 0.01) for connection in crowd[:1000])
        self.assertGreater(evicted, 900)
        self.assert_serves()
        for connection in crowd:
            connection.close()

    def test_thousands_of_silent_tcp_connections(self):
        crowd = [self.server.tcp() for _ in range(1000)]
        self.assert_serves()
        self.assert_cheap(1)
        for connection in crowd:
            connection.close()


if __name__ == "__main__":
    unittest.main()
