"""The packages of an installed Debian, read from dpkg's own files."""

import os
import re


def source(fields):
    """Name and version of the source that a package was built from."""
    match = re.fullmatch(r"(\S+)(?: \((.+)\))?", fields.get("Source") or fields["Package"])
    return match[1], match[2] or fields["Version"]


def built_using(fields):
    """The sources of others that went into a package, as (name, version)."""
    return re.findall(r"(\S+) \(= ([^)]+)\)", fields.get("Built-Using", ""))


class Dpkg:
    """The Debian below `root`. `packages`: the fields of each installed package, in the order of their names."""

    def __init__(self, root="/"):
        self.root = root
        self.packages = sorted(self._installed(), key=lambda fields: (fields["Package"], fields["Architecture"]))
        self._owners = None

    def _path(self, *parts):
        return os.path.join(self.root, *(part.lstrip("/") for part in parts))

    def _installed(self):
        with open(self._path("var/lib/dpkg/status"), encoding="utf-8") as file:
            for block in file.read().split("\n\n"):
                fields = dict(re.findall(r"^([A-Za-z-]+): ?(.*)$", block, re.M))
                if fields.get("Status") == "install ok installed":
                    yield fields

    def owner(self, path):
        """The package that brought the file."""
        if self._owners is None:
            self._owners = {}
            for fields in self.packages:
                names = (fields["Package"], f"{fields['Package']}:{fields['Architecture']}")
                for listed in (self._path("var/lib/dpkg/info", name + ".list") for name in names):
                    if os.path.exists(listed):
                        with open(listed, encoding="utf-8") as file:
                            self._owners.update((line.rstrip("\n"), fields) for line in file)
        if path not in self._owners:
            raise ValueError(f"no Debian package brought {path}")
        return self._owners[path]

    def copyright(self, name):
        """Where a package's copyright file lies."""
        path = self._path("usr/share/doc", name, "copyright")
        if not os.path.exists(path):
            raise ValueError(f"{path} is missing")
        return path

    def of_source(self, wanted):
        """The first package of a source (name, version)."""
        for fields in self.packages:
            if source(fields) == wanted and os.path.exists(self._path("usr/share/doc", fields["Package"], "copyright")):
                return fields
        raise ValueError(f"no package of the source {wanted[0]} {wanted[1]} is installed")
