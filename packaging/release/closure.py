#!/usr/bin/env python3
"""The closure: the installed program with every library it needs, in one tree that needs nothing of its host.

closure.py INSTALLED OUTPUT --arch amd64 [--root /]: INSTALLED is what `cmake --install` made, the root the Debian
whose libraries it was built with. The tree has bin/, lib/ with the loader, share/ with the models, the licences and
contents.json. The archive and the image are both made of it.
"""
import argparse
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import sys

from debian_packages import DebianPackages
from elf import Libraries, is_elf, read_elf
from left_out import is_left_out, write_stand_in
from product import PACKAGING, read_product

# Loaded by name while the program runs, so that no program header tells of them. From libheif 1.16 on its decoders
# and encoders are such files; before, they are ordinary libraries.
PLUGINS = "/usr/lib/{triplet}/libheif/plugins"
CONTENTS = "share/gpen/contents.json"
SOURCES = "share/doc/SOURCES"


class Closure:
    def __init__(self, installed, output, architecture, root):
        self.output = pathlib.Path(output)
        self.architecture = read_product()["architectures"][architecture]
        self.libraries = Libraries(root, self.architecture["triplet"])
        self.packages = DebianPackages(self.libraries)
        self.taken = {}  # Name in lib/ -> Package.
        self.left_out = {}  # Name in lib/ -> the file that wants it.
        shutil.copytree(installed, self.output, symlinks=False)

    def make(self):
        own = {path.name for path in (self.output / "lib/gpen-nas").iterdir()}
        for path in sorted(self.output.rglob("*")):
            if path.is_file() and is_elf(path):
                self.take_needed(path, own)
        plugins = self.libraries.real(PLUGINS.format(**self.architecture))
        if plugins:
            for name in sorted(os.listdir(self.libraries.file(plugins))):
                self.take(self.libraries.real(plugins / name), f"libheif/{name}", own)
        # The launcher starts the loader, and libraries of the C library are told apart by nobody else.
        self.take(self.libraries.find(self.architecture["loader"]), self.architecture["loader"], own)
        self.write_licences()
        self.write_contents()

    def take_needed(self, path, own):
        for name in read_elf(path).needed:
            if is_left_out(path.name, name):
                self.leave_out(path, name)
            elif name not in own and name not in self.taken:
                self.take(self.libraries.find(name), name, own)

    def leave_out(self, user, name):
        if name in self.taken:
            raise self.wanted_by_others(name, user.name)
        self.left_out[name] = user.name
        place = self.output / "lib" / name
        write_stand_in(user, self.libraries.file(self.libraries.find(name)), name, place,
                       self.architecture["triplet"])
        place.chmod(0o644)

    @staticmethod
    def wanted_by_others(name, user):
        return ValueError(f"{name} cannot be left out for {user}: another library wants it too (left_out.py)")

    def take(self, real, name, own):
        if name in self.taken:
            return
        if name in self.left_out:
            raise self.wanted_by_others(name, self.left_out[name])
        self.taken[name] = self.packages.owner(real)
        place = self.output / "lib" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.libraries.file(real), place)
        place.chmod(0o755 if name == self.architecture["loader"] else 0o644)
        self.take_needed(place, own)

    def distinct_packages(self):
        return sorted(set(self.taken.values()), key=lambda package: package.name)

    def write_licences(self):
        for package in self.distinct_packages():
            place = self.output / "share/doc" / package.name / "copyright"
            place.parent.mkdir(parents=True)
            shutil.copyfile(self.packages.copyright_file(package), place)
        common = self.output / "share/common-licenses"
        common.mkdir(parents=True)
        for licence in self.packages.common_licences():
            shutil.copyfile(licence, common / licence.name)
        sources = sorted({(package.source, package.source_version) for package in self.distinct_packages()})
        text = (PACKAGING / "licences/SOURCES.head").read_text()
        (self.output / SOURCES).write_text(text + "".join(f"{name} {version}\n" for name, version in sources))

    def write_contents(self):
        """What lies in the tree: the list that the list of contents (CycloneDX) and the tests are made from."""
        files = []
        for path in sorted(self.output.rglob("*")):
            if path.is_file():
                name = str(path.relative_to(self.output))
                inside = name.removeprefix("lib/")
                package = self.taken.get(inside) if name.startswith("lib/") else None
                files.append({"name": name, "bytes": path.stat().st_size,
                              "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                              "package": package.name if package else None,
                              "left_out": inside in self.left_out})
        contents = {"files": files, "packages": [dataclasses.asdict(package) for package in self.distinct_packages()]}
        (self.output / CONTENTS).write_text(json.dumps(contents, indent=1) + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("installed", type=pathlib.Path)
    arguments.add_argument("output", type=pathlib.Path)
    arguments.add_argument("--arch", required=True, choices=read_product()["architectures"])
    arguments.add_argument("--root", default="/")
    given = arguments.parse_args()
    if given.output.exists():
        sys.exit(f"closure.py: {given.output} is there already; expected a folder that it can make")
    Closure(given.installed, given.output, given.arch, given.root).make()


if __name__ == "__main__":
    main()
