"""What the tests of the commands share: running one, well or in vain, on a folder of drawn faces."""

import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

from gpen_training.__main__ import main
from tests.drawn_faces import write_faces

WITHOUT = ["--identity-network", "none"]
TRAIN = ["--size", "32", "--narrow", "0.125", "--batch", "4", "--texture", "0", *WITHOUT]


def command(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "gpen_training", *map(str, arguments)],
                          capture_output=True, text=True, **options)


class CommandCase(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.faces = self.folder / "faces"
        self.faces.mkdir()
        write_faces(self.faces, 51, 32)

    def fails(self, expected, *arguments, code=1):
        """In this process: starting one for each costs seconds."""
        complaint = io.StringIO()
        with contextlib.redirect_stderr(complaint), contextlib.redirect_stdout(io.StringIO()):
            try:
                found = main([str(argument) for argument in arguments])
            except SystemExit as end:  # argparse
                found = end.code
        self.assertEqual(found, code, complaint.getvalue())
        self.assertIn(expected, complaint.getvalue())

    def refused(self, expected, *arguments):
        self.fails(expected, *arguments, code=2)
