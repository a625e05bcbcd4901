"""`train` and `short-run` as a person runs them: once well, and on bad input."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import unittest

import cv2
import numpy as np
import torch

from gpen_training import architecture, checkpoint, faces, restorers
from gpen_training.faces import write_picture
from gpen_training.network import Gpen
from tests import reads_checkpoints, takes_minutes
from tests.command_case import TRAIN, WITHOUT, CommandCase, command
from tests.drawn_faces import draw_face


def checkpoint_images(run):
    path = run / "checkpoint.pt"
    return checkpoint.load(path)["images"] if path.exists() else 0


class TrainTest(CommandCase):
    @takes_minutes
    def test_train_export_evaluate(self):
        run = self.folder / "run"
        trained = command("train", self.faces, "--output", run, "--images", 120, *TRAIN,
                          "--evaluate-every", 60)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        rows = list(csv.DictReader(open(run / "curve.csv")))
        self.assertEqual([int(row["images"]) for row in rows], [0, 60, 120])
        self.assertTrue((run / "held-out.png").exists())
        resumed = command("train", self.faces, "--output", run, "--images", 160, *TRAIN,
                          "--operations", "plain", "--start", self.folder / "other.pth")
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
        self.assertGreater(table["photo (bicubic)"]["swd"]["32"], 0)
        self.assertIn("| SWD 32 px |", (self.folder / "evaluation" / "table.md").read_text())
        self.assertTrue((self.folder / "evaluation" / "sheet.png").exists())

    @takes_minutes
    def test_train_grows(self):
        torch.manual_seed(6)
        torch.save(Gpen(16, 0.125, unshuffle=2).state_dict(), self.folder / "smaller.pth")
        run = self.folder / "run"
        grown = command("train", self.faces, "--output", run, "--start", self.folder / "smaller.pth",
                        "--fit-steps", 3, "--images", 8, *TRAIN)
        self.assertEqual(grown.returncode, 0, grown.stderr)
        self.assertIn("fitted to an error of", grown.stdout)
        state = checkpoint.load(run / "checkpoint.pt")
        self.assertEqual(architecture.describe(state["average"])["size"], 32)
        self.assertEqual(state["images"], 8)

    @takes_minutes
    def test_short_run(self):
        maps, packed, out, work = (self.folder / name for name in ("maps", "packed", "out", "work"))
        maps.mkdir()
        for number in range(0, 51, 2):
            cv2.imwrite(str(maps / f"face-{number:03}.png"), np.full((32, 32), 1, np.uint8))
        arguments = ["--size", 32, "--narrow", 0.125, "--batch", 4, "--texture", 0, "--identity", 0,
                     "--perceptual", 0, *WITHOUT, "--work", work, "--output", out]
        self.fails("--pack-only: expected --pack", "short-run", self.faces, "--pack-only")
        self.fails("expected room for two faces", "short-run", self.faces, *arguments, "--pack",
                   self.folder / "tiny", "--mib", 0.0001)
        made = command("short-run", self.faces, *arguments, "--pack", packed, "--mib", 0.02,
                       "--parsing", maps, "--pack-only")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertFalse(work.exists())
        pictures = faces.list_pictures(packed)
        self.assertLess(2, len(pictures))
        self.assertLess(len(pictures), 51)
        self.assertLess(sum(path.stat().st_size for path in packed.rglob("*.*") if path.is_file()),
                        0.02 * 2 ** 20)
        held_out = {f"face-{number:03}" for number in faces.split(51)[1]}
        for place, path in enumerate(pictures):
            self.assertEqual(path.stem.split("-", 1)[1] in held_out, place % faces.HELD_OUT_EVERY == 0)
        self.fails("expected a new or empty folder", "short-run", self.faces, *arguments, "--pack", packed)
        begun = time.monotonic()
        trained = command("short-run", packed, *arguments, "--minutes", 0.15)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        self.assertLess(time.monotonic() - begun, 60)
        self.assertIn("have a label map", trained.stdout)
        self.assertEqual(sorted(path.name for path in out.iterdir()),
                         ["checkpoint.pt", "curve.csv", "held-out.png", "network.pth"])
        images = int(list(csv.DictReader(open(out / "curve.csv")))[-1]["images"])
        self.assertGreater(images, 0)
        whole, start = (checkpoint.load(folder / "checkpoint.pt") for folder in (work, out))
        self.assertEqual((whole["images"], start["images"]), (images, images))
        self.assertEqual(start["settings"]["absolute"], 0.3)
        for name, tensor in checkpoint.weights(start).items():
            torch.testing.assert_close(tensor, whole["network"][name], rtol=2 ** -10, atol=1e-6)
        for name, tensor in checkpoint.weights(checkpoint.load(out / "network.pth")).items():
            torch.testing.assert_close(tensor, whole["average"][name], rtol=2 ** -10, atol=1e-6)
        self.fails("train a narrower network", "short-run", packed, *arguments, "--limit-mib", 0.5,
                   "--minutes", 0.01)

    @takes_minutes
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

    @takes_minutes
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

    def test_train_on_bad_input(self):
        nothing = self.folder / "nothing"
        self.fails("expected a folder of face pictures", "train", nothing)
        nothing.mkdir()
        self.fails("command prepare", "train", nothing)
        self.fails("expected a multiple of --threads", "train", self.faces, "--batch", 3)
        self.fails("need --identity-network", "train", self.faces, "--identity", 1, *WITHOUT)
        self.fails("expected faces of 36 pixels or more", "train", self.faces, *TRAIN, "--texture", 1)
        self.fails("expected label maps under the names of the faces", "train", self.faces, *TRAIN,
                   "--output", self.folder / "run", "--parsing", self.others())
        self.fails("expected a size of 8 or more", "train", self.faces, "--size", 48, *WITHOUT)
        self.fails("--template: expected ffhq or gpen", "train", self.faces, "--template", "x")
        if not torch.cuda.is_available():
            self.fails("leave out --device cuda", "train", self.faces, *TRAIN, "--device", "cuda")
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

    def others(self):
        folder = self.folder / "others"
        folder.mkdir(exist_ok=True)
        write_picture(folder / "other.png", draw_face(1, 32))
        return folder

    @reads_checkpoints
    def test_train_refuses_the_older_texture(self):
        torch.save({"average": {}, "optimizer": {}, "settings": {"texture": 8.0, "teacher_sharpen": 0.0}},
                   self.folder / "checkpoint.pt")
        self.fails("give --texture anew", "train", self.faces, "--output", self.folder, "--size", 32,
                   *WITHOUT)


if __name__ == "__main__":
    unittest.main()
