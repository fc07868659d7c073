"""Requests that two readers could understand differently, or that are too large (threat case 22)."""

import socket
import unittest

from support import EdgeTest, ask, read_answer, request, trusting


class Requests(EdgeTest):
    def status(self, data):
        answer = ask(self.server.tls(), data)
        return answer.status if answer else None

    def test_plain(self):
        self.assert_serves()
        self.assertEqual(ask(self.server.tls(), request("POST", "/echo", b"body")).body, b"body")

    def test_length_and_chunked_together(self):
        smuggled = (b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"0\r\n\r\nGET /hello HTTP/1.1\r\nHost: edge.test\r\n\r\n")
        connection = self.server.tls()
        with connection:
            connection.sendall(smuggled)
            answer = read_answer(connection)
            self.assertEqual(answer.status, 400)
            self.assertEqual(answer.headers["connection"], "close")
            self.assertEqual(connection.recv(100), b"", "the smuggled request must not be answered")

    def test_transfer_encodings(self):
        for value in ("chunked", "Chunked", "identity", "chunked, chunked", "xchunked", "\x0bchunked"):
            got = self.status(request("POST", "/echo", headers=[("Transfer-Encoding", value)]))
            self.assertIn(got, (400, 411), value)

    def test_lengths(self):
        for value in ("+5", "-5", "5,5", "5 5", "0x5", "", "5a", "99999999999999999999", "१"):
            head = b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: " + value.encode() + b"\r\n\r\nhello"
            self.assertEqual(self.status(head), 400, value)
        twice = b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"
        self.assertEqual(self.status(twice), 400)

    def test_malformed_heads(self):
        cases = {
            "folded field": b"GET /hello HTTP/1.1\r\nHost: edge.test\r\nX-A: b\r\n c\r\n\r\n",
            "blank before the colon": b"GET /hello HTTP/1.1\r\nHost: edge.test\r\nX-A : b\r\n\r\n",
            "bare line feeds": b"GET /hello HTTP/1.1\nHost: edge.test\n\n\r\n\r\n",
            "one bare line feed": b"GET /hello HTTP/1.1\r\nHost: edge.test\nX-A: b\r\n\r\n",
            "bare carriage return": b"GET /hello HTTP/1.1\r\nHost: edge.test\rX-A: b\r\n\r\n",
            "NUL": b"GET /hello HTTP/1.1\r\nHost: edge.test\r\nX-A: b\0c\r\n\r\n",
            "no colon": b"GET /hello HTTP/1.1\r\nHost: edge.test\r\nX-A\r\n\r\n",
            "no name": b"GET /hello HTTP/1.1\r\nHost: edge.test\r\n: b\r\n\r\n",
            "two blanks": b"GET  /hello HTTP/1.1\r\nHost: edge.test\r\n\r\n",
            "no version": b"GET /hello\r\nHost: edge.test\r\n\r\n",
            "absolute form": b"GET http://edge.test/hello HTTP/1.1\r\nHost: edge.test\r\n\r\n",
            "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: edge.test\r\n\r\n",
            "no request": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        }
        for what, data in cases.items():
            with self.subTest(what):
                self.assertEqual(self.status(data), 400)
        self.assertEqual(self.status(request("get", "/hello")), 501)
        self.assertEqual(self.status(request("TRACE", "/hello")), 501)
        self.assertEqual(self.status(request("CONNECT", "/hello")), 501)
        self.assertEqual(self.status(request("GET", "/hello", version="2.0")), 505)

    def test_hosts(self):
        self.assertEqual(self.status(request("GET", "/hello", host=None)), 400)
        self.assertEqual(self.status(request("GET", "/hello", headers=[("Host", "edge.test")])), 400)
        for host in ("a b", "user@edge.test", "edge.test/x", "", "[::1"):
            self.assertEqual(self.status(request("GET", "/hello", host=host)), 400, host)
        self.assertEqual(self.status(request("GET", "/hello", host="evil.test")), 421)
        self.assertEqual(self.status(request("GET", "/hello", host="EDGE.test:8443")), 200)

    def test_paths_never_match_by_accident(self):
        for path in ("////", "//hello", "/hello//", "///hello", "/./hello", "/x/../hello", "/..", "/%2e%2e/hello",
                     "/x/%2E./hello", "/%2fhello", "/hello%00", "/hello%0a", "/hello%", "/hello%4", "/hello%zz",
                     "/\\hello", "/x%5chello", "/hello#x", "/h\x80", "/%c0%af", "/%ff", "hello", "/" + "/" * 8000):
            with self.subTest(path[:40]):
                self.assertEqual(self.status(request("GET", path)), 400)
        self.assertEqual(self.status(request("GET", "/" + "a" * 9000)), 414)
        seen = ask(self.server.tls(), request("GET", "/%73%65en?a=//..%2f&b"))
        self.assertEqual(seen.body, b"GET /seen a=//..%2f&b")

    def test_large_heads(self):
        self.assertEqual(self.status(request("GET", "/hello", headers=[("X-Large", "x" * 1_000_000)])), 431)
        self.assertEqual(self.status(request("GET", "/hello", headers=[(f"X-{i}", "x") for i in range(70)])), 431)
        self.assert_serves()

    def test_large_bodies(self):
        head = b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 1048577\r\n\r\n"
        self.assertEqual(self.status(head), 413)
        body = bytes(range(256)) * 4096
        self.assertEqual(ask(self.server.tls(), request("POST", "/echo", body)).body, body)

    def test_malformed_multipart(self):
        for body in (b"--x\r\n", b"--x", b"--x\r\nContent-Disposition: form-data; name=", b"--x" * 10000, b"\0" * 5000):
            answer = ask(self.server.tls(), request("POST", "/echo", body,
                                                    [("Content-Type", "multipart/form-data; boundary=x" + "y" * 200)]))
            self.assertEqual(answer.body, body)

    def test_expectations(self):
        with self.server.tls() as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            self.assertEqual(read_answer(connection).status, 100)
            connection.sendall(b"abc")
            self.assertEqual(read_answer(connection).body, b"abc")
        self.assertEqual(self.status(request("GET", "/hello", headers=[("Expect", "magic")])), 417)

    def test_pipelined_requests_are_answered_in_order(self):
        with self.server.tls() as connection:
            connection.sendall(b"".join(request("POST", "/echo", str(i).encode()) for i in range(20)))
            connection.settimeout(10)
            data = b""
            while data.count(b"HTTP/1.1 200") < 20 or not data.endswith(b"19"):
                more = connection.recv(65536)
                self.assertTrue(more, data[-300:])
                data += more
        bodies = [part.split(b"\r\n\r\n")[1] for part in data.split(b"HTTP/1.1 200 OK\r\n")[1:]]
        self.assertEqual(bodies, [str(i).encode() for i in range(20)])

    def test_head_and_keep_alive(self):
        with self.server.tls() as connection:
            connection.sendall(request("HEAD", "/hello"))
            answer = read_answer(connection, head_only=True)
            self.assertEqual((answer.status, answer.headers["content-length"], answer.body), (200, "5", b""))
            connection.sendall(request("GET", "/hello", headers=[("Connection", "close")]))
            answer = read_answer(connection)
            self.assertEqual((answer.body, answer.headers["connection"]), (b"hello", "close"))
            self.assertEqual(connection.recv(10), b"")

    def test_handlers_cannot_break_the_protocol(self):
        self.assertEqual(self.status(request("GET", "/header?plain")), 200)
        self.assertEqual(self.status(request("GET", "/header?a%0d%0aSet-Cookie:%20x=1")), 500)
        self.assertEqual(self.status(request("GET", "/throw")), 500)
        self.assert_serves()

    def test_security_headers_are_on_every_answer(self):
        for data in (request("GET", "/hello"), request("GET", "/none"), request("GET", "//"), request("TRACE", "/")):
            headers = ask(self.server.tls(), data).headers
            self.assertIn("default-src 'none'", headers["content-security-policy"])
            self.assertEqual(headers["x-content-type-options"], "nosniff")

    def test_the_log_holds_no_query(self):
        ask(self.server.tls(), request("GET", "/seen?ticket=s3cret"))
        self.assertIn("path=/seen", self.server.log())
        self.assertNotIn("s3cret", self.server.log())

    def test_a_refused_body_does_not_eat_the_answer(self):
        # The client is still sending when the answer comes: closing at once would reset the connection.
        with self.server.tcp() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            with trusting().wrap_socket(raw, server_hostname="edge.test") as connection:
                connection.sendall(b"POST /echo HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 5000000\r\n\r\n")
                connection.sendall(b"x" * 200_000)
                self.assertEqual(read_answer(connection).status, 413)


if __name__ == "__main__":
    unittest.main()
