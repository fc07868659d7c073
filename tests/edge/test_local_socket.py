"""The local socket: who is at the other end, who may connect, and what becomes of its file."""

import os
import stat
import subprocess
import unittest

from support import SERVER, EdgeServer, EdgeTest, ask, request


class LocalSocket(EdgeTest):
    def test_the_kernel_says_who_asks(self):
        answer = ask(self.server.local(), request("GET", "/peer", host="localhost"))
        self.assertEqual(answer.body.decode(), f"uid={os.getuid()} pid={os.getpid()} secure=False".replace("False", "false"))

    def test_a_remote_peer_has_no_credentials(self):
        answer = ask(self.server.tls(), request("GET", "/peer", headers=[
            ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9"), ("X-Real-IP", "203.0.113.9")]))
        self.assertEqual(answer.body, b"127.0.0.1 secure=true")

    def test_only_owner_and_group_may_connect(self):
        mode = os.stat(self.server.path("edge.socket")).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o660)

    def test_the_host_rule_is_for_the_network(self):
        self.assertEqual(ask(self.server.local(), request("GET", "/hello", host="evil.test")).status, 200)


class SocketFile(unittest.TestCase):
    def test_a_stale_file_is_replaced_and_a_live_one_is_not(self):
        server = EdgeServer()
        path = server.path("edge.socket")
        second = subprocess.run([SERVER, server.directory.name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        self.assertEqual(second.returncode, 1)
        self.assertIn("socket-in-use", second.stderr)
        self.assertEqual(ask(server.local(), request("GET", "/hello")).status, 200)
        server.process.kill()
        server.process.wait()
        self.assertTrue(os.path.exists(path))
        third = subprocess.run([SERVER, server.directory.name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        self.assertEqual((third.returncode, third.stderr.count("Error")), (0, 0), third.stderr)
        self.assertFalse(os.path.exists(path), "an orderly end removes it")
        server.process.stdin.close()
        server.process.stdout.close()
        server.errors.close()
        server.directory.cleanup()


if __name__ == "__main__":
    unittest.main()
