"""`gpen model` as a person runs it: weights in, models out, and every kind of file that does not fit."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
from PIL import Image

import checkpoint

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GPEN = os.environ.get("GPEN", str(ROOT / "build/release/apps/gpen/gpen"))
OK = 0


class ModelTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gpen-model-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.models = self.folder / "models"
        self.models.mkdir()
        # The face networks, which `restore` loads.
        (self.models / "face").symlink_to(ROOT / "models/face")

    def run_gpen(self, *arguments):
        environment = dict(os.environ, GPEN_MODELS=str(self.models),
                           HOME=str(self.folder / "home"),
                           XDG_CACHE_HOME=str(self.folder / "cache"))
        environment.pop("ORT_DISABLE_TELEMETRY", None)
        return subprocess.run([GPEN, *map(str, arguments)], capture_output=True, text=True,
                              timeout=300, env=environment)

    def succeed(self, *arguments):
        result = self.run_gpen(*arguments)
        self.assertEqual(result.returncode, OK, result.stderr)
        return result.stdout

    def weights(self, size=64, name="net.pth", **options):
        return checkpoint.save(self.folder / name, checkpoint.gpen(size, **options))

    def add(self, *options, name="net", **shape):
        return self.succeed("model", "add", self.weights(**shape), "--name", name, *options)

    # What works.

    def test_adds_lists_verifies_and_runs(self):
        text = self.add()
        self.assertIn("self-test passed", text)
        self.assertIn("gpen restore --model net", text)
        self.assertIn("net", self.succeed("model", "list"))
        self.succeed("model", "verify", "net")
        picture = np.random.default_rng(2).uniform(-1, 1, (3, 64, 64)).astype("<f4")
        picture.tofile(self.folder / "in.bin")
        self.succeed("model", "run", "net", "--input", self.folder / "in.bin", "--output",
                     self.folder / "out.bin")
        output = np.fromfile(self.folder / "out.bin", "<f4")
        self.assertEqual(output.size, picture.size)
        self.assertTrue(np.isfinite(output).all())
        self.assertGreater(output.std(), 0.01)

    def test_leaves_no_identity_for_the_runtimes_makers(self):
        (self.folder / "home").mkdir()
        self.add()
        self.restore(self.photo(), "--aligned")
        files = {p.name for p in self.folder.rglob("*") if p.is_file()}
        self.assertEqual(files, {"net.pth", "net.onnx", "net.json", "photo.png", "result.png"})

    def test_converts_beside_the_weights(self):
        weights = self.weights()
        self.succeed("model", "convert", weights)
        manifest = json.loads((self.folder / "net.json").read_text())
        self.assertEqual(manifest["input_size"], 64)
        self.assertIn("GPEN 64", self.succeed("model", "info", weights))

    def test_half_weights_are_half_the_file(self):
        weights = self.weights(narrow=1 / 8)
        for name, option in ("full", []), ("half", ["--fp16-weights"]):
            self.succeed("model", "convert", weights, "-o", self.folder / f"{name}.onnx", *option)
        full, half = ((self.folder / f"{n}.onnx").stat().st_size for n in ("full", "half"))
        self.assertLess(half, 0.65 * full)

    def test_bench_prints_a_table_and_runs_what_it_recorded(self):
        self.add(name="net")
        self.add(name="net-int8", seed=2)
        text = self.succeed("model", "bench", "--runs", 3)
        for name in "net", "net-int8":
            row = re.search(rf"^{name} +([\d.]+) +([\d.]+) +(\d+)$", text, re.MULTILINE)
            self.assertIsNotNone(row, text)
            median, best, peak = map(float, row.groups())
            self.assertGreater(best, 0)
            self.assertGreaterEqual(median, best)
            self.assertGreater(peak, 5)
        chosen = re.search(r"times as fast here: (\S+) is recorded", text).group(1)
        self.assertIn(f'"{chosen}', self.restore(self.photo(), "--json", "--aligned", model="net"))

    def test_restore_takes_the_recorded_precision(self):
        self.add(name="net")
        self.add(name="net-int8", seed=2)
        self.succeed("model", "bench", "--runs", 1)
        record = self.folder / "cache/gpen/precision.json"
        records = json.loads(record.read_text())
        (machine,) = records
        entry = records[machine]["net"]
        for use in "net-int8", "net":
            manifest = json.loads((self.models / f"{use}.json").read_text())
            entry.update(use=use, use_sha256=manifest["sha256"])
            record.write_text(json.dumps(records))
            report = json.loads(self.restore(self.photo(), "--json", "--aligned", "--force",
                                             model="net"))
            self.assertEqual(report["model"].split()[0], use)

    # The tasks beside restoration.

    def photo(self, mode="RGB", size=(64, 64), name="photo.png"):
        random = np.random.default_rng(5)
        small = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize(size, Image.BICUBIC).convert(mode)
        image.save(self.folder / name)
        return self.folder / name

    def restore(self, photo, *options, model="net", code=OK):
        result = self.run_gpen("restore", photo, "-o", self.folder / "result.png", "--model", model,
                               *options)
        self.assertEqual(result.returncode, code, result.stderr)
        return result.stdout if code == OK else result.stderr

    def test_colorization_colours_a_gray_photo_and_keeps_its_light(self):
        self.add("--task", "colorization")
        photo = self.photo("L", (150, 90))
        self.restore(photo, "--strength", 100)
        before = np.asarray(Image.open(photo)).astype(float)
        after = np.asarray(Image.open(self.folder / "result.png")).astype(float)
        self.assertEqual(after.shape, (90, 150, 3))
        self.assertGreater((after.max(2) - after.min(2)).mean(), 5)
        # Where no channel is clipped, the luma is the photo's.
        inside = (after.min(2) > 1) & (after.max(2) < 254)
        self.assertGreater(inside.mean(), 0.05)
        luma = after @ [0.299, 0.587, 0.114]
        self.assertLess(np.abs(luma - before)[inside].mean(), 3)

    def test_colorization_takes_an_aligned_face_and_compares(self):
        self.add("--task", "colorization")
        self.restore(self.photo("L"), "--aligned", "--compare")
        with Image.open(self.folder / "result.png") as result:
            self.assertEqual(result.mode, "RGB")
        with Image.open(self.folder / "result.compare.jpg") as compare:
            self.assertEqual((compare.mode, compare.size), ("RGB", (128, 64)))

    def test_inpainting_replaces_an_aligned_face(self):
        self.add("--task", "inpainting")
        photo = self.photo(size=(160, 160))
        self.restore(photo, "--aligned", "--strength", 100)
        after = np.asarray(Image.open(self.folder / "result.png")).astype(float)
        self.assertEqual(after.shape, (160, 160, 3))
        self.assertGreater(np.abs(after - np.asarray(Image.open(photo)).astype(float)).mean(), 2)

    def test_inpainting_of_a_whole_photo_is_refused(self):
        self.add("--task", "inpainting")
        self.assertIn("use --aligned", self.restore(self.photo(), code=1))

    def test_segmentation_network_runs_but_takes_no_photos(self):
        self.add("--task", "segmentation-to-face")
        self.assertEqual(json.loads((self.models / "net.json").read_text())["value_range"], [0, 1])
        np.zeros((3, 64, 64), "<f4").tofile(self.folder / "in.bin")
        self.succeed("model", "run", "net", "--input", self.folder / "in.bin", "--output",
                     self.folder / "out.bin")
        result = self.run_gpen("restore", self.photo(), "--model", "net")
        self.assertNotEqual(result.returncode, OK)
        self.assertIn("gpen model run net", result.stderr)

    # What does not fit: each of these says what is wrong and leaves no model behind.

    def refused(self, content, *words):
        path = self.folder / "broken.pth"
        path.write_bytes(content)
        result = self.run_gpen("model", "add", path)
        self.assertNotIn(result.returncode, (OK, -11, -6), result.stderr)
        self.assertIn("broken.pth", result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual([p.name for p in self.models.iterdir()], ["face"])
        return result.stderr

    def refused_tensors(self, tensors, *words):
        return self.refused(checkpoint.archive(checkpoint.pickled(tensors), tensors), *words)

    def test_broken_files_are_told_apart(self):
        good = checkpoint.gpen(64)
        whole = checkpoint.archive(checkpoint.pickled(good), good)
        missing = {k: v for k, v in good.items() if not k.startswith("generator.style.3.")}
        wrong = dict(good, **{"ecd1.0.2.bias": np.zeros(5, np.float32)})
        extra = dict(good, **{"surprise.weight": np.zeros(5, np.float32)})
        zeros = np.zeros((2, 2), np.float32)
        command = b"cos\nsystem\n(" + checkpoint.text("touch owned") + b"tR."
        messages = [
            self.refused(b"", "empty"),
            self.refused(b"<!DOCTYPE html><html>not found</html>" * 9),
            self.refused(whole[:len(whole) // 2], "cut short"),
            self.refused(whole.replace(b"archive/data/7", b"archive/dato/7"), "not in the file"),
            self.refused(checkpoint.archive(b"\x80\x02" + command, {}), "os.system", "refused"),
            self.refused_tensors(missing, "generator.style.3"),
            self.refused_tensors(wrong, "ecd1.0.2.bias", "5"),
            self.refused_tensors(extra, "unexpected", "surprise"),
            self.refused_tensors({"stylegan_decoder.a": zeros, "conv_body_first.weight": zeros},
                                 "GFPGAN"),
            self.refused_tensors({"conv_first.weight": zeros, "body.0.rdb1.a": zeros}, "ESRGAN"),
            self.refused_tensors({"final_conv.0.weight": zeros, "convs.0.0.weight": zeros},
                                 "discriminator"),
            self.refused_tensors({"quantize.embedding.weight": zeros, "ft_layers.0.a": zeros},
                                 "CodeFormer"),
        ]
        self.assertEqual(len(set(messages)), len(messages))
        self.assertFalse((pathlib.Path.cwd() / "owned").exists())

    def test_a_missing_file_is_named(self):
        result = self.run_gpen("model", "add", self.folder / "nowhere.pth")
        self.assertNotEqual(result.returncode, OK)
        self.assertIn("nowhere.pth", result.stderr)

    def test_a_damaged_model_is_told(self):
        self.add()
        model = self.models / "net.onnx"
        content = bytearray(model.read_bytes())
        content[len(content) // 2] ^= 1
        model.write_bytes(content)
        result = self.run_gpen("model", "verify", "net")
        self.assertNotEqual(result.returncode, OK)
        self.assertIn("sha256", result.stderr)
        result = self.run_gpen("restore", self.photo(), "--model", "net", "--aligned")
        self.assertNotEqual(result.returncode, OK)
        self.assertIn("expected sha256", result.stderr)


if __name__ == "__main__":
    unittest.main()
