"""The image: built by buildah, loaded and run by podman and crun, as an engine on a NAS does."""
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import unittest

import requests

from engine import Engine
from packaged import ARCHITECTURE, PHOTO, closure, needs, programs, temporary
from image import make_image, tag
from image_index import make_index
from product import read_product, version
from service_under_test import wait_for

USER = read_product()["service"]["user"]


@needs("buildah", "podman", "crun", "unshare")
class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.storage = temporary() / "storage"
        packed = make_image(closure(), temporary(), ARCHITECTURE, 1_700_000_000, level=1)
        plain = packed.with_suffix("")
        with gzip.open(packed) as source, open(plain, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        cls.engine = Engine(cls.storage)
        # Debian 12's podman loads no compressed archive, whoever made it.
        subprocess.run(cls.engine.command("load", "--quiet", "--input", plain), check=True, capture_output=True)
        refusal = cls.engine.refusal(tag())
        if refusal:
            raise unittest.SkipTest(f"containers cannot be run here: {refusal}")

    def folder(self, name):
        folder = temporary() / name
        folder.mkdir()
        os.chown(folder, USER, USER)
        return folder

    def test_a_photo_is_restored(self):
        photos = self.folder("photos")
        shutil.copy(PHOTO, photos / "photo.png")
        told = self.engine.run(tag(), "restore", "--json", "photo.png",
                               options=("--network", "none", "--volume", f"{photos}:/photos"))
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertEqual(json.loads(told.stdout)["faces_restored"], 1)
        self.assertTrue((photos / "photo.restored.png").exists())

    def test_the_service(self):
        data = self.folder("data")
        options = ("--network", "host", "--volume", f"{data}:/data", "--env", "GPEN_HOST=127.0.0.1", "--env",
                   "GPEN_PORT=0", "--env", "GPEN_HEAT_ENABLED=false", "--name", "service")
        service = subprocess.Popen(self.engine.run_command(tag(), options=options), stdout=subprocess.PIPE, text=True)
        try:
            port = re.search(r":(\d+)/", service.stdout.readline()).group(1)
            with open(PHOTO, "rb") as photo:
                answer = requests.post(f"http://127.0.0.1:{port}/enhance", files={"image": photo}, timeout=300)
            self.assertEqual(answer.json()["status"], "success")
            self.assertEqual(os.stat(data / "outputs").st_uid, USER)
            asked = self.engine.run(tag(), "health", "--ready",
                                    options=("--network", "host", "--env", f"GPEN_PORT={port}"))
            self.assertEqual((asked.returncode, asked.stderr), (0, ""))
            self.stop(service)
        finally:
            service.stdout.close()
            service.wait(60)

    def stop(self, service):
        """The program itself gets SIGTERM, as from `docker stop`: podman waits for it and ends with its code."""
        program, = programs(service)
        os.kill(program, signal.SIGTERM)
        wait_for(lambda: service.poll() is not None, "the container's end", 30)
        self.assertEqual(service.returncode, 0)

    def test_what_it_is(self):
        told = subprocess.run(["buildah", "--root", f"{self.storage}/root", "--runroot", f"{self.storage}/run",
                               "--storage-driver", "vfs", "inspect", "--type", "image", tag()], check=True,
                              capture_output=True, text=True)
        made = json.loads(told.stdout)["Docker"]
        config = made["config"]
        self.assertEqual(config["User"], f"{USER}:{USER}")
        self.assertEqual(config["Healthcheck"]["Test"], ["CMD", "/usr/bin/gpen", "health"])
        self.assertEqual(list(config["ExposedPorts"]), [f"{read_product()['service']['port']}/tcp"])
        self.assertEqual(config["Labels"]["org.opencontainers.image.version"], version())
        self.assertEqual(made["architecture"], ARCHITECTURE)


@needs("buildah")
class Index(unittest.TestCase):
    def test_both_architectures_are_in_it_and_a_second_one_is_the_same(self):
        folder = temporary() / "index"
        folder.mkdir()
        images = {}
        for architecture in "amd64", "arm64":
            tree = temporary() / f"tree of {architecture}"
            (tree / "bin").mkdir(parents=True)
            (tree / "bin/gpen").write_text(architecture)
            images[architecture] = make_image(tree, folder, architecture, 1_700_000_000, level=1)
        made = make_index(images, folder, 1_700_000_000)
        first = made.read_bytes()
        self.assertEqual(make_index(images, folder, 1_700_000_000).read_bytes(), first)
        with tarfile.open(made) as archive:
            def blob(entry):
                return json.load(archive.extractfile("blobs/" + entry["digest"].replace(":", "/")))
            listed, = json.load(archive.extractfile("index.json"))["manifests"]
            self.assertEqual(listed["annotations"]["org.opencontainers.image.ref.name"], version())
            found = {}
            for entry in blob(listed)["manifests"]:
                found[entry["platform"]["architecture"]] = blob(blob(entry)["config"])
        self.assertEqual({name: config["architecture"] for name, config in found.items()},
                         {"amd64": "amd64", "arm64": "arm64"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
