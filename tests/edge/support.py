"""What every edge test needs: a server of its own, raw connections to it, and a look at what it costs."""

import base64
import os
import re
import select
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest

SERVER = os.environ.get("EDGE_SERVER", "/src/build/dev/bin/edge_server")
TICKS = os.sysconf("SC_CLK_TCK")


class EdgeServer:
    """edge_server in a directory of its own; options as in its usage line. `before` is called in its process."""

    def __init__(self, before=None, **options):
        self.directory = tempfile.TemporaryDirectory(prefix="berth-edge-")
        arguments = [part for name, value in options.items() for part in (name, str(value))]
        self.errors = open(os.path.join(self.directory.name, "errors"), "w+b")
        self.process = subprocess.Popen(
            [SERVER, self.directory.name, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, preexec_fn=before)
        self.port, self.fingerprint = 0, ""
        for line in self.process.stdout:
            name, _, value = line.strip().partition(": ")
            if name == "port":
                self.port = int(value)
            elif name == "fingerprint":
                self.fingerprint = value
            elif name == "ready":
                break
        if not self.port:
            raise AssertionError("edge_server did not start: " + self.log())
        self.descriptors_at_start = self.descriptors()

    def log(self):
        self.errors.flush()
        with open(self.errors.name, "r", errors="replace") as text:
            return text.read()

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def stop(self):
        """The server's exit status after an orderly end."""
        try:
            self.process.stdin.close()
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "hung"
        self.process.stdout.close()
        log = self.log()
        self.errors.close()
        self.directory.cleanup()
        if "Sanitizer" in log or "runtime error" in log:
            raise AssertionError(log[-8000:])
        return status

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) * 1024

    # ---- connections

    def tcp(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def local(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.path("edge.socket"))  # blocking: waits while the backlog is full
        connection.settimeout(20)
        return connection

    def tls(self, name="edge.test", context=None):
        return (context or trusting()).wrap_socket(self.tcp(), server_hostname=name)

    def get(self, path="/hello", **more):
        return ask(self.tls(), request("GET", path, **more))


def trusting():
    """A client that takes any certificate: the tests look at it themselves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def request(method, path, body=b"", headers=(), host="edge.test", version="1.1"):
    lines = [f"{method} {path} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


def read_answer(connection, head_only=False):
    """One response; None when the connection ended before a status line."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            more = connection.recv(65536)
        except (ConnectionResetError, ssl.SSLError, BrokenPipeError):
            more = b""
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    length = int(headers.get("content-length", 0))
    while len(body) < length and not head_only:
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return Answer(status, headers, body)


def ask(connection, data):
    with connection:
        connection.sendall(data)
        return read_answer(connection)


def closed_within(connection, seconds):
    """Whether the peer ends the connection in time; what it says until then is thrown away."""
    end = time.monotonic() + seconds
    connection.setblocking(False)
    while time.monotonic() < end:
        select.select([connection], [], [], max(0.0, min(0.2, end - time.monotonic())))
        try:
            if connection.recv(65536) == b"":
                return True
        except (ssl.SSLWantReadError, BlockingIOError):
            continue
        except (OSError, ssl.SSLError):
            return True
    return False


def eventually(condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


class EdgeTest(unittest.TestCase):
    """One server for the cases of a class; it must have survived them all and end in order."""

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.server = EdgeServer(**cls.options)

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        if status != 0:
            raise AssertionError(f"the server ended with {status}")

    def assert_serves(self):
        answer = self.server.get()
        self.assertIsNotNone(answer, self.server.log()[-2000:])
        self.assertEqual((answer.status, answer.body), (200, b"hello"))

    def assert_cheap(self, seconds, bound=0.05):
        """The server uses less than `bound` of one CPU over a window (threat case 21 names the bound)."""
        before, began = self.server.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        used = self.server.cpu_seconds() - before
        self.assertLess(used / (time.monotonic() - began), bound)


class WebSocket:
    """A client that can misbehave."""

    def __init__(self, server, path="/socket", origin="https://edge.test", key=None, headers=()):
        self.connection = server.tls()
        self.rest = b""
        key = key or base64.b64encode(os.urandom(16)).decode()
        fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
                  ("Sec-WebSocket-Key", key), *headers]
        if origin is not None:
            fields.append(("Origin", origin))
        self.connection.sendall(request("GET", path, headers=fields))
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.connection.recv(4096)
            if not more:
                break
            data += more
        head, _, self.rest = data.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")
        self.status = int(self.head.split(" ")[1]) if head else 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    @staticmethod
    def frame(payload, opcode=1, final=True, masked=True, length=None, reserved=0):
        length = len(payload) if length is None else length
        head = bytes([(0x80 if final else 0) | reserved | opcode])
        flag = 0x80 if masked else 0
        if length < 126:
            head += bytes([flag | length])
        elif length < 65536:
            head += bytes([flag | 126]) + struct.pack("!H", length)
        else:
            head += bytes([flag | 127]) + struct.pack("!Q", length)
        if not masked:
            return head + payload
        mask = os.urandom(4)
        repeated = (mask * (len(payload) // 4 + 1))[:len(payload)]
        mixed = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
        return head + mask + mixed.to_bytes(len(payload), "big")

    def send(self, *arguments, **more):
        self.connection.sendall(self.frame(*arguments, **more))

    def _take(self, count):
        while len(self.rest) < count:
            more = self.connection.recv(65536)
            if not more:
                return None
            self.rest += more
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def receive(self):
        """(opcode, payload), or None at the end."""
        try:
            head = self._take(2)
            if head is None:
                return None
            length = head[1] & 127
            if length == 126:
                length = struct.unpack("!H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", self._take(8))[0]
            payload = self._take(length) if length else b""
            return head[0] & 15, payload
        except (OSError, ssl.SSLError):
            return None

    def close_code(self):
        """The code with which the server closes, after whatever else it says."""
        while (message := self.receive()) is not None:
            if message[0] == 8:
                return struct.unpack("!H", message[1][:2])[0]
        return None
