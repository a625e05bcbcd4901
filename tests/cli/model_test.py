"""`gpen model` as a person runs it: weights in, models out, and every kind of file that does not fit."""
import hashlib
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
from PIL import Image

import checkpoint

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GPEN = os.environ.get("GPEN", str(ROOT / "build/release/apps/gpen/gpen"))
SKIMAGE = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data")
OK, SOME_FAILED, USAGE, NOTHING_TO_DO = 0, 1, 2, 3


class ModelTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gpen-model-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.models = self.folder / "models"
        self.models.mkdir()
        # The face networks, which `restore` loads.
        (self.models / "face").symlink_to(ROOT / "models/face")

    def run_gpen(self, *arguments, address_space=None):
        environment = dict(os.environ, GPEN_MODELS=str(self.models),
                           HOME=str(self.folder / "home"),
                           XDG_CACHE_HOME=str(self.folder / "cache"))
        environment.pop("ORT_DISABLE_TELEMETRY", None)

        def limit():
            if address_space:
                resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
        return subprocess.run([GPEN, *map(str, arguments)], capture_output=True, text=True,
                              timeout=300, env=environment, preexec_fn=limit)

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
        learnt = {"speeds.json"}  # How fast this machine is, of our own.
        self.assertEqual(files, {"net.pth", "net.onnx", "net.json", "photo.png", "result.png"} | learnt)

    def test_compares_the_download_with_its_checksums(self):
        weights = self.weights()
        data = pathlib.Path(weights).read_bytes()
        md5, sha256 = hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest()
        out = self.folder / "out.onnx"
        for option, wrong in (("--md5", "0" * 32), ("--sha256", "f" * 64)):
            result = self.run_gpen("model", "convert", weights, "-o", out, option, wrong)
            self.assertNotEqual(result.returncode, OK)
            for word in (f"expected {option[2:]} {wrong}", "found", "fetch it again"):
                self.assertIn(word, result.stderr)
            self.assertFalse(out.exists())
        self.assertEqual(self.run_gpen("model", "convert", weights, "--md5", "short").returncode, USAGE)
        self.succeed("model", "convert", weights, "-o", out, "--md5", md5.upper(), "--sha256", sha256)
        self.succeed("model", "add", weights, "--name", "net", "--md5", md5)

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
            row = re.search(rf"^{name} +([\d.]+) +([\d.]+) +[\d.]+ +(\d+)$", text, re.MULTILINE)
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

    def test_a_512_network_restores_a_photo(self):
        self.add(size=512, narrow=1 / 16, multiplier=2, name="large")
        photo = self.folder / "astronaut.png"
        shutil.copy(SKIMAGE / "astronaut.png", photo)
        report = json.loads(self.restore(photo, "--json", model="large"))
        self.assertEqual(report["model"].split()[0], "large")
        (face,) = report["faces"]
        self.assertFalse(face["skipped"])
        before, after = (np.asarray(Image.open(p)) for p in (photo, self.folder / "result.png"))
        rows, columns = np.where(np.any(before != after, axis=2))
        self.assertGreater(rows.size, 2000)
        self.assertLess(max(np.ptp(rows), np.ptp(columns)), 250, "only the face is touched")

    def test_weights_beside_a_model_do_not_disturb_the_folder(self):
        self.add()
        alone = self.succeed("model", "list")
        shutil.copy(self.folder / "net.pth", self.models)
        self.assertEqual(self.succeed("model", "list"), alone)
        for command in (["model", "verify"], ["model", "bench", "--runs", 1], ["doctor"]):
            self.assertNotIn("net.pth", self.succeed(*command))
        self.restore(self.photo(), "--aligned")

    def test_help_shows_the_defaults(self):
        for command in "convert", "add":
            text = " ".join(self.succeed("model", command, "--help").split())
            self.assertRegex(text, r"--task [^ ]*[=\[]restoration\b")
            for words in ("else ffhq behind a pixel unshuffle",
                          "else yes behind a pixel unshuffle", "--no-self-test"):
                self.assertIn(words, text)
        text = self.succeed("model", "quantize", "--help")
        self.assertRegex(text, r"--count [^\n]*[=\[]24\b")
        self.assertRegex(text, r"--layer-psnr [^\n]*[=\[]50\b")
        self.assertRegex(self.succeed("model", "bench", "--help"), r"--runs [^\n]*[=\[]10\b")
        for command in ("verify",), ("bench",), ("run", "net", "--input", "a", "--output", "b"):
            for threads in 0, -1, 257:
                result = self.run_gpen("model", *command, "--threads", threads)
                self.assertEqual(result.returncode, USAGE)
                self.assertIn("--threads", result.stderr)

    # INT8.

    def faces(self, count):
        folder = self.folder / "faces"
        folder.mkdir(exist_ok=True)
        for seed in range(count):
            small = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
            Image.fromarray(small).resize((64, 64), Image.BICUBIC).save(folder / f"{seed}.png")
        return folder

    def test_quantize_installs_a_model_that_stays_close(self):
        self.add()
        text = self.succeed("model", "quantize", "net", "--faces", self.faces(4), "--count", 2,
                            "--layer-psnr", 55)
        psnr = float(re.search(r"against the float model: PSNR ([\d.]+) dB, SSIM", text).group(1))
        self.assertGreaterEqual(psnr, 38)
        self.assertRegex(text, r"[1-9]\d* of \d+ convolutions in INT8")
        manifest = json.loads((self.models / "net-int8.json").read_text())
        plain = json.loads((self.models / "net.json").read_text())
        self.assertIn(plain["sha256"], manifest["provenance"])
        self.assertEqual(manifest["parameters"], plain["parameters"])
        self.succeed("model", "verify", "net-int8")

    def test_quantize_refuses_what_would_be_visible(self):
        self.add()
        result = self.run_gpen("model", "quantize", "net", "--faces", self.faces(4), "--count", 2,
                               "--layer-psnr", 0)
        self.assertEqual(result.returncode, SOME_FAILED, result.stdout)
        self.assertIn("not installed: below 38 dB the change is visible", result.stderr)
        self.assertFalse((self.models / "net-int8.onnx").exists())

    def test_quantize_needs_two_faces_and_a_model_that_is_whole(self):
        self.add()
        result = self.run_gpen("model", "quantize", "net", "--faces", self.faces(1))
        self.assertEqual(result.returncode, USAGE)
        self.assertIn("expected at least 2 faces", result.stderr)
        self.assertIn("found 1", result.stderr)
        self.damage()
        result = self.run_gpen("model", "quantize", "net", "--faces", self.faces(4))
        self.assertIn("expected sha256", result.stderr)

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

    # A model that is there stays when another one cannot take its place.

    def test_a_failed_conversion_leaves_the_earlier_model(self):
        output = self.folder / "mine.onnx"
        self.succeed("model", "convert", self.weights(), "-o", output)
        before = {p: p.read_bytes() for p in (output, output.with_suffix(".json"))}
        good = checkpoint.gpen(64)
        # Weights so large that the picture is no picture: only running them shows it.
        endless = {k: v * 1e30 if k.endswith("activate.bias") else v for k, v in good.items()}
        damaged = bytearray(checkpoint.archive(checkpoint.pickled(good), good))
        damaged[damaged.find(good["ecd1.0.1.weight"].tobytes()) + 5] ^= 1
        checkpoint.save(self.folder / "endless.pth", endless)
        (self.folder / "damaged.pth").write_bytes(damaged)
        for name, *words in (("endless", "self-test", "mine.onnx", "nothing was changed"),
                             ("damaged", "tensor 'ecd1.0.1.weight' is damaged", "checksum")):
            result = self.run_gpen("model", "convert", self.folder / f"{name}.pth", "-o", output)
            self.assertEqual(result.returncode, SOME_FAILED, result.stderr)
            for word in words:
                self.assertIn(word, result.stderr)
            self.assertEqual({p: p.read_bytes() for p in before}, before)
            self.assertEqual(sorted(p.name for p in self.folder.iterdir() if p.is_file()),
                             ["damaged.pth", "endless.pth", "mine.json", "mine.onnx", "net.pth"])

    def test_adding_under_a_name_that_is_taken_changes_nothing(self):
        self.add()
        before = (self.models / "net.onnx").read_bytes()
        result = self.run_gpen("model", "add", self.weights(seed=2), "--name", "net")
        self.assertEqual(result.returncode, SOME_FAILED)
        for word in "net.onnx exists already", "--name":
            self.assertIn(word, result.stderr)
        self.assertEqual((self.models / "net.onnx").read_bytes(), before)

    def test_names_that_name_no_model_are_refused(self):
        weights = self.weights()
        for name in "my net", "../net", "a/b", ".net":
            result = self.run_gpen("model", "add", weights, "--name", name)
            self.assertEqual(result.returncode, USAGE, result.stderr)
            self.assertIn(f"letters, digits, '.', '-' and '_', not '.' first, found '{name}'",
                          result.stderr)
        for output, words in (("net.bin", "ends in .onnx"), ("my net.onnx", "letters, digits")):
            result = self.run_gpen("model", "convert", weights, "-o", self.folder / output)
            self.assertEqual(result.returncode, USAGE, result.stderr)
            self.assertIn(words, result.stderr)
            self.assertIn(output, result.stderr)
        result = self.run_gpen("model", "convert", weights, "--license", "")
        self.assertIn('"license": expected a text', result.stderr)
        self.assertEqual([p.name for p in self.models.iterdir()], ["face"])
        self.assertEqual([p.name for p in self.folder.iterdir() if p.is_file()], ["net.pth"])

    def test_without_memory_for_the_self_test_it_can_be_left_out(self):
        weights = self.weights(2048, narrow=1 / 4, multiplier=2)
        output = self.folder / "net.onnx"
        little = dict(address_space=600 << 20)
        result = self.run_gpen("model", "convert", weights, **little)
        self.assertEqual(result.returncode, SOME_FAILED, result.stderr)
        self.assertRegex(result.stderr, r"needs about \d+ MB of memory, and \d+ MB are available")
        self.assertIn("--no-self-test", result.stderr)
        self.assertFalse(output.exists())
        result = self.run_gpen("model", "convert", weights, "--no-self-test", **little)
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertTrue(output.exists())

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

    # A model runs only if it is what its manifest states.

    def damage(self):
        model = self.models / "net.onnx"
        content = bytearray(model.read_bytes())
        content[len(content) // 2] ^= 1
        model.write_bytes(content)

    def state(self, **fields):
        manifest = json.loads((self.models / "net.json").read_text())
        (self.models / "net.json").write_text(json.dumps(dict(manifest, **fields)))

    def refused_by_all(self, *words):
        """Whatever runs the installed model says so."""
        np.zeros((3, 64, 64), "<f4").tofile(self.folder / "in.bin")
        output = self.folder / "out.bin"
        for command in (["model", "verify", "net"], ["model", "bench", "--runs", 1],
                        ["model", "run", "net", "--input", self.folder / "in.bin", "--output",
                         output],
                        ["restore", self.photo(), "--model", "net", "--aligned"]):
            result = self.run_gpen(*command)
            self.assertEqual(result.returncode, SOME_FAILED, command)
            for word in words:
                self.assertIn(word, result.stderr, command)
        self.assertFalse(output.exists())

    def test_a_damaged_model_is_told(self):
        self.add()
        self.damage()
        self.refused_by_all("expected sha256", "net.onnx", "install the model again")

    def test_other_shapes_than_stated_are_told(self):
        self.add()
        self.state(input_size=128)
        self.refused_by_all("asks for an input of 1x3x128x128, the model has 1x3x64x64")

    def test_a_model_larger_than_the_memory_is_told(self):
        self.add()
        self.state(parameters=10 ** 12)
        self.refused_by_all("model net of size 64 needs about", "MB are available")

    def test_a_manifest_without_its_parameters_is_good(self):
        self.add()
        manifest = json.loads((self.models / "net.json").read_text())
        self.assertGreater(manifest.pop("parameters"), 10000)
        (self.models / "net.json").write_text(json.dumps(manifest))
        self.succeed("model", "verify", "net")
        self.restore(self.photo(), "--aligned")

    def test_a_file_runs_without_a_manifest(self):
        self.add()
        (self.models / "net.json").unlink()
        np.zeros((3, 64, 64), "<f4").tofile(self.folder / "in.bin")
        self.succeed("model", "run", self.models / "net.onnx", "--input", self.folder / "in.bin",
                     "--output", self.folder / "out.bin")
        result = self.run_gpen("model", "run", self.folder / "none.onnx", "--input",
                               self.folder / "in.bin", "--output", self.folder / "out.bin")
        self.assertIn("none.onnx: no such file; 'gpen model list'", result.stderr)

    def test_a_folder_without_models_says_how_to_get_one(self):
        for command in ["list"], ["verify"], ["bench"]:
            result = self.run_gpen("model", *command)
            self.assertEqual(result.returncode, NOTHING_TO_DO)
            self.assertIn("install one with 'gpen model add WEIGHTS.pth'", result.stdout)


class ShippedModelsTest(unittest.TestCase):
    """The build makes the shipped models of the shipped weights, or says how they differ."""

    WEIGHTS = sorted((ROOT / "models").glob("*.pth"))

    def make(self, model):
        return subprocess.run(["cmake", "-D", f"GPEN={GPEN}", "-D", f"MODEL={model}",
                               "-P", ROOT / "cmake/make_model.cmake"],
                              capture_output=True, text=True, timeout=300)

    def copy(self, weights, folder):
        for suffix in ".pth", ".json":
            shutil.copy(weights.with_suffix(suffix), folder)
        return pathlib.Path(folder) / weights.stem

    def test_each_has_a_card_and_the_model_that_its_manifest_states(self):
        self.assertTrue(self.WEIGHTS)
        for weights in self.WEIGHTS:
            manifest = json.loads(weights.with_suffix(".json").read_text())
            card = re.search(r"see (\S+\.md)$", manifest["provenance"]).group(1)  # Kin share one.
            self.assertTrue((weights.parent / card).exists(), f"{weights} has no card {card}")
            made = weights.with_suffix(".onnx").read_bytes()
            self.assertEqual(hashlib.sha256(made).hexdigest(), manifest["sha256"])

    def test_weights_make_the_same_model_again(self):
        with tempfile.TemporaryDirectory(prefix="gpen-shipped-") as folder:
            model = self.copy(self.WEIGHTS[0], folder)
            result = self.make(model)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(model.with_suffix(".onnx").read_bytes(),
                             self.WEIGHTS[0].with_suffix(".onnx").read_bytes())
            self.assertEqual(sorted(path.suffix for path in pathlib.Path(folder).iterdir()),
                             [".json", ".onnx", ".pth"], "nothing else stays")

    def test_another_model_than_the_manifest_states_is_refused(self):
        with tempfile.TemporaryDirectory(prefix="gpen-shipped-") as folder:
            model = self.copy(self.WEIGHTS[0], folder)
            manifest = model.with_suffix(".json")
            stated = manifest.read_text().replace(json.loads(manifest.read_text())["sha256"], "0" * 64)
            manifest.write_text(stated)
            result = self.make(model)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("makes another model than", result.stderr)
            self.assertFalse(model.with_suffix(".onnx").exists())
            self.assertEqual(manifest.read_text(), stated, "it is for a person to decide")

    def test_damaged_weights_say_what_is_wrong(self):
        with tempfile.TemporaryDirectory(prefix="gpen-shipped-") as folder:
            model = self.copy(self.WEIGHTS[0], folder)
            model.with_suffix(".pth").write_bytes(b"no weights")
            result = self.make(model)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("was not converted", result.stderr)


if __name__ == "__main__":
    unittest.main()
