#!/usr/bin/env python3
"""One image for several architectures, as a registry takes it: an index in the OCI layout, in one file.

image_index.py FOLDER amd64=IMAGE arm64=IMAGE: writes FOLDER/NAME-VERSION.oci.tar of what image.py has made. Then
`skopeo copy --all oci-archive:FILE docker://REGISTRY/NAME:VERSION` publishes it.
"""
import argparse
import gzip
import os
import pathlib
import shutil
import subprocess
import tempfile

from image import buildah
from product import read_product, release_time, version
from reproducible_tar import write_tar


def add_image(storage, index, architecture, packed, temporary):
    plain = temporary / "image.tar"
    with gzip.open(packed) as source, open(plain, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    platform = f"linux/{read_product()['architectures'][architecture]['oci']}"
    told = buildah(storage, "pull", "--quiet", "--platform", platform, f"docker-archive:{plain}",
                   stdout=subprocess.PIPE, text=True)
    plain.unlink()
    buildah(storage, "manifest", "add", index, told.stdout.split()[-1], stdout=subprocess.DEVNULL)


def make_index(images, folder, time):
    """`images`: each architecture's file that image.py has made."""
    name = read_product()["name"]
    output = pathlib.Path(folder) / f"{name}-{version()}.oci.tar"
    with tempfile.TemporaryDirectory(prefix="gpen-index-") as temporary:
        temporary = pathlib.Path(temporary)
        storage, layout = temporary / "storage", temporary / "layout"
        index = f"{name}-index"
        buildah(storage, "manifest", "create", index, stdout=subprocess.DEVNULL)
        for architecture, packed in sorted(images.items()):
            add_image(storage, index, architecture, packed, temporary)
        buildah(storage, "manifest", "push", "--quiet", "--all", index, f"oci:{layout}:{version()}",
                stdout=subprocess.DEVNULL)
        with open(output, "wb") as file:
            write_tar(file, layout, "", time)
    return output


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("images", nargs="+", metavar="ARCH=FILE")
    given = arguments.parse_args()
    images = dict(image.split("=", 1) for image in given.images)
    print(make_index(images, given.folder, release_time(os.environ)))


if __name__ == "__main__":
    main()
