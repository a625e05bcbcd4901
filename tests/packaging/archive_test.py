"""The archive on a system that has nothing: unpacked and started by busybox alone, on a kernel as old as NAS have."""
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import unittest

from PIL import Image

from packaged import ARCHITECTURE, PHOTO, ROOT, bare_root, closure, end, enter, installed, needs, run_in, temporary
from archive import make_archive
from closure import Closure
from elf import is_elf, read_elf
from old_kernel_test import NEWER, refuse_newer
from reproducible_tar import write_tar
from service_under_test import photo

ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}


@needs("busybox", "xz", "unshare", "readelf")
class Archive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        packed = make_archive(closure(), temporary(), ARCHITECTURE, 1_700_000_000, level=0)
        cls.packed = packed
        cls.root = bare_root("bare")
        shutil.copy(packed, cls.root / "opt")
        told = run_in(cls.root, "/bin/tar", "xJf", f"/opt/{packed.name}", "-C", "/opt")
        assert told.returncode == 0, told.stderr
        cls.name = packed.name.removesuffix(".tar.xz")
        cls.gpen = f"/opt/{cls.name}/gpen"

    def restore(self, name, **options):
        shutil.copy(PHOTO, self.root / f"photos/{name}.png")
        told = run_in(self.root, self.gpen, "restore", "--json", f"/photos/{name}.png", network=False,
                      env=ENVIRONMENT, **options)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertEqual(json.loads(told.stdout)["faces_restored"], 1)
        self.assertTrue((self.root / f"photos/{name}.restored.png").exists())

    def test_a_photo_is_restored(self):
        self.restore("here")

    @unittest.skipUnless(NEWER, "the numbers of this machine's system calls are not known")
    def test_a_photo_is_restored_on_an_old_kernel(self):
        self.restore("old", preexec_fn=refuse_newer)

    def test_every_format_is_written_and_read(self):
        (self.root / "photos/formats.png").write_bytes(photo())
        for name in "jpeg", "webp", "tiff", "heic", "avif":
            for given, made in ("formats.png", f"formats.{name}"), (f"formats.{name}", f"from_{name}.png"):
                told = run_in(self.root, self.gpen, "restore", "--format", made.split(".")[1], "--clean", "1", "-o",
                              f"/photos/{made}", f"/photos/{given}", network=False, env=ENVIRONMENT)
                self.assertEqual(told.returncode, 0, name + told.stdout + told.stderr)
                self.assertGreater((self.root / "photos" / made).stat().st_size, 0)

    def test_no_other_networks_than_the_repositorys_are_passed_on(self):
        networks = {path.stem for path in (closure() / "share/gpen/models").glob("*.onnx")}
        self.assertEqual(networks, {path.stem for path in (ROOT / "models").glob("*.pth")})

    def test_kinds_of_tiff_are_read(self):
        """What libvips and libtiff reach through other libraries."""
        for compression in "raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "zstd", "webp", "lzma":
            packed = self.root / f"photos/{compression}.tiff"
            Image.open(io.BytesIO(photo())).convert("RGB").save(packed, compression=compression)
            told = run_in(self.root, self.gpen, "restore", "--clean", "1", "-o", f"/photos/{compression}.png",
                          f"/photos/{packed.name}", network=False, env=ENVIRONMENT)
            self.assertEqual(told.returncode, 0, compression + told.stdout + told.stderr)

    def test_what_is_not_opened_is_refused_and_not_reached(self):
        """Pictures whose libraries are left out: a clear word, and never the stand-ins'."""
        svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
        unknown = {"drawing.svg": svg, "animation.gif": b"GIF89a\1\0\1\0\0\0\0;", "light.exr": b"v/1\1\2\0\0\0",
                   "stars.fits": b"SIMPLE  =                    T", "matrix.mat": b"MATLAB 5.0 MAT-file"}
        for name, contents in unknown.items():
            for given in name, f"{name}.jpg":
                (self.root / "photos" / given).write_bytes(contents.ljust(4096))
                told = run_in(self.root, self.gpen, "restore", f"/photos/{given}", network=False, env=ENVIRONMENT)
                self.assertNotIn("left out of this package", told.stderr)
                self.assertGreater(told.returncode, 0, given)
                self.assertLess(told.returncode, 64, given + told.stderr)

    def test_photos_are_fetched_from_web_addresses(self):
        """With what libcurl names for other addresses left out."""
        environment = {**os.environ, "GPEN_BINARY": str(self.root / self.gpen[1:])}
        told = subprocess.run([sys.executable, ROOT / "tests/celery/web_test.py", "Web"], env=environment, text=True,
                              capture_output=True)
        if told.returncode == 77:
            self.skipTest(told.stdout.strip())
        self.assertEqual(told.returncode, 0, told.stderr)

    def test_it_runs_from_anywhere_through_a_link(self):
        (self.root / "bin/gpen").unlink(missing_ok=True)
        (self.root / "bin/gpen").symlink_to(self.gpen)
        told = run_in(self.root, "gpen", "doctor", network=False, env=ENVIRONMENT)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn(f"/opt/{self.name}/share/gpen/models", told.stdout)
        self.assertNotIn("MISSING", told.stdout)

    def test_the_service_answers(self):
        process = subprocess.Popen(enter(self.root, self.gpen, "serve", "--host", "127.0.0.1", "--port", "0",
                                         "--data-dir", "/tmp/data"),
                                   stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, preexec_fn=refuse_newer)
        try:
            port = re.search(r":(\d+)/", process.stdout.readline()).group(1)
            told = run_in(self.root, self.gpen, "health", "--port", port, "--ready", env=ENVIRONMENT)
            self.assertEqual((told.returncode, told.stderr), (0, ""))
        finally:
            end(process)

    @needs("strace")
    def test_nothing_talks_to_the_network(self):
        shutil.copy(PHOTO, self.root / "photos/traced.png")
        trace = temporary() / "trace"
        command = enter(self.root, self.gpen, "restore", "/photos/traced.png")
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto", "-o", trace, *command], check=True,
                       env=ENVIRONMENT, capture_output=True, timeout=600)
        calls = [line for line in trace.read_text().splitlines() if "+++" not in line and "---" not in line]
        self.assertEqual([], calls)

    def test_every_library_comes_from_the_archive(self):
        loader = next((self.root / f"opt/{self.name}/lib").glob("ld-linux*")).name
        folder = f"/opt/{self.name}/lib"
        told = run_in(self.root, f"{folder}/{loader}", "--library-path", f"{folder}:{folder}/gpen-nas", "--list",
                      f"/opt/{self.name}/bin/gpen", env=ENVIRONMENT)
        self.assertEqual(told.returncode, 0, told.stderr)
        places = re.findall(r"=> (\S+)", told.stdout)
        self.assertGreater(len(places), 50)
        self.assertEqual([], [place for place in places if not place.startswith(f"/opt/{self.name}/")])


@needs("xz", "readelf")
class WhatIsInIt(unittest.TestCase):
    def test_the_same_tree_gives_the_same_bits(self):
        def write(tree):
            with open(temporary() / "once.tar", "wb") as file:
                write_tar(file, tree, "gpen", 1_700_000_000)
            return hashlib.sha256((temporary() / "once.tar").read_bytes()).digest()
        copy = temporary() / "copy of the closure"
        shutil.copytree(closure(), copy, copy_function=shutil.copy)
        (copy / "bin/gpen").touch()
        self.assertEqual(write(closure()), write(copy))
        with tarfile.open(temporary() / "once.tar") as archive:
            for entry in archive:
                self.assertEqual((entry.uid, entry.gid, entry.mtime), (0, 0, 1_700_000_000), entry.name)

    def test_each_library_has_its_package_and_its_licence(self):
        contents = json.loads((closure() / "share/gpen/contents.json").read_text())
        packages = {package["name"] for package in contents["packages"]}
        for file in contents["files"]:
            if file["name"].startswith("lib/") and "gpen-nas" not in file["name"] and not file["left_out"]:
                self.assertIn(file["package"], packages, file["name"])
        for package in packages:
            self.assertTrue((closure() / "share/doc" / package / "copyright").stat().st_size > 0)
        sources = (closure() / "share/doc/SOURCES").read_text()
        self.assertRegex(sources, r"\nglibc \S+\n")

    def test_what_stands_in_for_a_library_is_small_and_refuses(self):
        contents = json.loads((closure() / "share/gpen/contents.json").read_text())
        left_out = [file["name"] for file in contents["files"] if file["left_out"]]
        self.assertGreater(len(left_out), 8)
        self.assertLess(sum((closure() / name).stat().st_size for name in left_out), 1 << 19)
        library = closure() / next(name for name in left_out if name.startswith("lib/librsvg"))
        self.assertEqual((), read_elf(library).needed)
        called = subprocess.run([sys.executable, "-c", "import ctypes, sys; "
                                 "ctypes.CDLL(sys.argv[1]).rsvg_handle_set_dpi()", library], capture_output=True)
        self.assertEqual(called.returncode, -signal.SIGABRT)
        self.assertIn(b"is left out of this package, but rsvg_handle_set_dpi of it was called", called.stderr)

    def test_a_library_that_others_want_is_not_left_out(self):
        tree = Closure(installed(), temporary() / "other closure", ARCHITECTURE, "/")
        tree.make()
        name = next(iter(tree.left_out))
        with self.assertRaisesRegex(ValueError, "another library wants it too"):
            tree.take(tree.libraries.find(name), name, set())

    def test_no_library_is_missing(self):
        have = {path.name for path in (closure() / "lib").rglob("*") if path.is_file()}
        for path in (closure() / "lib").rglob("*"):
            if path.is_file() and is_elf(path):
                self.assertEqual(set(), set(read_elf(path).needed) - have, path.name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
