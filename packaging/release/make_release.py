#!/usr/bin/env python3
"""Everything that is published of a version, with checksums, lists of contents and a signature, in one folder.

make_release.py FOLDER                          builds on Debian 12 and 13, in roots of them (in_debian.sh)
make_release.py FOLDER --arch arm64             for that architecture alone
make_release.py FOLDER --from INSTALLED         of what `cmake --install` made on this machine, and its Debian alone
make_release.py FOLDER --twice                  then builds it all again, without ccache, and compares
    --sign KEY     minisign's secret key: SHA256SUMS.minisig; without it nothing is signed
    --public       refuses to make what nobody else should get: unsigned, or without the publisher's addresses
The libraries for 64 bit ARM lie in build/arm64-sysroot-RELEASE, which is made where it is missing.
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
from image import make_image
from image_index import make_index
from manifests import write_manifests
from product import ROOT, native_architecture, read_product, release_time, unset_addresses, version
from reproducible_tar import write_tar_gz
from sbom import list_of_contents
from spk import Package

HERE = pathlib.Path(__file__).resolve().parent
DEBIANS = {"bookworm": 12, "trixie": 13}
# The archive and the image are made of the newest Debian's libraries.
NEWEST = max(DEBIANS, key=DEBIANS.get)


@dataclasses.dataclass(frozen=True)
class Build:
    """A program that is built and installed, and the Debian that it was built on."""
    installed: pathlib.Path
    architecture: str
    root: pathlib.Path  # That Debian's files, as this machine sees them.
    enter: tuple[str, ...]  # The words that run a command on that Debian.
    libraries: str = "/"  # Of the program, as that Debian sees them.

    def distribution(self):
        text = (self.root / "etc/os-release").read_text()
        return "debian-" + re.search(r'VERSION_ID="(\d+)"', text).group(1)

    def run(self, *command):
        subprocess.run([*self.enter, *map(str, command)], check=True, stdout=sys.stderr)


def arm64_sysroot(debian):
    sysroot = ROOT / f"build/arm64-sysroot-{debian}"
    if not sysroot.exists():
        sysroot.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([HERE / "arm64_sysroot.sh", debian, sysroot], check=True, stdout=sys.stderr)
    return sysroot


def build_on(debian, architecture, folder, environment):
    """Builds the program on a release of Debian."""
    roots = pathlib.Path(environment.get("GPEN_ROOTS", "/var/tmp/gpen-roots"))
    build = Build(folder / f"installed-{debian}-{architecture}", architecture, roots / debian,
                  (str(HERE / "in_debian.sh"), debian))
    environment = {name: value for name, value in environment.items() if name != "GPEN_SYSROOT"}
    if architecture != native_architecture():
        if architecture != "arm64":
            sys.exit(f"make_release.py: another machine's architecture can be arm64 alone, found {architecture}")
        build = dataclasses.replace(build, libraries=str(arm64_sysroot(debian)))
        environment["GPEN_SYSROOT"] = build.libraries
    subprocess.run([*build.enter, str(HERE / "install.sh"), str(build.installed)], check=True, env=environment,
                   stdout=sys.stderr)
    return build


def make_portable(folder, build, time, level):
    """What needs no Debian: the archive, the image, Synology's packages, and what is in them. Returns the image."""
    architecture = build.architecture
    with tempfile.TemporaryDirectory(prefix="gpen-release-") as temporary:
        closure = pathlib.Path(temporary) / "closure"
        build.run("python3", HERE / "closure.py", build.installed, closure, "--arch", architecture, "--root",
                  build.libraries)
        name = f"{read_product()['name']}-{version()}-{architecture}"
        (folder / f"{name}.cdx.json").write_text(list_of_contents(closure, build.distribution(), time))
        make_archive(closure, folder, architecture, time, level)
        image = make_image(closure, folder, architecture, time, level)
        package = Package(architecture, time)
        package.make("container", folder, image, level)
        package.make("native", folder, closure, level)
    return image


def make_all(folder, builds, time, level):
    """Fills the folder of a version."""
    for build in builds:
        build.run("env", f"SOURCE_DATE_EPOCH={time}", "python3", HERE / "deb.py", build.installed, folder, "--level",
                  level, "--arch", build.architecture, "--root", build.libraries)
    newest = {build.architecture: build for build in builds}  # The last of each.
    images = {name: make_portable(folder, build, time, level) for name, build in newest.items()}
    if len(images) > 1:
        make_index(images, folder, time)
    with tempfile.TemporaryDirectory(prefix="gpen-release-") as temporary:
        manifests = pathlib.Path(temporary) / "manifests"
        write_manifests(manifests)
        name = f"{read_product()['name']}-{version()}"
        write_tar_gz(folder / f"{name}-manifests.tar.gz", manifests, name, time)


def checksums(folder):
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
                   for path in sorted(folder.iterdir()) if not path.name.startswith("SHA256SUMS"))


def sign(folder, key):
    subprocess.run(["minisign", "-S", "-s", key, "-m", folder / "SHA256SUMS", "-t",
                    f"{read_product()['name']} {version()}"], check=True, stdout=sys.stderr)


def builds_for(given, work, environment):
    native = native_architecture()
    if given.from_installed:
        return [Build(given.from_installed.resolve(), native, pathlib.Path("/"), ())]
    architectures = [given.arch] if given.arch else list(read_product()["architectures"])
    return [build_on(debian, name, work, environment) for name in architectures for debian in DEBIANS]


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


def refuse_what_is_not_for_others(given):
    unset = unset_addresses(read_product())
    if unset:
        sys.exit(f"make_release.py: --public: {' and '.join(unset)} of packaging/product.toml empty; expected the "
                 "addresses where people reach whoever publishes this")
    if not given.sign:
        sys.exit("make_release.py: --public: expected --sign and minisign's secret key, whose public key people have")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--from", dest="from_installed", type=pathlib.Path)
    arguments.add_argument("--arch", choices=read_product()["architectures"])
    arguments.add_argument("--twice", action="store_true")
    arguments.add_argument("--sign", metavar="KEY")
    arguments.add_argument("--level", type=int, default=9, help="of compression")
    arguments.add_argument("--public", action="store_true")
    given = arguments.parse_args()
    if given.public:
        refuse_what_is_not_for_others(given)
    elif unset_addresses(read_product()):
        print("make_release.py: not for others: packaging/product.toml has no addresses of a publisher (--public)",
              file=sys.stderr)
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
