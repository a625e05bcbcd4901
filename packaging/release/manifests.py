#!/usr/bin/env python3
"""What each kind of NAS wants, made of packaging/product.toml and packaging/manifests.

manifests.py FOLDER: writes FOLDER/compose, casaos, truenas, unraid and qnap, and what a Synology package is made of.
A word between @ in a template stands for a value; one that is not known is an error, and a line with one that is empty
is left out.
"""
import argparse
import pathlib
import re
import sys
import textwrap

from product import PACKAGING, read_product, version

TEMPLATES = PACKAGING / "manifests"
WORD = r"@([A-Z_]+)@"
# Beside the service itself: how the same program is found by a script of the NAS, and where its data lies.
PLACES = {
    "synology": 'data=$SYNOPKG_PKGVAR\nprogram=/var/packages/@NAME@/target/gpen',
    "qnap": 'place=$(/sbin/getcfg @NAME@ Install_Path -f /etc/config/qpkg.conf)\n'
            'data=$(dirname "$place")/@NAME@-data\nprogram=$place/gpen',
}


class Manifests:
    def __init__(self):
        self.product = read_product()
        service = self.product["service"]
        text = self.product["description"].replace("\n", " ").strip()
        self.values = {
            "NAME": self.product["name"], "TITLE": self.product["title"], "VERSION": version(),
            "SUMMARY": self.product["summary"], "DESCRIPTION_LINE": text,
            "DESCRIPTION": textwrap.fill(text, 110, initial_indent=" " * 6, subsequent_indent=" " * 6),
            "MAINTAINER": self.product["maintainer"], "HOMEPAGE": self.product["homepage"],
            "LICENCE": self.product["licence"], "IMAGE": f"{self.product['name']}:{version()}",
            "PORT": str(service["port"]), "PUBLISHED": str(service["port"]), "DATA_INSIDE": service["data"],
            "PHOTOS_INSIDE": service["photos"],
        }

    def fill(self, text, **more):
        values = {**self.values, **more}

        def value(name):
            if name not in values:
                raise KeyError(f"@{name}@ stands in a template, but has no value; known: {sorted(values)}")
            return values[name]
        lines = [line for line in text.splitlines(keepends=True)
                 if all(value(name) for name in re.findall(WORD, line))]
        return re.sub(WORD, lambda found: value(found.group(1)), "".join(lines))

    def template(self, name, **more):
        return self.fill((TEMPLATES / name).read_text(), **more)

    def platform(self, name):
        return {key.upper(): value for key, value in self.product["platforms"][name].items()}

    def compose_file(self, template, platform, **more):
        values = {**self.platform(platform), **more}
        return self.template(template, **values, SERVICE=self.template("service.yaml", **values))

    def native_service(self, platform):
        return self.template("native_service.sh", FIND_PLACE=self.fill(PLACES[platform]))

    def compose(self):
        nginx = (PACKAGING / "nginx/gpen.conf").read_text()
        for old, new in [("server 127.0.0.1:7860;", f"server gpen:{self.values['PORT']};"),
                         ("listen 80;", "listen 8080;"),
                         ("alias /var/lib/gpen/outputs/;", f"alias {self.values['DATA_INSIDE']}/outputs/;")]:
            if old not in nginx:
                raise ValueError(f"packaging/nginx/gpen.conf: expected the line '{old}', from which this is made")
            nginx = nginx.replace(old, new)
        smb = (PACKAGING / "samba/smb.conf").read_text().split("\n[photos]\n")[1]
        smb = smb.replace("path = /srv/photos", f"path = {self.values['PHOTOS_INSIDE']}")
        published = "${GPEN_PORT:-" + self.values["PORT"] + "}"
        files = {"compose.yaml": self.compose_file("compose/compose.yaml", "compose", PUBLISHED=published),
                 ".env": self.template("compose/env"), "gpen.toml": self.template("compose/gpen.toml"),
                 "nginx.conf": nginx,
                 "samba/smb.conf": "[global]\n    server role = standalone server\n    map to guest = never\n"
                                   "    disable netbios = yes\n    load printers = no\n\n[photos]\n" + smb}
        for name in "samba/Dockerfile", "samba/start.sh":
            files[name] = self.template(f"compose/{name}")
        return files

    def all_files(self):
        """Name -> text of everything that does not hold the program itself."""
        files = {f"compose/{name}": text for name, text in self.compose().items()}
        files["casaos/docker-compose.yml"] = self.compose_file("casaos/docker-compose.yml", "casaos")
        files["truenas/compose.yaml"] = self.compose_file("truenas/compose.yaml", "truenas")
        files["unraid/gpen-nas.xml"] = self.template("unraid/gpen-nas.xml", **self.platform("unraid"))
        files["qnap/qpkg.cfg"] = self.template("qnap/qpkg.cfg")
        files["qnap/package_routines"] = self.template("qnap/package_routines")
        files[f"qnap/shared/{self.values['NAME']}.sh"] = self.native_service("qnap")
        return files


def write_manifests(folder):
    for name, text in Manifests().all_files().items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if name.endswith(".sh"):
            path.chmod(0o755)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    given = arguments.parse_args()
    if given.folder.exists():
        sys.exit(f"manifests.py: {given.folder} is there already; expected a folder that it can make")
    write_manifests(given.folder)


if __name__ == "__main__":
    main()
