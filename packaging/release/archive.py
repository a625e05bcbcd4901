#!/usr/bin/env python3
"""The archive for every Linux that has no package of ours: the closure with a launcher, as NAME-VERSION-ARCH.tar.xz.

archive.py CLOSURE FOLDER --arch amd64: writes it into FOLDER and prints its path.
"""
import argparse
import os
import pathlib
import shutil
import tempfile

from product import read_product, release_time, version
from reproducible_tar import write_tar_xz

HERE = pathlib.Path(__file__).resolve().parent


def add_launcher(closure, architecture):
    """The launcher `gpen` at the closure's top."""
    launcher = closure / "gpen"
    text = (HERE / "bundle_launcher.sh").read_text()
    launcher.write_text(text.replace("@LOADER@", read_product()["architectures"][architecture]["loader"]))
    launcher.chmod(0o755)


def make_archive(closure, folder, architecture, time, level=9):
    name = f"{read_product()['name']}-{version()}-{architecture}"
    with tempfile.TemporaryDirectory(prefix="gpen-archive-") as temporary:
        tree = pathlib.Path(temporary) / name
        shutil.copytree(closure, tree, copy_function=os.link if _same_disk(closure, temporary) else shutil.copy2)
        add_launcher(tree, architecture)
        output = pathlib.Path(folder) / f"{name}.tar.xz"
        write_tar_xz(output, tree, name, time, level)
    return output


def _same_disk(one, other):
    return os.stat(one).st_dev == os.stat(other).st_dev


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("closure", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--arch", required=True, choices=read_product()["architectures"])
    arguments.add_argument("--level", type=int, default=9, help="of xz: 9, the default, takes minutes")
    given = arguments.parse_args()
    print(make_archive(given.closure, given.folder, given.arch, release_time(os.environ), given.level))


if __name__ == "__main__":
    main()
