"""What is made for 64 bit ARM on another machine, run by qemu as on a Cortex-A53: the oldest processor promised.

GPEN_ARM64 names a folder that `make_release.py FOLDER --arch arm64` has filled already, and GPEN_ARM64_BUILD the build
that it was made of; without them both are made, which takes an hour where ccache has nothing.
"""
import functools
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import unittest

import numpy
from PIL import Image

from packaged import PHOTO, RELEASE, ROOT, needs, temporary
from elf import is_elf, read_elf
from make_release import arm64_sysroot

UNIT_TESTS = ("kernels_test", "base_test", "codec_test")
# It has no filter of system calls, and counts its own memory as the program's.
NOT_EMULATED = "Ways/RenameTest.*:Cpu.FollowsTheLimitOfAddressSpace:MemoryTest.*"
EMULATOR = ("qemu-aarch64", "-cpu", "cortex-a53")
MOST_LEVELS = 3  # Between the processors' results: their instructions round differently.


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
    return pathlib.Path(os.environ.get("GPEN_ARM64_BUILD", ROOT / "build/package-trixie-arm64"))


@functools.cache
def unpacked():
    """The tree of the archive, whose launcher has qemu start the loader; the program's helpers come through it, too."""
    packed, = made().glob("*-arm64.tar.xz")
    subprocess.run(["tar", "xJf", packed, "-C", temporary()], check=True)
    tree = temporary() / packed.name.removesuffix(".tar.xz")
    launcher = tree / "gpen"
    text = launcher.read_text()
    launcher.write_text(text.replace('exec "$here', f'exec {" ".join(EMULATOR)} "$here'))
    assert launcher.read_text() != text
    return tree


@needs("mmdebstrap", "unshare", "qemu-aarch64", "xz", "readelf")
class Arm64(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made()

    def test_the_unit_tests(self):
        sysroot = arm64_sysroot(os.environ)
        libraries = f"{sysroot}/usr/lib/aarch64-linux-gnu"  # Where alternatives lie that nobody has set up.
        for name in UNIT_TESTS:
            with self.subTest(name):
                told = subprocess.run([*EMULATOR, "-L", sysroot, "-E",
                                       f"LD_LIBRARY_PATH={libraries}/lapack:{libraries}/blas", build() / "src" / name,
                                       f"--gtest_filter=-{NOT_EMULATED}"], cwd=build(), text=True,
                                      capture_output=True, timeout=3000)
                self.assertEqual(told.returncode, 0, told.stdout[-4000:] + told.stderr[-1000:])

    def test_a_photo_becomes_what_it_becomes_here(self):
        programs = {"arm64": unpacked() / "gpen", "here": os.environ["GPEN_BINARY"]}
        results = {}
        for name, program in programs.items():
            output = temporary() / f"{name}.png"
            told = subprocess.run([program, "restore", "--json", "-o", output, PHOTO], capture_output=True, text=True,
                                  timeout=1500)
            self.assertEqual(told.returncode, 0, told.stderr)
            self.assertEqual(json.loads(told.stdout)["faces_restored"], 1)
            results[name] = numpy.asarray(Image.open(output)).astype(int)
        difference = numpy.abs(results["arm64"] - results["here"])
        self.assertLessEqual(difference.max(), MOST_LEVELS)
        original = numpy.asarray(Image.open(PHOTO)).astype(int)
        self.assertGreater(numpy.abs(results["arm64"] - original).max(), MOST_LEVELS)  # A face was restored.

    def test_everything_is_of_that_architecture(self):
        for path in unpacked().rglob("*"):
            if path.is_file() and is_elf(path):
                self.assertEqual(read_elf(path).machine, "AArch64", path.name)

    def test_the_image_says_so(self):
        packed, = made().glob("*-arm64.image.tar.gz")
        with tarfile.open(packed) as archive:
            manifest = json.load(archive.extractfile("manifest.json"))
            config = json.load(archive.extractfile(manifest[0]["Config"]))
        self.assertEqual((config["os"], config["architecture"]), ("linux", "arm64"))

    def test_all_is_there(self):
        kinds = {path.name.split("-arm64")[1] for path in made().glob("*-arm64*")}
        self.assertEqual(kinds, {".tar.xz", ".image.tar.gz", ".cdx.json", "-container.spk", "-native.spk"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
