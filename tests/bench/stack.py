"""A running Berth for measuring: rootfs/dev/stack.sh in namespaces of its own, and a small client of its API."""
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time

SOURCE = "/src"


def wait_for(what, condition, seconds=60.0):
    """The first true value of condition(); raises when `seconds` pass without one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise TimeoutError(what)


class Stack:
    """The whole stack; `engine` is real or fake. Use as a context manager."""

    def __init__(self, preset, engine="real", port=18443):
        self.preset, self.engine, self.port = preset, engine, port
        os.makedirs(f"{SOURCE}/build/bench", exist_ok=True)
        self.state = tempfile.mkdtemp(prefix="state.", dir=f"{SOURCE}/build/bench")
        os.chmod(self.state, 0o711)
        self.lines = {}

    def __enter__(self):
        inner = ('mkdir -p /state && mount --bind "$1" /state && mount -t tmpfs -o mode=755 run /run && mkdir /run/lock '
                 '&& exec bash /src/rootfs/dev/stack.sh --preset "$2" --port "$3" --engine "$4"')
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
             "bash", "-c", inner, "stack", self.state, self.preset, str(self.port), self.engine],
            stdout=subprocess.PIPE, text=True)
        wanted = {"url", "fingerprint", "setup-code"}
        for line in self.process.stdout:
            name, _, value = line.strip().partition(": ")
            if name in wanted:
                self.lines[name] = value
            if wanted <= set(self.lines):
                break
        if not wanted <= set(self.lines):
            raise RuntimeError("the stack did not start")
        self.client = Client(self.port)
        self.client.set_up(self.lines["setup-code"])
        return self

    def __exit__(self, *_):
        inner = self.pids("stack.sh")
        for pid in inner:
            os.kill(pid, signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.state, ignore_errors=True)

    def pids(self, word):
        """Processes of this stack whose command line has `word`, by the PID namespace of unshare's child."""
        children = open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()
        if not children:
            return []
        home = os.readlink(f"/proc/{children[0]}/ns/pid")
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{name}/ns/pid") == home and word in open(f"/proc/{name}/cmdline").read():
                    found.append(int(name))
            except OSError:
                continue
        return sorted(found)

    def inside(self, argv, **options):
        """Runs argv in the stack's mount and PID namespaces."""
        children = open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()
        return subprocess.run(["nsenter", "--target", children[0], "--mount", "--pid", *argv],
                              capture_output=True, text=True, check=True, **options).stdout


class Client:
    """Keep-alive TLS to the panel, signed in."""

    def __init__(self, port):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        self.headers = {}

    def call(self, method, path, body=None):
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:400]!r}")
        self.answer = answer
        return json.loads(text) if text else None

    def set_up(self, code):
        user = self.call("POST", "/setup", {"code": code, "name": "bench", "password": "quiet harbour under seven lamps"})
        self.headers = {"X-Berth-CSRF": user["csrf_token"], "Cookie": self.answer.getheader("Set-Cookie").split(";")[0]}

    def job_done(self, job, seconds=600):
        def finished():
            state = self.call("GET", f"/jobs/{job}")
            if state["state"] in ("failed", "undone", "cancelled"):
                raise RuntimeError(f"job {state['type']} {state['state']}: {state.get('error')}")
            return state["state"] == "succeeded" and state
        return wait_for(f"job {job}", finished, seconds)
