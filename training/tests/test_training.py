"""The loop: it learns, it resumes bit by bit, it writes whole checkpoints, it learns of a teacher."""

import argparse
import dataclasses
import json
import pathlib
import tempfile
import unittest

import cv2
import numpy as np
import torch

from gpen_training import (checkpoint, degradation, export_command, held_out, losses, operations,
                           restorers)
from gpen_training.batches import Batches, make_batch, to_tensor
from gpen_training.faces import FacesError
from gpen_training.network import Gpen
from gpen_training.parsing import SkinMaps
from gpen_training.settings import Settings, from_arguments
from gpen_training.teacher import Teacher
from gpen_training.trainer import BalancedWeight, Trainer
from tests import reads_checkpoints
from tests.drawn_faces import draw_face

FACES = np.stack([draw_face(number, 32) for number in range(12)])


def make_trainer(size=32, texture=0.0, **settings):
    torch.manual_seed(2)
    return Trainer(Gpen(size, 0.125, unshuffle=2),
                   Settings(batch=4, warmup=8, texture=texture, **settings))


def run(trainer, steps, drawn=FACES):
    values = []
    for _ in range(steps):
        photos, faces = make_batch(drawn, 4, 1, trainer.step_number)
        values.append(trainer.step(to_tensor(photos), to_tensor(faces)))
    return values


class TrainerTest(unittest.TestCase):
    def test_lowers_the_loss(self):
        trainer = make_trainer(rate=4e-3)
        values = [value["absolute"] for value in run(trainer, 100)]
        self.assertLess(np.mean(values[-20:]), 0.7 * np.mean(values[:10]))

    @reads_checkpoints
    def test_resumes_bit_by_bit(self):
        for settings in ({"size": 64, "texture": 2.0}, {"adversarial": 0.1, "feature_matching": 0.1},
                         {"size": 64, "adversarial": 0.1, "component_adversarial": 0.1}):
            drawn = np.stack([draw_face(number, settings.get("size", 32)) for number in range(12)])
            unbroken = make_trainer(**settings)
            expected = run(unbroken, 12, drawn)
            broken = make_trainer(**settings)
            run(broken, 6, drawn)
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "checkpoint.pt"
                checkpoint.save(broken.state(), path)
                resumed = make_trainer(**settings)
                resumed.load(checkpoint.load(path))
            self.assertEqual(run(resumed, 6, drawn), expected[6:])
            for own, other in zip(resumed.average, unbroken.average):
                self.assertTrue(torch.equal(own, other))

    def test_every_way_of_the_operations_learns_alike(self):
        drawn, found = np.stack([draw_face(number, 64) for number in range(12)]), []
        for way in (None, "plain", "folded"):
            with operations.forced(way):
                trainer = make_trainer(64, texture=2.0, precision="float32", chroma=0.5, grid=1.0)
                found.append(run(trainer, 1, drawn)[0])  # from the second on, rounding shows
        for values in found[1:]:
            self.assertEqual(values.keys(), found[0].keys())
            for name, value in values.items():
                self.assertAlmostEqual(value, found[0][name], delta=0.001 * abs(value), msg=name)

    def test_the_rate_falls_by_the_share_that_is_done(self):
        trainer = make_trainer(rate_end=0.1, fall_from=0.5)
        for done, factor in ((0, 1), (0.5, 1), (0.75, 0.55), (1, 0.1), (1.2, 0.1)):
            self.assertAlmostEqual(trainer._fall(done), factor, msg=str(done))
        self.assertEqual(make_trainer()._fall(1), 1)

    def test_a_gradient_that_is_not_finite_changes_nothing(self):
        trainer = make_trainer()
        run(trainer, 1)
        before = [parameter.detach().clone() for parameter in trainer.parameters]
        photos = torch.full((4, 3, 32, 32), float("nan"))
        self.assertEqual(trainer.step(photos, torch.zeros(4, 3, 32, 32))["not finite"], 1.0)
        for own, other in zip(trainer.parameters, before):
            self.assertTrue(torch.equal(own, other))

    def test_teacher_is_asked_once_for_each_batch(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "teacher.pth"
            torch.manual_seed(9)
            torch.save(Gpen(32, 0.0625, unshuffle=2).state_dict(), path)
            teacher = Teacher(path, pathlib.Path(folder) / "cache", 32, Settings(batch=4), 3)
            photos = to_tensor(make_batch(FACES, 4, 1, 0)[0])
            first = teacher.pictures(0, photos)
            self.assertGreater((first - photos).abs().mean(), 0.05)  # an untrained one repaints
            teacher.restorer = None  # would fail if it were asked again
            torch.testing.assert_close(teacher.pictures(3, photos), first)

    def test_target_lies_between_face_and_teacher(self):
        photos, faces = map(to_tensor, make_batch(FACES, 4, 1, 0))
        teacher = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(6)) * 2 - 1
        for share in (0.0, 0.5, 1.0):
            trainer = make_trainer(teacher_share=share, precision="float32")
            with torch.no_grad():
                restored = trainer.network(photos)
            expected = losses.absolute(restored, faces + share * (teacher - faces)).item()
            self.assertAlmostEqual(trainer.step(photos, faces, teacher)["absolute"], expected,
                                   places=5)
        self.assertAlmostEqual(expected, losses.absolute(restored, teacher).item(), places=6)
        self.assertNotAlmostEqual(expected, losses.absolute(restored, faces).item(), places=2)

    @unittest.skipIf(restorers.runtime() is None, "SKIPPED LOUDLY: no python3-onnxruntime")
    def test_teacher_out_of_an_onnx_file_with_its_manifest(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            torch.manual_seed(9)
            network = Gpen(32, 0.0625, residual=False).eval()
            export_command.write_onnx(network, folder / "teacher.onnx")
            photos = to_tensor(make_batch(FACES, 4, 1, 0)[0])
            pictures = {}
            for template in ("ffhq", "gpen"):
                manifest = {"file": "teacher.onnx", "value_range": [-1, 1], "color_order": "BGR",
                            "input_size": 32, "template": template}
                (folder / "teacher.json").write_text(json.dumps(manifest))
                teacher = Teacher(folder / "teacher.json", folder / "cache", 32, Settings(batch=4), 3)
                pictures[template] = teacher.pictures(0, photos)
            self.assertEqual(len(list((folder / "cache").iterdir())), 2)  # neither for the other
            with torch.no_grad():
                expected = network(photos.flip(1)).flip(1).clamp(-1, 1)
            torch.testing.assert_close(pictures["ffhq"], expected, rtol=0, atol=0.005)  # 8 bits
            fitted = restorers.Fitted(restorers.load(folder / "teacher.json"), "ffhq")
            expected = torch.from_numpy(fitted(photos.contiguous().numpy()[:1])).clamp(-1, 1)
            torch.testing.assert_close(pictures["gpen"][:1], expected, rtol=0, atol=0.005)
            self.assertGreater((pictures["gpen"] - pictures["ffhq"]).abs().mean(), 0.02)

    def test_checkpoint_is_never_half_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "checkpoint.pt"
            checkpoint.save({"images": 1}, path)

            def fail(unfinished):
                unfinished.write_bytes(b"half")
                raise OSError("disk full")
            with self.assertRaises(OSError):
                checkpoint.write_atomically(path, fail)
            self.assertEqual(checkpoint.load(path), {"images": 1})
            path.write_bytes(path.read_bytes()[:50])
            with self.assertRaisesRegex(checkpoint.CheckpointError, "cannot read"):
                checkpoint.load(path)

    def test_weights_of_every_kind_of_file(self):
        tensor = torch.ones(2)
        for state in ({"average": {"a": tensor}, "images": 3}, {"g_ema": {"a": tensor.half()}},
                      {"a": tensor.half()}):
            self.assertEqual(checkpoint.weights(state)["a"].dtype, torch.float32)
            self.assertTrue(torch.equal(checkpoint.weights(state)["a"], tensor))
        for state in ({}, {"images": 3}, {"average": 3}):
            with self.assertRaisesRegex(checkpoint.CheckpointError, "expected the weights"):
                checkpoint.weights(state)

    def test_settings_that_cannot_be(self):
        for values, expected in (({"rate": float("nan")}, "--rate: expected a number"),
                                 ({"half_life": 0}, "--half-life: expected a number above 0"),
                                 ({"template": "other"}, "--template: expected ffhq or gpen"),
                                 ({"precision": "int8"}, "--precision: expected auto"),
                                 ({"absolute": 0, "gradient": 0, "low_frequency": 0},
                                  "expected a loss with a weight above 0")):
            wrong = Settings(**values).check()
            self.assertEqual(len(wrong), 1, wrong)
            self.assertIn(expected, wrong[0])
        self.assertEqual(Settings().check(), [])


class DataTest(unittest.TestCase):
    def test_degradation_depends_on_the_seed_alone(self):
        face = draw_face(1)
        for origin in degradation.ORIGINS:
            pairs = [degradation.degrade(face, np.random.default_rng(seed), origin)
                     for seed in (4, 4, 5)]
            self.assertTrue(np.array_equal(pairs[0][0], pairs[1][0]), origin)
            self.assertEqual(pairs[0][0].shape, face.shape)
            if origin == "clean":
                self.assertTrue(np.array_equal(*pairs[0]))
            else:
                self.assertFalse(np.array_equal(pairs[0][0], pairs[2][0]), origin)

    def test_batches_do_not_depend_on_the_workers(self):
        sums = []
        for workers in (1, 2):
            with Batches(FACES, 4, 1, 5, workers) as batches:
                sums.append([float(next(batches)[0].sum()) for _ in range(4)])
        expected = [float(to_tensor(make_batch(FACES, 4, 1, number)[0]).sum())
                    for number in range(5, 9)]
        self.assertEqual(sums, [expected, expected])

    def test_jpeg_weighs_the_colours_as_a_camera_does(self):
        noise = np.random.default_rng(1).normal(0, 30, (64, 64))
        kept = []
        for channel in range(3):
            picture = np.full((64, 64, 3), 128, np.float32)
            picture[..., channel] += noise
            coded = degradation.compress(picture, np.random.default_rng(2), 60, 61)
            kept.append(np.corrcoef(coded[..., channel].ravel(), noise.ravel())[0, 1])
        red, green, blue = kept  # luma, which keeps the detail: 0.299, 0.587, 0.114
        self.assertGreater(green, red)
        self.assertGreater(red, blue + 0.1)

    def test_a_mask_is_mirrored_as_its_face(self):
        face = draw_face(1)
        left = np.zeros((256, 256), np.uint8)
        left[:, :128] = 1
        mirrored = set()
        for seed in range(8):
            plain = degradation.degrade(face, np.random.default_rng(seed), "clean")[1]
            photo, made, mask = degradation.degrade(face, np.random.default_rng(seed), "clean", left)
            self.assertTrue(np.array_equal(made, plain))
            mirrored.add(bool(mask[0, -1]))
            self.assertEqual(int(mask.sum()), int(left.sum()))
            again = degradation.degrade(face[:, ::-1] if mask[0, -1] else face,
                                        np.random.default_rng(seed), "clean")[1]
            self.assertEqual(np.array_equal(again, plain), not mask[0, -1])
        self.assertEqual(mirrored, {False, True})

    def test_skin_is_where_the_label_maps_say(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            labels = np.zeros((64, 64), np.uint8)
            labels[:16], labels[16:32], labels[32:48] = 1, 13, 17  # skin, hair, neck
            cv2.imwrite(str(folder / "b.png"), labels)
            maps = SkinMaps(folder, [pathlib.Path("a.png"), pathlib.Path("b.jpg")], 32)
            self.assertEqual(maps.count, 1)
            self.assertFalse(maps[0].any())
            rows = np.repeat([1, 0, 1, 0], 8)
            self.assertTrue(np.array_equal(maps[1], np.tile(rows[:, None], (1, 32))))
            with Batches(FACES[:2], 4, 1, 0, skin=maps) as batches:
                skin = next(batches)[2]
            self.assertEqual(skin.shape, (4, 1, 32, 32))
            for mask in skin:
                self.assertIn(mask.sum().item(), (0, 16 * 32))
            with self.assertRaisesRegex(FacesError, "found none for c"):
                SkinMaps(folder, [pathlib.Path("c.png")], 32)
            (folder / "b.png").write_bytes(b"nothing")
            with self.assertRaisesRegex(FacesError, "expected a square label map"):
                SkinMaps(folder, [pathlib.Path("b.png")], 32)

    def test_held_out_pairs_are_fixed_and_degraded(self):
        photos, faces = held_out.make_pairs(FACES)
        self.assertTrue(np.array_equal(photos, held_out.make_pairs(FACES)[0]))
        self.assertTrue(all(not np.array_equal(*pair) for pair in zip(photos, faces)))


class BalancedWeightTest(unittest.TestCase):
    def test_it_follows_the_ratio_within_bounds(self):
        weight = BalancedWeight(2.0)
        weight.follow(torch.ones(4), torch.full((4,), 3.0))
        self.assertAlmostEqual(weight.ratio, 3.0, places=5)
        weight.follow(torch.ones(4), torch.full((4,), 1.0))
        self.assertAlmostEqual(weight.ratio, 3 - 0.03 * 2, places=5)
        weight.follow(torch.ones(4), torch.full((4,), float("nan")))
        self.assertAlmostEqual(weight.ratio, 3 - 0.03 * 2, places=5)
        self.assertEqual(weight.measured(torch.zeros(4), torch.ones(4)), 15)
        self.assertEqual(weight.measured(torch.ones(4), torch.zeros(4)), 0.01)

    def test_its_gradient_at_the_last_layer_is_a_multiple_of_that_of_the_others(self):
        faces = np.stack([draw_face(number, 64) for number in range(4)])
        photos, targets = map(to_tensor, make_batch(faces, 4, 1, 0))
        gradients = {}
        for share in (0.0, 1.0, 3.0):
            torch.manual_seed(2)
            network = Gpen(64, 0.125, unshuffle=2)
            trainer = Trainer(network, Settings(batch=4, texture=share, threads=1,
                                                precision="float32"))
            at = [parameter is network.last_layer() for parameter in trainer.parameters].index(True)
            gradients[share] = trainer._part(0, photos, targets, None, None).gradients[at]
        own = gradients[1.0] - gradients[0.0]
        self.assertAlmostEqual((own.norm() / gradients[0.0].norm()).item(), 1, places=3)
        torch.testing.assert_close(gradients[3.0] - gradients[0.0], 3 * own, rtol=1e-3, atol=1e-6)

    def test_what_the_adversary_asks_for_rises_once_it_has_seen_pictures(self):
        faces = np.stack([draw_face(number, 64) for number in range(4)])
        photos, targets = map(to_tensor, make_batch(faces, 4, 1, 0))

        def gradient(share, images, name="adversarial"):
            torch.manual_seed(2)
            network = Gpen(64, 0.125, unshuffle=2)
            trainer = Trainer(network, Settings(batch=4, texture=0.0, threads=1, precision="float32",
                                                **{name: share}))
            trainer.images = images
            at = [parameter is network.last_layer() for parameter in trainer.parameters].index(True)
            return trainer._part(0, photos, targets, None, None).gradients[at]
        plain = gradient(0.0, 0)
        for name in ("adversarial", "component_adversarial"):
            self.assertTrue(torch.equal(gradient(0.5, 2000, name), plain))
            half, whole = (gradient(0.5, images, name) - plain for images in (5000, 8000))
            if name == "adversarial":  # an untrained one says too little of an eye of 20 pixels
                self.assertAlmostEqual((whole.norm() / plain.norm()).item(), 0.5, places=3)
            self.assertGreater(whole.norm() / plain.norm(), 0.1)
            torch.testing.assert_close(half, whole / 2, rtol=1e-3, atol=1e-6)

    def test_an_adversary_that_is_new_to_a_run_first_learns_to_tell(self):
        drawn = np.stack([draw_face(number, 64) for number in range(12)])
        first = make_trainer(64, adversarial=0.1)
        run(first, 3, drawn)
        later = make_trainer(64, adversarial=0.1, component_adversarial=0.1)
        later.load(first.state())
        self.assertEqual(later.adversaries["adversarial"].begun, 0)
        self.assertEqual(later.adversaries["component_adversarial"].begun, 12)
        self.assertEqual(later.adversaries["component_adversarial"].rise(12 + 2000), 0)
        values = run(later, 1, drawn)[0]
        self.assertIn("component_discriminator", values)

    def test_a_number_that_meant_something_else_is_asked_for_anew(self):
        of_today = dataclasses.asdict(Settings(texture=1.0, adversarial=0.5))
        self.assertEqual(from_arguments(argparse.Namespace(), of_today).adversarial, 0.5)
        weighed = {name: value for name, value in of_today.items() if not name.startswith("adversary_")}
        with self.assertRaisesRegex(ValueError, "give --adversarial anew"):
            from_arguments(argparse.Namespace(), weighed)
        self.assertEqual(from_arguments(argparse.Namespace(adversarial=0.3), weighed).adversarial, 0.3)
        with self.assertRaisesRegex(ValueError, "give --texture anew"):
            from_arguments(argparse.Namespace(), {**of_today, "teacher_sharpen": 1.3})


if __name__ == "__main__":
    unittest.main()
