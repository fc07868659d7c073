"""The panel of a machine under test, as a browser that trusts one fingerprint."""

import hashlib
import http.client
import json
import ssl
import time


class Panel:
    def __init__(self, machine, fingerprint):
        self.machine, self.fingerprint = machine, fingerprint.replace(":", "").lower()
        self.headers = {}

    def call(self, method, path, body=None, seconds=120):
        """One request, repeated while the machine is not reachable yet; its JSON. Refusals are assertion errors."""
        deadline = time.monotonic() + seconds
        while True:
            self.machine.listen()
            try:
                return self._call(method, path, body)
            except (OSError, http.client.HTTPException) as trouble:
                if time.monotonic() > deadline:
                    raise AssertionError(f"{method} {path}: no answer: {trouble}") from trouble
                time.sleep(0.5)

    def _call(self, method, path, body):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the fingerprint is compared instead
        connection = http.client.HTTPSConnection("127.0.0.1", self.machine.port, context=context, timeout=60)
        try:
            connection.connect()
            shown = hashlib.sha256(connection.sock.getpeercert(binary_form=True)).hexdigest()
            assert shown == self.fingerprint, f"another certificate answers: {shown}"
            headers = dict(self.headers)
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status < 400, f"{method} {path}: {answer.status} {text[:600]!r}"
            self.cookie = answer.getheader("Set-Cookie")
            return json.loads(text) if text else None
        finally:
            connection.close()

    def set_up(self, code, name="maria", password="quiet harbour under seven lamps"):
        user = self.call("POST", "/setup", {"code": code, "name": name, "password": password})
        self.headers = {"X-Berth-CSRF": user["csrf_token"], "Cookie": self.cookie.split(";")[0]}

    def wait_for(self, what, condition, seconds):
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
            self.machine.listen()
            time.sleep(1)

    def image(self, name, seconds):
        return self.wait_for(f"image {name}", lambda: next((i for i in self.call("GET", "/images")["items"]
                                                            if i["name"] == name and i["state"] == "ready"), None), seconds)

    def job_done(self, job, seconds):
        def finished():
            state = self.call("GET", f"/jobs/{job}")
            assert state["state"] not in ("failed", "undone", "cancelled"), f"{state['type']}: {state}"
            return state["state"] == "succeeded"
        self.wait_for(f"job {job}", finished, seconds)

    def create(self, name, image_name, seconds):
        image = self.image(image_name, seconds)
        plan = min((p for p in self.call("GET", "/plans")["items"] if p.get("kind") in (None, image["kind"])
                    and p["memory_bytes"] >= image["min_memory_bytes"] and p["disk_bytes"] >= image["min_disk_bytes"]),
                   key=lambda p: p["memory_bytes"])
        answer = self.call("POST", "/servers", {"name": name, "image": image["id"], "plan": plan["id"]})
        self.job_done(answer["job"]["id"], seconds)
        return answer["server"]["id"]
