#!/usr/bin/env python3
"""The Debian package of the release that this runs on, by debhelper.

deb.py INSTALLED FOLDER: INSTALLED is what `cmake --install` made on this release; writes the package into FOLDER and
prints its path.
"""
import argparse
import email.utils
import os
import pathlib
import shutil
import subprocess
import tempfile
import textwrap

from product import PACKAGING, read_product, release_time, version
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
    for key, value in {"MAINTAINER": maintainer(product), "RECOMMENDS": recommends, "SUMMARY": product["summary"],
                       "DESCRIPTION": description, "PORT": str(product["service"]["port"])}.items():
        text = text.replace(f"@{key}@", value)
    control.write_text(text)


def maintainer(product):
    return f"{product['maintainer']} <{product['email']}>"


def write_changelog(tree, product, time):
    date = email.utils.formatdate(time)
    (tree / "debian/changelog").write_text(
        f"{product['name']} ({package_version()}) stable; urgency=medium\n\n"
        f"  * Version {version()}. What is new: CHANGELOG.md beside this file.\n\n -- {maintainer(product)}  {date}\n")


def make_package(installed, folder, time, level=9):
    product = read_product()
    with tempfile.TemporaryDirectory(prefix="gpen-deb-") as temporary:
        tree = pathlib.Path(temporary) / product["name"]
        shutil.copytree(PACKAGING / "debian", tree / "debian")
        shutil.copytree(installed, tree / "installed")
        shutil.copy(PACKAGING / "gpen.toml", tree)
        (tree / "debian/rules").chmod(0o755)
        write_control(tree, product)
        write_changelog(tree, product, time)
        told = subprocess.run([tree / "installed/bin/gpen", "serve", "--show-settings"], check=True,
                              capture_output=True, text=True).stdout
        (tree / "gpen.toml.5").write_text(settings_manual(told, version()))
        subprocess.run(["dpkg-buildpackage", "--build=binary", "--unsigned-source", "--unsigned-changes"], cwd=tree,
                       check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "SOURCE_DATE_EPOCH": str(time), "LC_ALL": "C.UTF-8",
                            "GPEN_XZ_LEVEL": str(level)})
        package, = pathlib.Path(temporary).glob("*.deb")
        folder.mkdir(parents=True, exist_ok=True)  # Else the package would be a file of that name.
        return pathlib.Path(shutil.copy(package, folder))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("installed", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--level", type=int, default=9, help="of xz")
    given = arguments.parse_args()
    print(make_package(given.installed, given.folder, release_time(os.environ), given.level))


if __name__ == "__main__":
    main()
