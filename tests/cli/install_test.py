"""What `cmake --install` makes: a tree that runs wherever it is put."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("GPEN_BUILD", ROOT / "build/release"))
SKIMAGE = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data")


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="gpen-install-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.folder / "first"], check=True,
                       stdout=subprocess.DEVNULL, timeout=120)
        cls.tree = (cls.folder / "first").rename(cls.folder / "moved to another place")
        cls.gpen = cls.tree / "bin/gpen"

    def run_gpen(self, *arguments):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        return subprocess.run([self.gpen, *arguments], capture_output=True, text=True, cwd="/",
                              env=environment, timeout=300)

    def test_it_finds_its_own_models(self):
        result = self.run_gpen("doctor")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn(f"models in {self.tree}/share/gpen/models", result.stdout)
        self.assertNotIn("MISSING", result.stdout)

    def test_it_restores_a_photo(self):
        photo = self.folder / "astronaut.png"
        shutil.copy(SKIMAGE / "astronaut.png", photo)
        result = self.run_gpen("restore", "--json", photo)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout)["faces_restored"], 1)
        self.assertTrue((self.folder / "astronaut.restored.png").exists())

    def test_nothing_of_the_machine_that_built_it_is_in_it(self):
        self.assertNotIn(str(ROOT).encode(), self.gpen.read_bytes())
        told = subprocess.run(["readelf", "-d", self.gpen], capture_output=True, text=True, check=True)
        paths = re.findall(r"R(?:UN)?PATH.*\[(.*)\]", told.stdout)
        self.assertTrue(all(path.startswith("$ORIGIN/") for path in paths), paths)

    def test_what_is_in_it(self):
        files = {str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if path.is_file()}
        for name in ("share/gpen/models/gpen-lite-256.onnx", "share/gpen/models/gpen-lite-256.json",
                     "share/gpen/models/gpen-lite-256.md", "share/gpen/models/face/identity-512.onnx"):
            self.assertIn(name, files)
        self.assertTrue(any(name.endswith("/LICENSE") for name in files))
        self.assertFalse([name for name in files if name.endswith((".pth", ".h", ".a"))])


if __name__ == "__main__":
    unittest.main()
