"""What a program or library says of the libraries that it needs. Any architecture: nothing is run."""
import dataclasses
import pathlib
import re
import subprocess


@dataclasses.dataclass(frozen=True)
class Elf:
    machine: str  # As readelf names it.
    interpreter: str | None
    needed: tuple[str, ...]
    search: tuple[str, ...]  # RUNPATH or RPATH, $ORIGIN not replaced.


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def read_elf(path):
    told = subprocess.run(["readelf", "--wide", "--file-header", "--program-headers", "--dynamic", path], check=True,
                          capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout

    def all_of(pattern):
        return tuple(re.findall(pattern, told))
    interpreter = all_of(r"\[Requesting program interpreter: (.*)\]")
    search = [folder for text in all_of(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]") for folder in text.split(":") if folder]
    return Elf(machine=all_of(r"Machine:\s+(.*)")[0], interpreter=interpreter[0] if interpreter else None,
               needed=all_of(r"\(NEEDED\).*\[(.*)\]"), search=tuple(search))


@dataclasses.dataclass(frozen=True)
class Symbol:
    name: str
    kind: str  # FUNC, OBJECT, NOTYPE ... as readelf names it.
    size: int  # In bytes.
    version: str  # Empty where it has none.
    defined: bool


def dynamic_symbols(path):
    """What a library exports, and what it wants of others."""
    told = subprocess.run(["readelf", "--wide", "--dyn-syms", path], check=True, capture_output=True, text=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout
    found = []
    for line in told.splitlines():
        fields = line.split()
        if len(fields) >= 8 and fields[0].rstrip(":").isdigit() and fields[4] != "LOCAL":
            name, _, version = fields[7].partition("@")
            found.append(Symbol(name, fields[3], int(fields[2], 0), version.strip("@"), fields[6] != "UND"))
    return found


class LibraryMissing(Exception):
    pass


class Libraries:
    """The libraries of a file system below `root`, which may be another machine's."""

    def __init__(self, root, triplet):
        self.root = pathlib.Path(root)
        self.folders = [f"/usr/lib/{triplet}", f"/lib/{triplet}", "/usr/lib", "/lib"]

    def real(self, path):
        """The file at an absolute path of that system, its links followed within it; None where there is none."""
        path = pathlib.PurePosixPath(path)
        for _ in range(40):
            here = pathlib.PurePosixPath("/")
            for position, part in enumerate(path.parts[1:], 2):
                if part == "..":
                    here = here.parent
                    continue
                step = self.root / (here / part).relative_to("/")
                if step.is_symlink():
                    path = pathlib.PurePosixPath(here / step.readlink(), *path.parts[position:])
                    break
                here = here / part
            else:
                return here if (self.root / here.relative_to("/")).exists() else None
        return None

    def file(self, path):
        """Where this machine finds a path of that system."""
        return self.root / pathlib.PurePosixPath(path).relative_to("/")

    def find(self, name):
        for folder in self.folders:
            found = self.real(f"{folder}/{name}")
            if found:
                return found
        raise LibraryMissing(f"{name} is in none of {', '.join(self.folders)} below {self.root}")
