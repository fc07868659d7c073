#!/usr/bin/env python3
"""The console on the serial port: first set-up, sign-in, a network that comes back, repair; the page in the panel's place.

    console_test.py IMAGE_FOLDER
"""

import http.client
import os
import re
import ssl
import sys
import time
import unittest

from machine import Machine, fresh_disk
from panel import Panel
from starting import ACT_S, ImageTest, banner, newest_image

PASSWORD = "quiet harbour under seven lamps"
BROKEN = "/run/systemd/system/berthd.service.d"


class Terminal:
    """A person at the serial port, who answers what is asked."""

    def __init__(self, machine):
        self.machine = machine

    def see(self, pattern, seconds=ACT_S):
        return self.machine.expect(pattern, seconds)

    def answer(self, question, text):
        self.see(question)
        self.machine.type(text)

    def choose(self, words):
        """The entry of the menu that is being shown; its other entries."""
        self.see("Choose: ")
        shown = self.machine.before
        number = re.findall(rf"(\d+)  {re.escape(words)}", shown)
        assert number, f"no {words!r} in the menu:\n{shown}"
        self.machine.type(number[-1])
        return shown


class Console(ImageTest):
    def setUp(self):
        super().setUp()
        self.disk = fresh_disk(newest_image(self.images), self.folder.name)

    def test_everything_over_serial(self):
        with Machine(self.folder.name, self.disk) as machine:
            self.fingerprint, code = banner(machine)
            self.assertIsNotNone(code)
            person = Terminal(machine)
            for act in (self.first_set_up, self.sign_in, self.network_that_nobody_confirms, self.password_reset,
                        self.certificate, self.support_bundle, self.ssh):
                began = time.monotonic()
                act(machine, person)
                print(f"{act.__name__}: {time.monotonic() - began:.0f} s", flush=True)
            self.check_text()
            self.rescue(machine, person)
            self.root_shell(machine, person)

    def signs_in(self, machine, password):
        return Panel(machine, self.fingerprint).call("POST", "/sessions", {"name": "maria", "password": password}, ACT_S)

    def first_set_up(self, machine, person):
        machine.type("")
        person.choose("First set-up")
        person.choose("Deutsch")
        person.answer(r"Name of this machine \[berth\]: ", "Not a name!")
        person.see("lower-case letters")
        person.answer(r"Name of this machine \[berth\]: ", "box-1")
        person.answer(r"Time zone \[.*\]: ", "Europe/Vienna")
        person.answer(r"\[image\]:\s+> ", "not;a;server")
        person.answer(r"\[image\]:\s+> ", "")
        person.choose("Leave everything as it was")
        person.see("Berth, its guests and customers")
        person.answer("Press Enter to go on", "")
        person.choose("Make the administrator here")
        person.answer("first administrator .*: ", "maria")
        for secret in ("short", PASSWORD):
            person.answer("Password: ", secret)
            person.answer("Once more: ", secret)
        person.see("Done. Sign in as maria")
        self.assertEqual(machine.run("hostname"), "box-1")
        self.assertRegex(machine.run("date +%Z"), "^CES?T$")
        self.signs_in(machine, PASSWORD)
        self.assertEqual(Panel(machine, self.fingerprint).call("GET", "/setup", seconds=ACT_S)["language"], "de")

    def sign_in(self, machine, person):
        person.choose("Leave")
        page = person.see(r"(?s)--- Berth -+\n(.*?)Press Enter for the console")[1]
        self.assertIn("box-1", page)
        self.assertNotIn("Set-up code", page)
        for password, then in (("wrong wrong wrong", "Name or password is wrong"), (PASSWORD, r"(?s)(?= +1  .*Factory reset)")):
            machine.type("")
            person.answer("Administrator's name", "maria")
            person.answer("Password: ", password)
            person.see(then)
        self.assertNotIn(PASSWORD, machine.before)

    def network_that_nobody_confirms(self, machine, person):
        person.choose("Network")
        card = machine.run("ip -o -4 addr show scope global | awk '{print $2; exit}'")
        person.choose("Change uplink")
        person.choose("IPv6 address")
        person.choose("Off")
        person.choose("Try these settings now")
        person.see("within 120 seconds")
        self.wait_for(machine, "IPv6 to go", lambda: "fec0" not in machine.run(f"ip -6 -o addr show dev {card}"))
        self.panel_that_does_not_start(machine)  # meanwhile
        person.see("The old settings are back")
        self.wait_for(machine, "IPv6 to come back", lambda: "fec0" in machine.run(f"ip -6 -o addr show dev {card}"))

    def panel_that_does_not_start(self, machine):
        machine.run(f"mkdir -p {BROKEN}; printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >{BROKEN}/broken.conf;"
                    "systemctl daemon-reload; systemctl reset-failed berthd; systemctl restart berthd")
        page = self.wait_for(machine, "the page", lambda: self.page(machine))
        self.assertIn("exit code 1", page)
        self.assertNotIn("setup", page)
        self.assertEqual(machine.run("systemctl is-active berth-fallback.service"), "active")
        text = machine.run("systemd-analyze security --no-pager berth-fallback.service | grep Overall")
        self.assertLessEqual(float(re.search(r": ([0-9.]+) ", text)[1]), 2.0)
        self.assertRegex(machine.run("systemctl list-timers --no-legend berth-panel-again.timer"), "berth-panel-again")
        machine.run(f"rm -r {BROKEN}; systemctl daemon-reload; systemctl start berth-panel-again.service", ACT_S)
        self.signs_in(machine, PASSWORD)
        self.assertEqual(machine.run("systemctl is-active berth-fallback.service"), "inactive")
        self.assertEqual(machine.run("systemctl --failed --plain --no-legend"), "")

    def page(self, machine):
        """What answers with 503, under the panel's certificate; None: something else or nobody does."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", machine.port, context=context, timeout=60)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            text = answer.read().decode()
            return text if answer.status == 503 and answer.getheader("Retry-After") == "60" else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait_for(self, machine, what, condition):
        deadline = time.monotonic() + ACT_S
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline, what)
            machine.listen()
            time.sleep(0.5)
        return value

    def password_reset(self, machine, person):
        person.choose("People and passwords")
        person.choose("maria")
        person.answer("Give maria a new password", "yes")
        password = person.see(r"New password: +(\S+)\n")[1]
        person.answer("Press Enter", "")
        person.choose("Back")
        self.signs_in(machine, password)

    def certificate(self, machine, person):
        person.choose("Certificate")
        person.answer("Make a new certificate", "yes")
        person.see("starts again")
        halves = person.see(r"Fingerprint: +([0-9A-F:]{47})\s+([0-9A-F:]{47})")
        self.assertNotEqual(":".join(halves.groups()), self.fingerprint)
        self.fingerprint = ":".join(halves.groups())
        self.assertFalse(Panel(machine, self.fingerprint).call("GET", "/setup", seconds=ACT_S)["needed"])

    def support_bundle(self, machine, person):
        person.choose("Support bundle")
        person.choose("Leave it on the data partition")
        person.see("berth-support.tar.gz is written")
        person.choose("Back")
        bundle = "/data/support/berth-support.tar.gz"
        self.assertIn("berth-support/journal.txt", machine.run(f"tar tzf {bundle}"))
        self.assertEqual(machine.run(f"zcat {bundle} | grep -c 'seven lamps'"), "0")

    def ssh(self, machine, person):
        key = machine.run("ssh-keygen -q -t ed25519 -N '' -C operator -f /run/key; cat /run/key.pub")
        person.choose("SSH access")
        person.choose("Add a key")
        person.answer("OpenSSH public key: ", key)
        person.see("SSH is on")
        self.wait_for(machine, "SSH to listen", lambda: machine.run("systemctl is-active ssh") == "active")
        ssh = "ssh -i /run/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
        self.assertIn("journal.txt", machine.run(f"{ssh} -n root@127.0.0.1 support-bundle | tar tz", ACT_S))
        self.assertIn("berth-console:", machine.run(f"{ssh} -n root@127.0.0.1 id", ACT_S))
        self.assertIn("Root shell", machine.run(f"echo 0 | {ssh} -tt root@127.0.0.1", ACT_S))

    def check_text(self):
        """Every byte since the first status page is plain ASCII in lines of at most 80 columns."""
        with open(os.path.join(self.folder.name, "serial.log"), "rb") as log:
            text = log.read().split(b"--- Berth -", 1)[1]
        self.assertEqual(re.findall(rb"[^\r\n\x20-\x7e]", text), [])
        long = [line for line in text.replace(b"\r", b"").split(b"\n") if len(line) > 80 and b"ssh-ed25519" not in line]
        self.assertEqual(long, [])

    def rescue(self, machine, person):
        person.choose("Restart, power off, rescue")
        person.choose("Rescue: stop the panel")
        person.answer("Stop the panel", "yes")
        self.wait_for(machine, "the panel to stop", lambda: machine.run("systemctl is-active berthd") == "inactive")
        person.choose("Leave")
        person.see("the panel does not answer")
        person.see("Press Enter for the console")
        machine.type("")
        person.see("nobody can sign in")
        offered = person.choose("Restart, power off, rescue")
        self.assertNotIn("People", offered)
        self.assertNotIn("SSH access", offered)
        person.choose("Leave rescue")
        self.assertFalse(Panel(machine, self.fingerprint).call("GET", "/setup", seconds=ACT_S)["needed"])

    def root_shell(self, machine, person):
        person.choose("Root shell")
        person.answer(r"name to go on \(box-1\): ", "box-1")
        person.answer("# ", "tty; exit")
        person.see("/dev/ttyS0")
        person.see("Choose: ")


if __name__ == "__main__":
    ImageTest.images = sys.argv.pop(1)
    unittest.main(verbosity=2)
