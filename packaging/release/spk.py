#!/usr/bin/env python3
"""Synology's package, of one of two kinds.

spk.py container FOLDER --arch amd64 --image FILE     DSM 7.2.1 and newer: our image as a project of Container Manager
spk.py native FOLDER --arch amd64 --closure FOLDER    DSM 7.0 and newer: the program itself, as in the archive
Prints the package's path.
"""
import argparse
import json
import os
import pathlib
import shutil
import tempfile

from archive import add_launcher
from manifests import TEMPLATES, Manifests
from product import PACKAGING, read_product, release_time, version
from reproducible_tar import write_tar, write_tar_gz

SHARE = {"data-share": {"shares": [{"name": "{{wizard_share}}", "permission": {"rw": ["gpen-nas"]}}]}}
HOOKS = ("preinst", "postinst", "preuninst", "postuninst", "preupgrade", "postupgrade")


class Package:
    def __init__(self, architecture, time):
        self.architecture, self.time = architecture, time
        self.manifests = Manifests()
        self.synology = read_product()["synology"]

    def container_parts(self, payload, image):
        (payload / "gpen").mkdir()
        shutil.copy(image, payload / "image.tar.gz")
        (payload / "gpen/compose.yaml").write_text(self.manifests.compose_file("synology/compose.yaml", "synology"))
        resource = {**SHARE, "docker-project": {"preload-image": "image.tar.gz",
                                                "projects": [{"name": "gpen-nas", "path": "gpen"}]}}
        info = self.info(self.synology["container_os"])
        info += f'install_dep_packages="{self.synology["container_manager"]}"\n'
        postinst = self.manifests.template("synology/postinst.container")
        return info, resource, {"postinst": postinst, "start-stop-status": "#!/bin/sh\nexit 0\n"}

    def native_parts(self, payload, closure):
        shutil.copytree(closure, payload, dirs_exist_ok=True)
        add_launcher(payload, self.architecture)
        info = self.info(self.synology["native_os"])
        return info, SHARE, {"start-stop-status": self.manifests.native_service("synology")}

    def info(self, os_min):
        return self.manifests.template("synology/INFO", OS_MIN=os_min,
                                       PLATFORMS=self.synology["platforms"][self.architecture])

    def make(self, kind, folder, source, level=9):
        with tempfile.TemporaryDirectory(prefix="gpen-spk-") as temporary:
            payload, tree = pathlib.Path(temporary) / "payload", pathlib.Path(temporary) / "spk"
            payload.mkdir()
            tree.mkdir()
            info, resource, scripts = getattr(self, f"{kind}_parts")(payload, source)
            (tree / "INFO").write_text(info)
            write_tar_gz(tree / "package.tgz", payload, "", self.time, level)
            self.write_frame(tree, resource, scripts)
            output = pathlib.Path(folder) / f"gpen-nas-{version()}-{self.architecture}-{kind}.spk"
            with open(output, "wb") as file:
                write_tar(file, tree, "", self.time)
        return output

    def write_frame(self, tree, resource, scripts):
        (tree / "conf").mkdir()
        shutil.copy(TEMPLATES / "synology/conf/privilege", tree / "conf")
        (tree / "conf/resource").write_text(json.dumps(resource, indent=2) + "\n")
        (tree / "WIZARD_UIFILES").mkdir()
        (tree / "WIZARD_UIFILES/install_uifile").write_text(
            self.manifests.template("synology/WIZARD_UIFILES/install_uifile"))
        (tree / "scripts").mkdir()
        for name in (*HOOKS, "start-stop-status"):
            script = tree / "scripts" / name
            script.write_text(scripts.get(name, "#!/bin/sh\nexit 0\n"))
            script.chmod(0o755)
        for name, icon in ("PACKAGE_ICON.PNG", "icon-64.png"), ("PACKAGE_ICON_256.PNG", "icon-256.png"):
            shutil.copy(TEMPLATES / "synology" / icon, tree / name)
        shutil.copy(PACKAGING.parent / "LICENSE", tree / "LICENSE")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("kind", choices=("container", "native"))
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--arch", required=True, choices=read_product()["architectures"])
    arguments.add_argument("--image", type=pathlib.Path)
    arguments.add_argument("--closure", type=pathlib.Path)
    given = arguments.parse_args()
    source = given.image if given.kind == "container" else given.closure
    if source is None:
        arguments.error("expected --image for a container's package, --closure for a native one")
    print(Package(given.arch, release_time(os.environ)).make(given.kind, given.folder, source))


if __name__ == "__main__":
    main()
