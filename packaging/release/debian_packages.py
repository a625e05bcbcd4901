"""Which Debian package a file of a file system belongs to, and what must be passed on with it."""
import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    architecture: str
    source: str
    source_version: str


class DebianPackages:
    """The packages of the file system that `libraries` looks into, as its dpkg remembers them."""

    def __init__(self, libraries):
        self.libraries = libraries
        self.packages = {}
        status = libraries.file("/var/lib/dpkg/status")
        for paragraph in status.read_text().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
            if "Version" in fields:
                source, _, source_version = fields.get("Source", fields["Package"]).partition(" ")
                self.packages[fields["Package"]] = Package(
                    fields["Package"], fields["Version"], fields["Architecture"], source,
                    source_version.strip("()") or fields["Version"])
        self.owners = {}
        for listing in libraries.file("/var/lib/dpkg/info").glob("*.list"):
            name = listing.stem.split(":")[0]
            for line in listing.read_text().splitlines():
                if "/lib" in line:
                    self.owners[merged(line)] = name

    def owner(self, path):
        """The Package of a real path; a file of none is an error: nobody could say under what terms it is."""
        name = self.owners.get(merged(str(path)))
        if name is None:
            raise LookupError(f"{path} belongs to no Debian package below {self.libraries.root}")
        return self.packages[name]

    def copyright_file(self, package):
        found = self.libraries.real(f"/usr/share/doc/{package.name}/copyright")
        if found is None:
            raise LookupError(f"{package.name} has no /usr/share/doc/{package.name}/copyright")
        return self.libraries.file(found)

    def common_licences(self):
        return [path for path in sorted(self.libraries.file("/usr/share/common-licenses").iterdir())
                if path.is_file() and not path.is_symlink()]


def merged(path):
    """/lib and /usr/lib are one folder since Debian 12, but lists of files still name the old one."""
    return str(pathlib.PurePosixPath("/usr", path.lstrip("/"))) if path.startswith("/lib") else path
