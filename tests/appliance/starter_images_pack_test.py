#!/usr/bin/env python3
"""Taking over a pack of starter images: the real script, the real openssl and the functions that make the pack for an image, on files.

Only a pack whose every byte was signed by the authority in the keyring becomes /data/images, and a power cut at any point leaves
either all of them or none, and the next start makes all of them of it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

PROJECT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
SCRIPT = os.path.join(PROJECT, "rootfs/overlay/usr/lib/berth/appliance/starter-images")
PACK_AT = 16384

# The same functions as an image's build. A stranger's certificate differs in nothing but who signed it; another purpose's was signed by
# the authority, but not for releases.
MAKE = r"""
set -euo pipefail
. rootfs/dev/appliance/release-keys.sh
. rootfs/dev/appliance/disk.sh
die() { echo "$*" >&2; exit 1; }
out=$1
make_authority "$out/authority" Release
make_authority "$out/stranger" Release
cd "$out/authority"
openssl req -quiet -newkey rsa:2048 -nodes -keyout mail.key -out mail.csr -subj /CN=mail
printf '%s\n' keyUsage=critical,digitalSignature extendedKeyUsage=critical,emailProtection >mail.ext
openssl x509 -req -in mail.csr -CA ca.pem -CAkey ca.key -days 9 -extfile mail.ext -out mail.pem 2>/dev/null
printf '%s\n' keyUsage=critical,digitalSignature extendedKeyUsage=critical,codeSigning >early.ext
openssl x509 -req -in mail.csr -CA ca.pem -CAkey ca.key -not_before 22000101000000Z -not_after 22010101000000Z -extfile early.ext \
  -out early.pem 2>/dev/null
cd "$out"
mkdir -p tree/images/tiny
echo '{"name": "tiny"}' >tree/images/tiny/image.json
head -c 300000 /dev/urandom >tree/images/tiny/image.oci.tar
mksquashfs tree pack -quiet -no-progress -no-compression -all-root >/dev/null
pack_for() {
  release_key=$2 release_cert=$3
  cp pack "$1.squashfs"
  sign_file "$1.squashfs"
  make_pack_slot "$1.squashfs" "$1.slot"
}
pack_for good authority/release.key authority/release.pem
cp good.squashfs.sig first.sig
pack_for good authority/release.key authority/release.pem
cmp first.sig good.squashfs.sig
pack_for stranger stranger/release.key stranger/release.pem
pack_for mail authority/mail.key authority/mail.pem
pack_for early authority/mail.key authority/early.pem
"""

SHIM = """#!/bin/sh
count=$(($(cat "$CUT_COUNT") + 1))
echo "$count" >"$CUT_COUNT"
if [ "$count" = "$CUT" ]; then
  [ "$CUT_HOW" = before ] || {real} "$@"
  kill -KILL -$(ps -o pgid= -p $$ | tr -d ' ')
fi
exec {real} "$@"
"""
STEPS = ("dd", "cp", "mv", "rm", "sync", "mkdir", "mount", "umount", "openssl")


class StarterImages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="berth-pack.")
        cls.made = cls.folder.name
        subprocess.run(["bash", "-c", MAKE, "make", cls.made], cwd=PROJECT, check=True)
        os.mkdir(os.path.join(cls.made, "shims"))
        for name in STEPS:
            path = os.path.join(cls.made, "shims", name)
            with open(path, "w", encoding="utf-8") as shim:
                shim.write(SHIM.replace("{real}", shutil.which(name)))
            os.chmod(path, 0o755)
        with open(os.path.join(cls.made, "tree/images/tiny/image.oci.tar"), "rb") as file:
            cls.content = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="machine.", dir=self.made)
        for name in ("data", "run", "dev/berth", "etc/rauc"):
            os.makedirs(self.at(name))
        shutil.copy(self.of("authority/ca.pem"), self.at("etc/rauc/keyring.pem"))

    def tearDown(self):
        shutil.rmtree(self.root)

    def at(self, *names):
        return os.path.join(self.root, *names)

    def of(self, name):
        return os.path.join(self.made, name)

    def slot(self, name, change=None):
        with open(self.of(name + ".slot"), "rb") as file:
            data = bytearray(file.read())
        if change:
            data = change(data) or data
        with open(self.at("dev/berth/root-b"), "wb") as file:
            file.write(data)

    def run_script(self, *words, cut=0, how="before"):
        """True when it ended by itself and well. Its mounts go with it, as with a machine that loses its power."""
        with open(self.at("count"), "w", encoding="utf-8") as file:
            file.write("0")
        environment = dict(os.environ, BERTH_ROOT=self.root, CUT=str(cut), CUT_HOW=how, CUT_COUNT=self.at("count"),
                           PATH=self.of("shims") + ":/usr/sbin:/usr/bin:/sbin:/bin")
        program = subprocess.run(["unshare", "-m", "sh", SCRIPT, *words], env=environment, text=True, capture_output=True,
                                 start_new_session=True, check=False)
        self.said = program.stdout + program.stderr
        self.assertIn(program.returncode, (0, 1, -signal.SIGKILL), self.said)
        return program.returncode == 0

    def images(self):
        """What a machine has: the image's content, or None."""
        if not os.path.isdir(self.at("data/images")):
            return None
        self.assertEqual(os.listdir(self.at("data/images")), ["tiny"])
        with open(self.at("data/images/tiny/image.oci.tar"), "rb") as file:
            return file.read()

    def taken(self, what=""):
        """All of it, and nothing else."""
        self.assertTrue(self.images() == self.content, what)
        self.assertEqual(os.listdir(self.at("data")), ["images"], what)

    def refused(self, reason):
        self.assertTrue(self.run_script(), self.said)
        self.assertIsNone(self.images())
        self.assertIn(reason, self.said)
        self.assertEqual(os.listdir(self.at("data")), ["starter-images.refused"])
        with open(self.at("data/starter-images.refused"), encoding="utf-8") as file:
            self.assertIn(reason, file.read())
        self.slot("good")
        self.assertTrue(self.run_script())
        self.assertIsNone(self.images(), "what was refused once is left to a person")

    def test_a_signed_pack_becomes_the_images_once(self):
        self.slot("good", lambda data: data + bytes(1000))
        self.assertTrue(self.run_script(), self.said)
        self.taken()
        shutil.rmtree(self.at("data/images/tiny"))
        self.assertTrue(self.run_script())
        self.assertEqual(os.listdir(self.at("data/images")), [], "it is taken over once")

    def test_a_flipped_bit_anywhere_is_refused(self):
        for place in (PACK_AT + 60, PACK_AT + 150000, PACK_AT + os.path.getsize(self.of("pack")) - 1, 4096 + 700):
            with self.subTest(place=place):
                self.tearDown()
                self.setUp()

                def flip(data, place=place):
                    data[place] ^= 4

                self.slot("good", flip)
                self.refused("its signature does not hold")

    def test_a_strangers_pack_is_refused(self):
        self.slot("stranger")
        self.refused("its signature does not hold")

    def test_what_was_signed_for_another_purpose_is_refused(self):
        self.slot("mail")
        self.refused("its signature does not hold")

    def test_a_truncated_pack_is_refused(self):
        self.slot("good", lambda data: data[:PACK_AT + 100000])
        self.refused("its signature does not hold")

    def test_a_pack_without_a_signature_is_refused(self):
        size = os.path.getsize(self.of("pack"))
        self.slot("good", lambda data: f"BERTH-STARTER-IMAGES {size} 0\n".encode().ljust(PACK_AT, b"\0") + data[PACK_AT:])
        self.refused("it is not signed")

    def test_sizes_that_are_none_are_refused(self):
        self.slot("good", lambda data: b"BERTH-STARTER-IMAGES 9999999999999999 $(reboot)\n".ljust(PACK_AT, b"\0") + data[PACK_AT:])
        self.refused("its sizes cannot be read")

    def test_a_release_in_the_slot_is_no_pack(self):
        shutil.copy(self.of("pack"), self.at("dev/berth/root-b"))
        self.assertTrue(self.run_script())
        self.assertEqual((os.listdir(self.at("data")), self.said), ([], ""))

    def test_the_date_does_not_matter(self):
        """A machine whose clock starts in the past sees a certificate that is not valid yet."""
        self.slot("early")
        self.assertTrue(self.run_script())
        self.taken(self.said)

    def test_a_cut_at_any_step_leaves_all_or_nothing(self):
        cuts = 0
        for how in ("before", "after"):
            for cut in range(1, 100):
                self.tearDown()
                self.setUp()
                self.slot("good")
                if self.run_script(cut=cut, how=how):
                    break
                what = f"cut at {cut} ({how})"
                self.assertIn(self.images(), (None, self.content), what)
                self.assertFalse(os.path.exists(self.at("data/starter-images.refused")), what)
                self.assertTrue(self.run_script(), what + self.said)
                self.taken(what)
                cuts += 1
        self.assertGreater(cuts, 16)

    def test_a_file_takes_the_place_of_what_is_there_in_one_step(self):
        pack = self.of("good.squashfs")
        for how in ("before", "after"):
            for cut in range(1, 100):
                self.tearDown()
                self.setUp()
                self.slot("good", lambda data: b"?" * 64 + data[64:])
                self.refused("neither a pack nor a release")
                os.makedirs(self.at("data/images/tiny"))
                with open(self.at("data/images/tiny/image.oci.tar"), "wb") as file:
                    file.write(b"old")
                ended = self.run_script(pack, cut=cut, how=how)
                self.assertIn(self.images(), (b"old", self.content), f"cut at {cut} ({how})")
                if ended:
                    break
                self.assertTrue(self.run_script(pack), self.said)
                self.taken(f"cut at {cut} ({how})")
            self.taken()

    def test_a_file_that_is_not_to_be_trusted_changes_nothing(self):
        self.slot("good")
        self.assertTrue(self.run_script())
        shutil.copy(self.of("good.squashfs"), self.at("other"))
        self.assertFalse(self.run_script(self.at("other")))
        self.assertIn("is not signed", self.said)
        shutil.copy(self.of("stranger.squashfs.sig"), self.at("other.sig"))
        self.assertFalse(self.run_script(self.at("other")))
        self.assertIn("its signature does not hold", self.said)
        self.taken()


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main(verbosity=2)
