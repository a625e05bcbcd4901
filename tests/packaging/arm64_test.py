"""What is made for 64 bit ARM on another machine, run by qemu as on boards of old and new processors.

GPEN_ARM64 names a folder that `make_release.py FOLDER --arch arm64` has filled already, and GPEN_ARM64_BUILD the build
for Debian 13; without them both are made, which takes hours where ccache has nothing.
"""
import functools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tarfile
import unittest

import numpy
import requests
from PIL import Image

from arm_boards import CORTEX_A53, HIDDEN, NEWEST
from emulated import PROGRAM, add_emulator
from packaged import PHOTO, RELEASE, ROOT, end, enter, needs, temporary
from elf import is_elf, read_elf
from make_release import DEBIANS, NEWEST as NEWEST_DEBIAN, arm64_sysroot
from product import read_product, version

UNIT_TESTS = {"kernels_test": (CORTEX_A53, NEWEST), "base_test": (CORTEX_A53,), "codec_test": (CORTEX_A53,)}
# qemu has no filter of system calls, counts its own memory as the program's, and starts no program from another.
NOT_EMULATED = "Ways/RenameTest.*:Cpu.FollowsTheLimitOfAddressSpace:Cpu.PeakMemoryIsNotThatOfTheParent:MemoryTest.*"
MOST_LEVELS = 3  # Between the processors' results: their instructions round differently.
USER = read_product()["service"]["user"]


@functools.cache
def made():
    """The folder of what is released, with the unit tests built beside it."""
    if "GPEN_ARM64" in os.environ:
        return pathlib.Path(os.environ["GPEN_ARM64"])
    folder = temporary() / "release"
    subprocess.run([sys.executable, RELEASE / "make_release.py", folder, "--arch", "arm64", "--level", "1"], check=True,
                   env={**os.environ, "GPEN_ALSO": " ".join(UNIT_TESTS)}, stdout=subprocess.DEVNULL)
    return folder


def build():
    return pathlib.Path(os.environ.get("GPEN_ARM64_BUILD", ROOT / f"build/package-{NEWEST_DEBIAN}-arm64"))


def emulator_with_libraries(board, debian=NEWEST_DEBIAN):
    """With Debian's libraries for what is not of the archive."""
    folder = temporary() / f"{board.name} with libraries of {debian}"
    emulator = board.emulator(folder)
    sysroot = arm64_sysroot(debian).resolve()
    if not (folder / "usr").exists():
        (folder / "usr").symlink_to(sysroot / "usr")
        (folder / "lib").symlink_to("usr/lib")
    return emulator


@functools.cache
def unpacked(board):
    """The tree of the archive, whose launcher has qemu start the loader; the program's helpers come through it, too."""
    packed, = made().glob("*-arm64.tar.xz")
    place = temporary() / f"archive on {board.name}"
    place.mkdir()
    subprocess.run(["tar", "xJf", packed, "-C", place], check=True)
    tree = place / packed.name.removesuffix(".tar.xz")
    launcher = tree / "gpen"
    text = launcher.read_text()
    emulator = board.emulator(temporary() / board.name)
    launcher.write_text(text.replace('exec "$here', f'exec {" ".join(emulator)} "$here'))
    assert launcher.read_text() != text
    return tree


@functools.cache
def image_root():
    """The image's files, as a container has them, with an emulator."""
    root = temporary() / "image"
    root.mkdir()
    with tarfile.open(next(made().glob("*-arm64.image.tar.gz"))) as archive:
        manifest, = json.load(archive.extractfile("manifest.json"))
        config = json.load(archive.extractfile(manifest["Config"]))
        for name in manifest["Layers"]:
            with archive.extractfile(name) as layer, tarfile.open(fileobj=layer) as files:
                files.extractall(root)
    add_emulator(root, CORTEX_A53, config["config"]["Entrypoint"][0])
    return root, config


def restored(program, output):
    told = subprocess.run([*program, "restore", "--json", "-o", output, PHOTO], capture_output=True, text=True,
                          timeout=1500)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout), numpy.asarray(Image.open(output)).astype(int)


@functools.cache
def restored_here():
    return restored([os.environ["GPEN_BINARY"]], temporary() / "here.png")[1]


@needs("mmdebstrap", "unshare", "qemu-aarch64", "xz", "readelf", "busybox")
class Arm64(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made()

    def check_restored(self, told, result):
        """A face was restored, as on this machine."""
        self.assertEqual(told["faces_restored"], 1)
        self.assertLessEqual(numpy.abs(result - restored_here()).max(), MOST_LEVELS)
        original = numpy.asarray(Image.open(PHOTO)).astype(int)
        self.assertGreater(numpy.abs(result - original).max(), MOST_LEVELS)

    def check_service(self, command, health, **options):
        """Started, well, and of use."""
        service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
        try:
            port = re.search(r":(\d+)/", service.stdout.readline()).group(1)
            told = subprocess.run([*health, "health", "--ready", "--port", port], capture_output=True, text=True,
                                  timeout=120, **options)
            self.assertEqual((told.returncode, told.stderr), (0, ""))
            with open(PHOTO, "rb") as photo:
                answer = requests.post(f"http://127.0.0.1:{port}/enhance", files={"image": photo}, timeout=1500)
            self.assertEqual(answer.json()["status"], "success")
        finally:
            end(service)

    def test_the_unit_tests(self):
        for name, boards in UNIT_TESTS.items():
            for board in boards:
                with self.subTest(f"{name} on {board.name}"):
                    told = subprocess.run([*emulator_with_libraries(board), build() / "src" / name,
                                           f"--gtest_filter=-{NOT_EMULATED}"], cwd=build(), text=True,
                                          capture_output=True, timeout=3000)
                    self.assertEqual(told.returncode, 0, told.stdout[-4000:] + told.stderr[-1000:])

    def test_a_photo_becomes_what_it_becomes_here(self):
        for board in CORTEX_A53, NEWEST, HIDDEN:
            with self.subTest(board.name):
                self.check_restored(*restored([unpacked(board) / "gpen"], temporary() / f"{board.name}.png"))

    def test_the_archives_service(self):
        program = [unpacked(CORTEX_A53) / "gpen"]
        self.check_service([*program, "serve", "--data-dir", temporary() / "archive's data", "--host", "127.0.0.1",
                            "--port", "0"], program, env={**os.environ, "GPEN_HEAT_ENABLED": "false"})

    def test_the_image(self):
        root, config = image_root()
        self.assertEqual((config["os"], config["architecture"]), ("linux", "arm64"))
        self.assertEqual(config["config"]["User"], f"{USER}:{USER}")
        environment = {**dict(line.split("=", 1) for line in config["config"]["Env"]), "GPEN_HOST": "127.0.0.1",
                       "GPEN_PORT": "0", "GPEN_HEAT_ENABLED": "false", "PATH": "/usr/sbin:/usr/bin"}
        program = enter(root, PROGRAM, user=USER)
        self.check_service([*program, *config["config"]["Cmd"]], program, env=environment)
        results, = (root / "data/outputs").iterdir()
        self.assertEqual(results.stat().st_uid, USER)

    def test_everything_is_of_that_architecture(self):
        for path in unpacked(CORTEX_A53).rglob("*"):
            if path.is_file() and is_elf(path):
                self.assertEqual(read_elf(path).machine, "AArch64", path.name)

    def test_all_is_there(self):
        start = f"gpen-nas-{version()}-arm64"
        self.assertLessEqual({f"{start}{end}" for end in (".tar.xz", ".image.tar.gz", ".cdx.json", "-container.spk",
                                                          "-native.spk")}, {path.name for path in made().iterdir()})


@needs("mmdebstrap", "unshare", "qemu-aarch64", "dpkg-buildpackage", "dh")
class Packages(unittest.TestCase):
    """Debian's, each made on its release."""

    @classmethod
    def setUpClass(cls):
        cls.packages = {debian: next(made().glob(f"gpen-nas_{version()}~deb{number}u1_arm64.deb"))
                        for debian, number in DEBIANS.items()}

    def test_they_are_as_this_machines(self):
        for debian, package in self.packages.items():
            with self.subTest(debian):
                told = subprocess.run([sys.executable, pathlib.Path(__file__).parent / "deb_test.py", "Package"],
                                      env={**os.environ, "GPEN_PACKAGE": str(package)}, capture_output=True, text=True)
                self.assertEqual(told.returncode, 0, told.stderr)
                architecture = subprocess.run(["dpkg-deb", "--field", package, "Architecture"], check=True,
                                              capture_output=True, text=True).stdout.strip()
                self.assertEqual(architecture, "arm64")

    def test_debian_has_what_they_need(self):
        for debian, package in self.packages.items():
            with self.subTest(debian):
                told = subprocess.run(["mmdebstrap", "--quiet", "--simulate", "--variant=extract",
                                       "--architectures=arm64", f"--include={package}", debian, "/dev/null"],
                                      capture_output=True, text=True, timeout=900)
                self.assertEqual(told.returncode, 0, told.stderr)

    def test_their_programs_restore_a_photo(self):
        for debian, package in self.packages.items():
            with self.subTest(debian):
                tree = temporary() / f"package of {debian}"
                subprocess.run(["dpkg-deb", "--extract", package, tree], check=True)
                launcher = tree / "launcher"
                emulator = shlex.join(map(str, emulator_with_libraries(CORTEX_A53, debian)))
                program = shlex.quote(str(tree / "usr/bin/gpen"))
                launcher.write_text(f"#!/bin/sh\nexport GPEN_LAUNCHER={shlex.quote(str(launcher))}\n"
                                    f'exec {emulator} {program} "$@"\n')
                launcher.chmod(0o755)
                told, result = restored([launcher], temporary() / f"{debian}.png")
                self.assertEqual(told["faces_restored"], 1)
                self.assertLessEqual(numpy.abs(result - restored_here()).max(), MOST_LEVELS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
