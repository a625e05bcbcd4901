#!/usr/bin/env python3
"""Everything that is published of a version, with checksums, lists of contents and a signature, in one folder.

make_release.py FOLDER                          builds on Debian 12 and 13, in roots of them (in_debian.sh)
make_release.py FOLDER --from INSTALLED         of what `cmake --install` made on this machine, and its Debian alone
make_release.py FOLDER --twice                  then builds it all again, without ccache, and compares
    --sign KEY     minisign's secret key: SHA256SUMS.minisig; without it nothing is signed
"""
import argparse
import dataclasses
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from archive import make_archive
from closure import Closure
from image import make_image
from manifests import write_manifests
from product import ROOT, read_product, release_time, version
from reproducible_tar import write_tar_gz
from sbom import list_of_contents
from spk import Package

HERE = pathlib.Path(__file__).resolve().parent
# The archive and the image are made of the newest Debian's libraries.
DEBIANS = ("bookworm", "trixie")


@dataclasses.dataclass(frozen=True)
class Build:
    """A program that is built and installed, and the Debian that it was built on."""
    installed: pathlib.Path
    root: pathlib.Path
    enter: tuple[str, ...]  # The words that run a command on that Debian.

    def distribution(self):
        text = (self.root / "etc/os-release").read_text()
        return "debian-" + re.search(r'VERSION_ID="(\d+)"', text).group(1)

    def architecture(self):
        told = subprocess.run([*self.enter, "dpkg", "--print-architecture"], check=True, capture_output=True, text=True)
        return told.stdout.strip()


def build_on(debian, folder, environment):
    """Builds the program on a release of Debian."""
    roots = pathlib.Path(environment.get("GPEN_ROOTS", "/var/tmp/gpen-roots"))
    enter = (str(HERE / "in_debian.sh"), debian)
    installed = folder / f"installed-{debian}"
    subprocess.run([*enter, str(HERE / "install.sh"), str(installed)], check=True, env=environment, stdout=sys.stderr)
    return Build(installed, roots / debian, enter)


def make_all(folder, builds, time, level):
    """Fills the folder of a version; the last build is the one of the archive and the image."""
    for build in builds:
        subprocess.run([*build.enter, "env", f"SOURCE_DATE_EPOCH={time}", "python3", str(HERE / "deb.py"),
                        str(build.installed), str(folder), "--level", str(level)], check=True, stdout=sys.stderr)
    build = builds[-1]
    architecture = build.architecture()
    with tempfile.TemporaryDirectory(prefix="gpen-release-") as temporary:
        temporary = pathlib.Path(temporary)
        closure = temporary / "closure"
        Closure(build.installed, closure, architecture, build.root).make()
        name = f"{read_product()['name']}-{version()}"
        (folder / f"{name}-{architecture}.cdx.json").write_text(
            list_of_contents(closure, build.distribution(), time))
        make_archive(closure, folder, architecture, time, level)
        image = make_image(closure, folder, architecture, time, level)
        package = Package(architecture, time)
        package.make("container", folder, image, level)
        package.make("native", folder, closure, level)
        write_manifests(temporary / "manifests")
        write_tar_gz(folder / f"{name}-manifests.tar.gz", temporary / "manifests", name, time)


def checksums(folder):
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
                   for path in sorted(folder.iterdir()) if not path.name.startswith("SHA256SUMS"))


def sign(folder, key):
    subprocess.run(["minisign", "-S", "-s", key, "-m", folder / "SHA256SUMS", "-t",
                    f"{read_product()['name']} {version()}"], check=True, stdout=sys.stderr)


def builds_for(given, work, environment):
    if given.from_installed:
        return [Build(given.from_installed.resolve(), pathlib.Path("/"), ())]
    return [build_on(debian, work, environment) for debian in DEBIANS]


def make_release(given, folder, environment):
    with tempfile.TemporaryDirectory(prefix="gpen-release-builds-") as work:
        make_all(folder, builds_for(given, pathlib.Path(work), environment), release_time(environment), given.level)
    (folder / "SHA256SUMS").write_text(checksums(folder))


def compare_second(given, folder):
    """Builds again, elsewhere and from nothing; says which files differ."""
    again = {**os.environ, "CCACHE_DISABLE": "1", "GPEN_PACKAGE_BUILD": str(ROOT / "build/second")}
    with tempfile.TemporaryDirectory(prefix="gpen-second-") as second:
        second = pathlib.Path(second)
        make_release(given, second, again)
        differing = set((folder / "SHA256SUMS").read_text().splitlines()) ^ set(checksums(second).splitlines())
    return sorted({line.split()[1] for line in differing})


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--from", dest="from_installed", type=pathlib.Path)
    arguments.add_argument("--twice", action="store_true")
    arguments.add_argument("--sign", metavar="KEY")
    arguments.add_argument("--level", type=int, default=9, help="of compression")
    given = arguments.parse_args()
    if given.folder.exists():
        sys.exit(f"make_release.py: {given.folder} is there already; expected a folder that it can make")
    given.folder.mkdir(parents=True)
    make_release(given, given.folder, dict(os.environ))
    if given.twice:
        differing = compare_second(given, given.folder)
        if differing:
            sys.exit(f"make_release.py: a second build gave other bits of {', '.join(differing)}")
    if given.sign:
        sign(given.folder, given.sign)
    print((given.folder / "SHA256SUMS").read_text(), end="")


if __name__ == "__main__":
    main()
