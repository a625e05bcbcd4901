"""Every command as a person runs it: once well, and on bad input."""

import contextlib
import csv
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import torch

from gpen_training import checkpoint, restorers
from gpen_training.__main__ import main
from gpen_training.faces import read_picture
from gpen_training.network import Gpen
from tests.drawn_faces import write_faces

WITHOUT = ["--identity-network", "none"]
TRAIN = ["--size", "32", "--narrow", "0.125", "--batch", "4", *WITHOUT]


def command(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "gpen_training", *map(str, arguments)],
                          capture_output=True, text=True, **options)


def checkpoint_images(run):
    path = run / "checkpoint.pt"
    return checkpoint.load(path)["images"] if path.exists() else 0


class CommandsTest(unittest.TestCase):
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

    def test_train_export_evaluate(self):
        run = self.folder / "run"
        trained = command("train", self.faces, "--output", run, "--images", 120, *TRAIN,
                          "--evaluate-every", 60)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        rows = list(csv.DictReader(open(run / "curve.csv")))
        self.assertEqual([int(row["images"]) for row in rows], [0, 60, 120])
        self.assertTrue((run / "held-out.png").exists())
        resumed = command("train", self.faces, "--output", run, "--images", 160, *TRAIN,
                          "--start", self.folder / "other.pth")
        self.assertIn("160 images", resumed.stdout)
        self.assertIn(f"the training in {run}/checkpoint.pt goes on", resumed.stderr)
        self.fails(f"64 pixels (--size), found one for 32 in {run}/checkpoint.pt: a training keeps "
                   "its size", "train", self.faces, "--output", run, "--size", 64, *WITHOUT)
        exported = command("export", run / "checkpoint.pt", self.folder / "network.pth")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        self.assertEqual(json.loads((self.folder / "network.json").read_text())["images"], 160)
        judged = command("evaluate", self.faces, self.folder / "network.pth", "--size", 32,
                         "--output", self.folder / "evaluation", *WITHOUT, "--landmark-network",
                         "none")
        self.assertEqual(judged.returncode, 0, judged.stderr)
        table = json.loads((self.folder / "evaluation" / "table.json").read_text())
        self.assertEqual(list(table), ["photo (bicubic)", "network"])
        self.assertGreater(table["network"]["seconds"], 0)
        self.assertTrue((self.folder / "evaluation" / "sheet.png").exists())

    def test_train_stops_cleanly(self):
        run = self.folder / "run"
        process = subprocess.Popen([sys.executable, "-m", "gpen_training", "train", self.faces,
                                    "--output", run, *TRAIN], stdout=subprocess.PIPE, text=True,
                                   start_new_session=True)
        self.assertIn("at the start", process.stdout.readline())
        time.sleep(2)
        os.killpg(process.pid, signal.SIGTERM)  # as a service manager does: its workers get it too
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn("continues from", output)
        self.assertTrue((run / "checkpoint.pt").exists())

    def test_a_killed_training_has_each_row_of_its_curve_once(self):
        run = self.folder / "run"
        arguments = ["train", self.faces, "--output", run, *TRAIN, "--evaluate-every", 40,
                     "--checkpoint-every", 60]
        process = subprocess.Popen([sys.executable, "-m", "gpen_training", *map(str, arguments)],
                                   stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if line.startswith("80 images"):
                break
        while checkpoint_images(run) < 80:  # it is written right after the row
            time.sleep(0.1)
        process.kill()
        process.communicate(timeout=60)  # the pipe stays open until its workers have ended too
        resumed = command(*arguments, "--images", 200)
        self.assertEqual(resumed.returncode, 0, resumed.stderr)
        images = [int(row["images"]) for row in csv.DictReader(open(run / "curve.csv"))]
        self.assertEqual(images, sorted(set(images)))
        self.assertEqual(images[-1], 200)

    @unittest.skipIf(restorers.runtime() is None, "SKIPPED LOUDLY: no python3-onnxruntime")
    def test_train_with_a_teacher_of_another_template(self):
        torch.manual_seed(4)
        network = Gpen(64, 0.0625, residual=False)
        torch.save(network.state_dict(), self.folder / "teacher.pth")
        exported = command("export", self.folder / "teacher.pth", self.folder / "teacher.pth")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        (self.folder / "manifest.json").write_text(json.dumps(
            {"file": "teacher.onnx", "value_range": [-1, 1], "color_order": "RGB",
             "input_size": 64, "template": "gpen"}))
        run = self.folder / "run"
        arguments = ["train", self.faces, "--output", run, *TRAIN, "--teacher",
                     self.folder / "manifest.json", "--teacher-batches", 2, "--teacher-share", 1]
        trained = command(*arguments, "--images", 16)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        cached, = (run / "teacher").iterdir()
        made = {path.name: path.stat().st_mtime_ns for path in cached.iterdir()}
        self.assertEqual(sorted(made), ["0.npy", "1.npy"])
        resumed = command(*arguments, "--images", 32)
        self.assertEqual(resumed.returncode, 0, resumed.stderr)
        self.assertEqual(made, {path.name: path.stat().st_mtime_ns for path in cached.iterdir()})
        judged = command("evaluate", self.faces, self.folder / "manifest.json",
                         self.folder / "teacher.pth", "--size", 32, "--output",
                         self.folder / "evaluation", *WITHOUT)
        self.assertEqual(judged.returncode, 0, judged.stderr)
        table = json.loads((self.folder / "evaluation" / "table.json").read_text())
        # A released network's state dict is one for the template gpen, as its manifest says.
        self.assertAlmostEqual(table["manifest"]["psnr"], table["teacher"]["psnr"], places=3)
        self.fails("expected a template among ffhq, gpen, found other", *self.teacher("other"))
        self.fails("teacher.onnx", *self.teacher("gpen", 32))

    def teacher(self, template, size=64):
        """Arguments of train with a teacher whose manifest says so."""
        (self.folder / "wrong.json").write_text(json.dumps(
            {"file": "teacher.onnx", "value_range": [-1, 1], "color_order": "RGB",
             "input_size": size, "template": template}))
        return ["train", self.faces, "--output", self.folder / "wrong", *TRAIN, "--teacher",
                self.folder / "wrong.json"]

    def test_export_half(self):
        torch.manual_seed(3)
        network = Gpen(32, 0.125, unshuffle=2)
        torch.save(network.state_dict(), self.folder / "network.pth")
        half = self.folder / "half.pth"
        exported = command("export", self.folder / "network.pth", half, "--half")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        state = torch.load(half, weights_only=True)
        self.assertEqual({tensor.dtype for tensor in state.values()}, {torch.float16})
        for name, tensor in checkpoint.weights(state).items():
            torch.testing.assert_close(tensor, network.state_dict()[name], rtol=2 ** -11, atol=1e-7)
        self.assertLess(half.stat().st_size, 0.6 * (self.folder / "network.pth").stat().st_size)
        started = command("train", self.faces, "--start", half, "--output", self.folder / "run",
                          "--images", 4, *TRAIN)
        self.assertEqual(started.returncode, 0, started.stderr)
        average = checkpoint.load(self.folder / "run" / "checkpoint.pt")["average"]
        self.assertEqual({tensor.dtype for tensor in average.values()}, {torch.float32})
        with torch.no_grad():
            network.final_linear[0].bias[0] = 1e6
        torch.save(network.state_dict(), self.folder / "network.pth")
        self.fails("found final_linear.0.bias outside", "export", self.folder / "network.pth", half,
                   "--half")

    def test_train_on_bad_input(self):
        nothing = self.folder / "nothing"
        self.fails("expected a folder of face pictures", "train", nothing)
        nothing.mkdir()
        self.fails("command prepare", "train", nothing)
        self.fails("expected a multiple of --threads", "train", self.faces, "--batch", 3)
        self.fails("need --identity-network", "train", self.faces, "--identity", 1, *WITHOUT)
        self.fails("expected faces of 64 pixels or more", "train", self.faces, "--texture", 1,
                   *TRAIN)
        self.fails("expected a size of 8 or more", "train", self.faces, "--size", 48, *WITHOUT)
        self.fails("--template: expected ffhq or gpen", "train", self.faces, "--template", "x")
        for flag in ("--workers", "--images", "--evaluate-every", "--teacher-batches", "--size"):
            self.refused(f"argument {flag}: expected a number of", "train", self.faces, flag, 0)
        self.refused("argument --minutes: expected a number of 0", "train", self.faces, "--minutes",
                     "nan")
        (self.folder / "plain.pt").write_bytes(b"")
        self.fails("cannot read", "train", self.faces, "--start", self.folder / "plain.pt", *TRAIN)
        torch.save({"images": 3}, self.folder / "plain.pt")
        self.fails("expected the weights of a network", "train", self.faces, "--start",
                   self.folder / "plain.pt", *TRAIN)
        run = self.folder / "state"
        run.mkdir()
        torch.save(Gpen(32, 0.125, unshuffle=2).state_dict(), run / "checkpoint.pt")
        self.fails("give it with --start", "train", self.faces, "--output", run, *TRAIN)
        self.fails("expected a manifest (.json), .onnx, .pth or .pt", "train", self.faces, *TRAIN,
                   "--teacher", self.faces, "--output", self.folder / "run")
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
        self.fails("expected a folder of face pictures", "degrade", self.folder / "none", sheet,
                   "--size", 32)
        self.fails("cannot write the picture", "degrade", self.faces, self.folder / "none" / "a.png",
                   "--size", 32)
        for flag, value in (("--columns", 0), ("--rows", 0), ("--size", 7), ("--seed", -1)):
            self.refused(f"argument {flag}: expected a number of", "degrade", self.faces, sheet, flag,
                         value)

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
        self.fails("expected a number as the share", "mix", first, second, "nan",
                   self.folder / "mixed.pt")
        self.refused("argument share: invalid float", "mix", first, second, "x", "mixed.pt")
        torch.save({"images": 3}, self.folder / "plain.pt")
        self.fails("expected the weights of a network", "mix", first, self.folder / "plain.pt", 1,
                   self.folder / "mixed.pt")
        for name, residual in (("first", True), ("second", False)):
            torch.save({"average": networks[0].state_dict(), "residual": residual},
                       self.folder / f"{name}.pt")
        self.fails("found that one adds its input", "mix", self.folder / "first.pt",
                   self.folder / "second.pt", 1, self.folder / "mixed.pt")
        self.fails(str(self.folder / "none"), "mix", first, second, 1,
                   self.folder / "none" / "mixed.pt")

    def test_export_on_bad_input(self):
        other = self.folder / "other.pth"
        other.write_bytes(b"no checkpoint")
        self.fails("cannot read", "export", other, self.folder / "out.pth")
        self.fails("ends in .pth", "export", other, self.folder / "out")
        torch.save({"weight": torch.zeros(1)}, other)
        self.fails("expected a GPEN state dict", "export", other, self.folder / "out.pth")

    def test_evaluate_on_bad_input(self):
        without = ["--size", 32, *WITHOUT, "--landmark-network", "none"]
        self.fails("cannot read the manifest", "evaluate", self.faces, self.folder / "none.json",
                   *without)
        self.fails("expected a manifest (.json), .onnx, .pth or .pt", "evaluate", self.faces,
                   self.folder / "none", *without)
        self.fails("the template ffhq alone", "evaluate", self.faces, "--size", 32, "--template",
                   "gpen", "--landmark-network", self.folder / "x.onnx")
        for flag, value in (("--columns", 0), ("--threads", 0), ("--size", 0), ("--seed", -1)):
            self.refused(f"argument {flag}: expected a number of", "evaluate", self.faces, flag,
                         value)
        photos = self.folder / "photos"
        photos.mkdir()
        write_faces(photos, 1, 32)
        self.fails("expected a photo for every face", "evaluate", self.faces, "--photos", photos,
                   *without)
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
        self.refused("argument --size: expected a number of 64", "prepare", self.faces, "--output",
                     self.folder / "out", "--size", 0)

    def program(self, ending):
        """Stands for the program: checks the order of the arguments, writes a face and ends so."""
        program = self.folder / "gpen"
        program.write_text('#!/bin/sh\n[ "$1 $2 $4 $5 $7 $9" = "faces extract --recursive -o --size '
                           '--template" ] || exit 2\nmkdir -p "$6" && cp "$3/face-000.png" "$6"\n'
                           + ending)
        program.chmod(0o755)
        return program

    def prepare(self, ending, *arguments):
        return command("prepare", self.faces, "--output", self.folder / "out", "--gpen",
                       self.program(ending), *arguments)

    def test_prepare_with_photos_that_cannot_be_read(self):
        made = self.prepare('echo "bad.jpg: no photo" >&2; touch "$6/left-out.tsv"; exit 1\n')
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("1 faces", made.stdout)
        self.assertRegex(made.stderr, "(?s)bad.jpg: no photo.*warning: photos that could not be read")
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["face-000.png", "left-out.tsv"])
        again = self.prepare('touch "$6/left-out.tsv"\n')
        self.assertIn("new or empty folder", again.stderr)  # this one was whole

    def test_prepare_goes_on(self):
        for ending in ("exit 130\n", "exit 1\n", "kill -9 $$\n"):  # at each the table is not there yet
            broken = self.prepare(ending)
            self.assertNotEqual(broken.returncode, 0)
        self.assertIn("goes on", self.prepare("exit 130\n").stderr)
        self.assertIn("the interrupted prepare", self.prepare("", "--size", 128).stderr)
        whole = self.prepare('touch "$6/left-out.tsv"\n')
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.assertIn("going on after an interruption", whole.stdout)
        self.assertIn("1 faces", whole.stdout)

    def test_prepare_without_a_face_that_is_kept(self):
        none = self.prepare('rm "$6/face-000.png"; touch "$6/left-out.tsv"; exit 3\n')
        self.assertEqual(none.returncode, 1)
        self.assertIn("left-out.tsv says why", none.stderr)


if __name__ == "__main__":
    unittest.main()
