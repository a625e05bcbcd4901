"""What the tests of `gpen restore` share: the program, its exit codes, and a folder of their own for each."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import warnings

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GPEN = os.environ.get("GPEN", str(ROOT / "build/release/apps/gpen/gpen"))
GROUP = ROOT / "packaging/npm/node_modules/@vladmandic/face-api/demo"
SKIMAGE = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data")

OK, SOME_FAILED, USAGE, NOTHING_TO_DO, INTERRUPTED = 0, 1, 2, 3, 130


def run(*arguments, **options):
    return subprocess.run([GPEN, *map(str, arguments)], capture_output=True, text=True,
                          timeout=300, **options)


def pixels(path):
    return np.asarray(Image.open(path))


class RestoreCase(unittest.TestCase):
    def setUp(self):
        warnings.simplefilter("ignore", ResourceWarning)  # Files of pictures close with the test.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gpen-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def photo(self, name="portrait.png", source="astronaut.png"):
        path = self.folder / name
        shutil.copy(SKIMAGE / source, path)
        path.chmod(0o644)
        return path

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())

    def assert_refused(self, result, path, *words, code=SOME_FAILED):
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        leftovers = [f for f in self.files() if "restored" in f or f.endswith(".tmp")]
        self.assertEqual(leftovers, [])
