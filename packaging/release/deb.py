#!/usr/bin/env python3
"""The Debian package of the release that this runs on, by debhelper.

deb.py INSTALLED FOLDER [--arch arm64 --root SYSROOT]: INSTALLED is what `cmake --install` made on this release; writes
the package into FOLDER and prints its path. For another architecture the libraries are those of what arm64_sysroot.sh
made, and the program is run by qemu.
"""
import argparse
import dataclasses
import email.utils
import os
import pathlib
import shutil
import subprocess
import tempfile
import textwrap

from debian_packages import merged
from product import PACKAGING, native_architecture, read_product, release_time, version
from settings_manual import settings_manual

# On Debian 13 libheif's decoders and encoders are packages of their own.
PLUGINS = ["libheif-plugin-libde265", "libheif-plugin-aomdec", "libheif-plugin-aomenc", "libheif-plugin-x265"]


def debian_release():
    """12 or 13."""
    text = pathlib.Path("/etc/os-release").read_text()
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("VERSION_ID="))


def package_version():
    """Debian 13's is the newer one, so that an upgrade of the system brings it."""
    return f"{version()}~deb{debian_release()}u1"


def write_control(tree, product):
    control = tree / "debian/control"
    recommends = ", ".join(PLUGINS) if int(debian_release()) > 12 else "libheif1"
    description = textwrap.fill(product["description"].replace("\n", " ").strip(), 78, initial_indent=" ",
                                subsequent_indent=" ")
    text = control.read_text()
    if not product["homepage"]:
        text = text.replace("Homepage: @HOMEPAGE@\n", "")
    for key, value in {"MAINTAINER": maintainer(product), "HOMEPAGE": product["homepage"], "RECOMMENDS": recommends,
                       "SUMMARY": product["summary"], "DESCRIPTION": description,
                       "PORT": str(product["service"]["port"])}.items():
        text = text.replace(f"@{key}@", value)
    control.write_text(text)


def maintainer(product):
    """Debian wants an address. Names in .invalid are none, for certain (RFC 6761)."""
    return f"{product['maintainer']} <{product['email'] or 'nobody@' + product['name'] + '.invalid'}>"


def write_changelog(tree, product, time):
    date = email.utils.formatdate(time)
    (tree / "debian/changelog").write_text(
        f"{product['name']} ({package_version()}) stable; urgency=medium\n\n"
        f"  * Version {version()}. What is new: CHANGELOG.md beside this file.\n\n -- {maintainer(product)}  {date}\n")


@dataclasses.dataclass(frozen=True)
class Target:
    """What the package is for: this machine's architecture, or arm64 with the libraries of a sysroot."""
    architecture: str
    root: pathlib.Path = pathlib.Path("/")

    def is_native(self):
        return self.architecture == native_architecture()

    def libraries(self):
        return self.root / "usr/lib" / read_product()["architectures"][self.architecture]["triplet"]

    def emulator(self):
        """What runs the program."""
        return [] if self.is_native() else ["qemu-aarch64", "-cpu", "cortex-a53", "-L", self.root]

    def build_options(self):
        # What the build needs is of this machine's architecture, and there: debhelper alone.
        return [] if self.is_native() else ["--host-arch", self.architecture, "--no-check-builddeps"]

    def environment(self, temporary):
        if self.is_native():
            return {}
        remembered = remember_where_they_lie(self.root, pathlib.Path(temporary) / "dpkg")
        return {"GPEN_SHLIBDEPS": f"-l{self.libraries()} --admindir={remembered}",
                "CC": f"{self.libraries().name}-gcc"}


def remember_where_they_lie(sysroot, admindir):
    """What dpkg remembers of the sysroot's packages, whose files are below the sysroot here."""
    shutil.copytree(sysroot / "var/lib/dpkg", admindir)
    for listing in (admindir / "info").glob("*.list"):
        listing.write_text("".join(f"{sysroot}{merged(line)}\n" for line in listing.read_text().splitlines()))
    return admindir


def make_package(installed, folder, time, level=9, target=None):
    target = target or Target(native_architecture())
    product = read_product()
    with tempfile.TemporaryDirectory(prefix="gpen-deb-") as temporary:
        tree = pathlib.Path(temporary) / product["name"]
        shutil.copytree(PACKAGING / "debian", tree / "debian")
        shutil.copytree(installed, tree / "installed")
        shutil.copy(PACKAGING / "gpen.toml", tree)
        (tree / "debian/rules").chmod(0o755)
        write_control(tree, product)
        write_changelog(tree, product, time)
        told = subprocess.run([*target.emulator(), tree / "installed/bin/gpen", "serve", "--show-settings"],
                              check=True, capture_output=True, text=True).stdout
        (tree / "gpen.toml.5").write_text(settings_manual(told, version()))
        subprocess.run(["dpkg-buildpackage", "--build=binary", "--unsigned-source", "--unsigned-changes",
                        *target.build_options()], cwd=tree, check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, **target.environment(temporary), "SOURCE_DATE_EPOCH": str(time),
                            "LC_ALL": "C.UTF-8", "GPEN_XZ_LEVEL": str(level)})
        package, = pathlib.Path(temporary).glob("*.deb")
        folder.mkdir(parents=True, exist_ok=True)  # Else the package would be a file of that name.
        return pathlib.Path(shutil.copy(package, folder))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("installed", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--level", type=int, default=9, help="of xz")
    arguments.add_argument("--arch", default=native_architecture(), choices=read_product()["architectures"])
    arguments.add_argument("--root", type=pathlib.Path, default=pathlib.Path("/"), help="what arm64_sysroot.sh made")
    given = arguments.parse_args()
    target = Target(given.arch, given.root.resolve())
    if not target.is_native() and given.root == pathlib.Path("/"):
        arguments.error(f"--arch {given.arch}: expected --root with the libraries of that architecture")
    print(make_package(given.installed, given.folder, release_time(os.environ), given.level, target))


if __name__ == "__main__":
    main()
