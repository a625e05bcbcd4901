"""Every command as a person runs it: once well, and on bad input."""

import csv
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import torch

from gpen_training.faces import read_picture
from gpen_training.network import Gpen
from tests.drawn_faces import write_faces

TRAIN = ["--size", "32", "--narrow", "0.125", "--batch", "4"]


def command(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "gpen_training", *map(str, arguments)],
                          capture_output=True, text=True, **options)


class CommandsTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.faces = self.folder / "faces"
        self.faces.mkdir()
        write_faces(self.faces, 51, 32)

    def fails(self, expected, *arguments):
        result = command(*arguments)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(expected, result.stderr)
        self.assertNotIn("Traceback", result.stderr)

    def test_train_export_evaluate(self):
        run = self.folder / "run"
        trained = command("train", self.faces, "--output", run, "--images", 120, *TRAIN,
                          "--evaluate-every", 60)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        rows = list(csv.DictReader(open(run / "curve.csv")))
        self.assertEqual([int(row["images"]) for row in rows], [0, 60, 120])
        self.assertTrue((run / "held-out.png").exists())
        resumed = command("train", self.faces, "--output", run, "--images", 160, *TRAIN)
        self.assertIn("160 images", resumed.stdout)
        exported = command("export", run / "checkpoint.pt", self.folder / "network.pth")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        self.assertEqual(json.loads((self.folder / "network.json").read_text())["images"], 160)
        judged = command("evaluate", self.faces, self.folder / "network.pth", "--size", 32,
                         "--output", self.folder / "evaluation")
        self.assertEqual(judged.returncode, 0, judged.stderr)
        table = json.loads((self.folder / "evaluation" / "table.json").read_text())
        self.assertEqual(list(table), ["photo (bicubic)", "network"])
        self.assertGreater(table["network"]["seconds"], 0)
        self.assertTrue((self.folder / "evaluation" / "sheet.png").exists())

    def test_train_stops_cleanly(self):
        run = self.folder / "run"
        process = subprocess.Popen([sys.executable, "-m", "gpen_training", "train", self.faces,
                                    "--output", run, *TRAIN], stdout=subprocess.PIPE, text=True)
        self.assertIn("at the start", process.stdout.readline())
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn("continues from", output)
        self.assertTrue((run / "checkpoint.pt").exists())

    def test_train_on_bad_input(self):
        nothing = self.folder / "nothing"
        self.fails("expected a folder of face pictures", "train", nothing)
        nothing.mkdir()
        self.fails("command prepare", "train", nothing)
        self.fails("expected a multiple of --threads", "train", self.faces, "--batch", 3)
        self.fails("need --identity-network", "train", self.faces, "--identity", 1)
        self.fails("no such file", "train", self.faces, "--start", nothing / "x.pth")
        self.fails("expected square faces of 64", "train", self.faces, "--size", 64, "--narrow",
                   0.125, "--output", self.folder / "run")
        (nothing / "broken.jpg").write_bytes(b"not a picture")
        self.fails("broken.jpg", "train", nothing, *TRAIN)

    def test_degrade(self):
        sheet = self.folder / "sheet.png"
        made = command("degrade", self.faces, sheet, "--size", 32, "--columns", 3)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(read_picture(sheet).shape[0], 7 * 32)
        self.fails("expected a picture to write", "degrade", self.faces, self.folder / "sheet")
        self.fails("one column", "degrade", self.faces, sheet, "--columns", 0)

    def test_mix(self):
        first, second, wider = (self.folder / f"{name}.pth" for name in ("first", "second", "wider"))
        networks = [Gpen(32, narrow, unshuffle=2) for narrow in (0.125, 0.125, 0.25)]
        for path, network in zip((first, second, wider), networks):
            torch.save(network.state_dict(), path)
        mixed = command("mix", first, second, 1.5, self.folder / "mixed.pt")
        self.assertEqual(mixed.returncode, 0, mixed.stderr)
        weights = torch.load(self.folder / "mixed.pt", weights_only=True)["average"]
        for name, value in networks[0].named_parameters():
            expected = value + 1.5 * (networks[1].get_parameter(name) - value)
            torch.testing.assert_close(weights[name], expected.detach(), rtol=1e-3, atol=1e-4)
        self.fails("networks of the same shape", "mix", first, wider, 1, self.folder / "mixed.pt")
        self.fails("no such file", "mix", first, self.folder / "none", 1, self.folder / "mixed.pt")

    def test_export_on_bad_input(self):
        other = self.folder / "other.pth"
        other.write_bytes(b"no checkpoint")
        self.fails("cannot read", "export", other, self.folder / "out.pth")
        self.fails("ends in .pth", "export", other, self.folder / "out")

    def test_evaluate_on_bad_input(self):
        self.fails("cannot read the manifest", "evaluate", self.faces, self.folder / "none.json",
                   "--size", 32)
        photos = self.folder / "photos"
        photos.mkdir()
        write_faces(photos, 1, 32)
        self.fails("expected a photo for every face", "evaluate", self.faces, "--photos", photos,
                   "--size", 32)
        self.fails("an ONNX file", "evaluate", self.faces, "--size", 32, "--identity-network",
                   self.folder / "none.onnx")

    def test_prepare(self):
        self.fails("expected the program", "prepare", self.faces, "--output", self.folder / "out",
                   "--gpen", self.folder / "none")
        program = self.folder / "gpen"
        program.write_text("#!/bin/sh\necho unknown command >&2\nexit 2\n")
        program.chmod(0o755)
        self.fails("exit code 2", "prepare", self.faces, "--output", self.folder / "out", "--gpen",
                   program)
        self.fails("new or empty folder", "prepare", self.faces, "--output", self.faces, "--gpen",
                   program)
        self.fails("found none at", "prepare", self.folder / "none", "--output",
                   self.folder / "out", "--gpen", program)
        # Stands for the program: checks the order of the arguments and writes one face.
        program.write_text('#!/bin/sh\n[ "$1 $2 $4 $5 $7 $9" = "faces extract --recursive -o --size '
                           '--template" ] || exit 3\nmkdir -p "$6" && cp "$3/face-000.png" "$6"\n')
        made = command("prepare", self.faces, "--output", self.folder / "out", "--gpen", program)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("1 faces", made.stdout)


if __name__ == "__main__":
    unittest.main()
