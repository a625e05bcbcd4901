#!/usr/bin/env python3
"""The container image, made of the closure by buildah, without an engine.

image.py CLOSURE FOLDER --arch amd64: writes FOLDER/NAME-VERSION-ARCH.image.tar.gz, which `docker load` takes, and
prints its path.
"""
import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

from product import read_product, release_time, version

HERE = pathlib.Path(__file__).resolve().parent


def tag():
    return f"{read_product()['name']}:{version()}"


def buildah(storage, *words, **options):
    return subprocess.run(["buildah", "--root", f"{storage}/root", "--runroot", f"{storage}/run",
                           "--storage-driver", "vfs", *words], check=True, **options)


def fill_context(closure, context, architecture, time):
    """`system`: the image's files; `volumes`: the folders that belong to its user."""
    product = read_product()
    service, loader = product["service"], product["architectures"][architecture]["loader"]
    system = context / "system"
    shutil.copytree(closure, system / "usr")
    # Where the program's header looks for the loader.
    (system / ("lib64" if loader.startswith("ld-linux-x86-64") else "lib")).symlink_to("usr/lib")
    user = service["user"]
    (system / "etc").mkdir()
    (system / "etc/passwd").write_text(f"gpen:x:{user}:{user}:GPEN-NAS:{service['data']}:/nonexistent\n")
    (system / "etc/group").write_text(f"gpen:x:{user}:\n")
    for folder in service["data"], service["photos"], "/tmp":
        (context / "volumes" / folder.lstrip("/")).mkdir(parents=True)
    # buildah notes a checksum of what it copies in the image's history, and times are in it.
    for path in [*context.rglob("*"), context]:
        os.utime(path, (time, time), follow_symlinks=False)


def build_image(closure, storage, architecture, time):
    """Builds it in buildah's `storage` under tag()."""
    with tempfile.TemporaryDirectory(prefix="gpen-image-") as temporary:
        context = pathlib.Path(temporary)
        fill_context(closure, context, architecture, time)
        product = read_product()
        labels = {"title": product["title"], "description": product["summary"], "version": version(),
                  "licenses": product["licence"]}
        if product["homepage"]:
            labels["url"] = product["homepage"]
        buildah(storage, "build", "--isolation", "chroot", "--format", "docker", "--timestamp", str(time),
                "--platform", f"linux/{product['architectures'][architecture]['oci']}", "--quiet", "--layers=false",
                *[f"--label=org.opencontainers.image.{name}={text}" for name, text in labels.items()],
                "--tag", tag(), "--file", str(HERE / "Containerfile"), str(context), stdout=subprocess.DEVNULL)


def save_image(storage, output, time, level=9):
    """As one file for `docker load`, `podman load` and the NAS makers' pages."""
    with tempfile.TemporaryDirectory(prefix="gpen-image-") as temporary:
        plain = pathlib.Path(temporary) / "image.tar"
        buildah(storage, "push", "--quiet", tag(), f"docker-archive:{plain}:{tag()}", stdout=subprocess.DEVNULL)
        with open(output, "wb") as file, gzip.GzipFile("", "wb", level, file, mtime=0) as packed:
            write_reproducible(plain, packed, time)


def write_reproducible(plain, output, time):
    """buildah's archive without what is another thing each time: the name of the container that it was built in."""
    with tarfile.open(plain) as source, tarfile.open(fileobj=output, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        manifest = json.load(source.extractfile("manifest.json"))
        config = json.load(source.extractfile(manifest[0]["Config"]))
        config.pop("container", None)
        for part in "config", "container_config":
            config.get(part, {}).pop("Hostname", None)
        config = json.dumps(config).encode()
        manifest[0]["Config"] = hashlib.sha256(config).hexdigest() + ".json"

        def add(name, size, contents):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = size, time, 0o644
            archive.addfile(entry, contents)
        for name in manifest[0]["Layers"]:
            add(name, source.getmember(name).size, source.extractfile(name))
        add(manifest[0]["Config"], len(config), io.BytesIO(config))
        listing = json.dumps(manifest).encode()
        add("manifest.json", len(listing), io.BytesIO(listing))


def make_image(closure, folder, architecture, time, level=9):
    output = pathlib.Path(folder) / f"{read_product()['name']}-{version()}-{architecture}.image.tar.gz"
    with tempfile.TemporaryDirectory(prefix="gpen-storage-") as storage:
        build_image(closure, storage, architecture, time)
        save_image(storage, output, time, level)
    return output


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("closure", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--arch", required=True, choices=read_product()["architectures"])
    given = arguments.parse_args()
    print(make_image(given.closure, given.folder, given.arch, release_time(os.environ)))


if __name__ == "__main__":
    main()
