#!/usr/bin/env python3
"""Writes an OCI image layout (opencontainers/image-spec 1.1) with one layer as a tar archive.

    oci_archive.py ROOT OUTPUT CONFIG_JSON REFERENCE

ROOT becomes the layer (zstd). CONFIG_JSON holds the image configuration's "config" object (Env, Entrypoint, Cmd ...).
REFERENCE is the annotation org.opencontainers.image.ref.name. The same input gives the same bytes: entries are sorted,
owners numeric and no time is later than SOURCE_DATE_EPOCH. Prints {"unpacked_size_bytes": N}: what the layer occupies
on a filesystem with blocks of 4 KiB.
"""

import datetime
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile

BLOCK = 4096
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def write_layer(root, path):
    """An uncompressed tar of root. Extended attributes stay out: a guest's user namespace may not set them."""
    subprocess.run(["tar", "--create", "--file", path, "--directory", root, "--sort=name", "--numeric-owner",
                    "--format=posix", "--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f",
                    f"--mtime=@{EPOCH}", "--clamp-mtime", "--no-xattrs", "--no-acls", "--no-selinux",
                    "--exclude=./dev/*", "--exclude=./proc/*", "--exclude=./sys/*", "--exclude=./run/*",
                    "--exclude=./tmp/*", "."], check=True)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def occupied(path):
    total = 0
    with tarfile.open(path) as layer:
        for entry in layer:
            if entry.isreg():
                total += -(-entry.size // BLOCK) * BLOCK
            elif entry.isdir():
                total += BLOCK
    return total


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


class Layout:
    """The files of the archive: blobs by digest, then the two files that lead to them."""

    def __init__(self, output):
        self.tar = tarfile.open(output, "w", format=tarfile.USTAR_FORMAT)
        for folder in ("blobs", "blobs/sha256"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, EPOCH
            self.tar.addfile(entry)

    def add(self, name, size, stream):
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o644, EPOCH
        self.tar.addfile(entry, stream)

    def add_bytes(self, name, content):
        self.add(name, len(content), io.BytesIO(content))

    def add_json(self, media_type, value):
        content = compact(value)
        name = hashlib.sha256(content).hexdigest()
        self.add_bytes(f"blobs/sha256/{name}", content)
        return {"mediaType": media_type, "digest": f"sha256:{name}", "size": len(content)}

    def add_file(self, media_type, path):
        name, size = digest(path), os.path.getsize(path)
        with open(path, "rb") as file:
            self.add(f"blobs/sha256/{name}", size, file)
        return {"mediaType": media_type, "digest": f"sha256:{name}", "size": size}


def main():
    root, output, config, reference = sys.argv[1:]
    created = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    platform = {"architecture": "amd64", "os": "linux"}
    with tempfile.TemporaryDirectory(dir=os.path.dirname(output)) as folder:
        plain, packed = os.path.join(folder, "layer.tar"), os.path.join(folder, "layer.tar.zst")
        write_layer(root, plain)
        subprocess.run(["zstd", "-q", "-12", "-T1", plain, "-o", packed], check=True)
        layout = Layout(output)
        layer = layout.add_file("application/vnd.oci.image.layer.v1.tar+zstd", packed)
        image = layout.add_json("application/vnd.oci.image.config.v1+json", {
            **platform, "created": created, "config": json.loads(config),
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest(plain)]},
            "history": [{"created": created, "created_by": "provisioning/images"}]})
        manifest = layout.add_json("application/vnd.oci.image.manifest.v1+json", {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": image, "layers": [layer]})
        layout.add_bytes("index.json", compact({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{**manifest, "platform": platform,
                           "annotations": {"org.opencontainers.image.ref.name": reference}}]}))
        layout.add_bytes("oci-layout", compact({"imageLayoutVersion": "1.0.0"}))
        layout.tar.close()
        print(json.dumps({"unpacked_size_bytes": occupied(plain)}))


main()
