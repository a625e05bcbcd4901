"""The archive on a system that has nothing: unpacked and started by busybox alone, on a kernel as old as NAS have."""
import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import unittest

from packaged import ARCHITECTURE, PHOTO, bare_root, closure, end, enter, needs, run_in, temporary
from archive import make_archive
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

    def test_every_format_is_written(self):
        (self.root / "photos/formats.png").write_bytes(photo())
        for name in "jpeg", "webp", "tiff", "heic", "avif":
            told = run_in(self.root, self.gpen, "restore", "--format", name, "--clean", "1", "-o",
                          f"/photos/formats.{name}", "/photos/formats.png", network=False, env=ENVIRONMENT)
            self.assertEqual(told.returncode, 0, name + told.stdout + told.stderr)
            self.assertGreater((self.root / f"photos/formats.{name}").stat().st_size, 0)

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
            if file["name"].startswith("lib/") and "gpen-nas" not in file["name"]:
                self.assertIn(file["package"], packages, file["name"])
        for package in packages:
            self.assertTrue((closure() / "share/doc" / package / "copyright").stat().st_size > 0)
        sources = (closure() / "share/doc/SOURCES").read_text()
        self.assertRegex(sources, r"\nglibc \S+\n")

    def test_no_library_is_missing(self):
        have = {path.name for path in (closure() / "lib").rglob("*") if path.is_file()}
        for path in (closure() / "lib").rglob("*"):
            if path.is_file() and is_elf(path):
                self.assertEqual(set(), set(read_elf(path).needed) - have, path.name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
