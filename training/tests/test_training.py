"""The loop: it learns, it resumes bit by bit, it writes whole checkpoints, it learns of a teacher."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
import torch

from gpen_training import (checkpoint, degradation, export_command, held_out, losses, metrics,
                           restorers)
from gpen_training.batches import Batches, make_batch, to_tensor
from gpen_training.discriminator import Discriminator
from gpen_training.network import Gpen
from gpen_training.settings import Settings
from gpen_training.teacher import Teacher
from gpen_training.trainer import Trainer
from tests.drawn_faces import draw_face

FACES = np.stack([draw_face(number, 32) for number in range(12)])


def make_trainer(**settings):
    torch.manual_seed(2)
    return Trainer(Gpen(32, 0.125, unshuffle=2), Settings(batch=4, warmup=8, **settings))


def run(trainer, steps):
    values = []
    for _ in range(steps):
        photos, faces = make_batch(FACES, 4, 1, trainer.step_number)
        values.append(trainer.step(to_tensor(photos), to_tensor(faces)))
    return values


class TrainerTest(unittest.TestCase):
    def test_lowers_the_loss(self):
        trainer = make_trainer(rate=4e-3)
        values = [value["absolute"] for value in run(trainer, 150)]
        self.assertLess(np.mean(values[-20:]), 0.6 * np.mean(values[:10]))

    def test_resumes_bit_by_bit(self):
        for settings in ({}, {"adversarial": 0.1, "feature_matching": 0.1}):
            unbroken = make_trainer(**settings)
            expected = run(unbroken, 12)
            broken = make_trainer(**settings)
            run(broken, 6)
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "checkpoint.pt"
                checkpoint.save(broken.state(), path)
                resumed = make_trainer(**settings)
                resumed.load(checkpoint.load(path))
            self.assertEqual(run(resumed, 6), expected[6:])
            for own, other in zip(resumed.average, unbroken.average):
                self.assertTrue(torch.equal(own, other))

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
                                 ({"precision": "int8"}, "--precision: expected bfloat16"),
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

    def test_held_out_pairs_are_fixed_and_degraded(self):
        photos, faces = held_out.make_pairs(FACES)
        self.assertTrue(np.array_equal(photos, held_out.make_pairs(FACES)[0]))
        self.assertTrue(all(not np.array_equal(*pair) for pair in zip(photos, faces)))


class MetricsTest(unittest.TestCase):
    def test_known_values(self):
        face = to_tensor(np.stack([draw_face(1), draw_face(2)]))
        self.assertAlmostEqual(metrics.psnr(face, face).mean().item(), metrics.BEST_PSNR)
        self.assertAlmostEqual(metrics.ssim(face, face).mean().item(), 1, places=4)
        self.assertAlmostEqual(metrics.gradient_energy(face, face), 1, places=4)
        gray = torch.zeros(1, 3, 32, 32)
        self.assertAlmostEqual(metrics.psnr(gray + 0.2, gray).item(), 20, places=3)
        blurred = torch.nn.functional.avg_pool2d(face, 5, 1, 2)
        self.assertLess(metrics.gradient_energy(blurred, face), 0.7)
        self.assertLess(metrics.ssim(blurred, face).max().item(), 0.99)


class LossesTest(unittest.TestCase):
    def test_what_invents_structure_sees_brightness_and_chroma_holds_the_colour(self):
        torch.manual_seed(1)
        face = torch.rand(2, 3, 64, 64) - 0.5
        brighter = face + 0.1 * torch.randn(2, 1, 64, 64)
        tint = torch.randn(2, 3, 64, 64)
        tinted = face + 0.1 * (tint - losses.luma(tint))
        self.assertLess(losses.chroma(brighter, face), 1e-6)
        self.assertGreater(losses.chroma(tinted, face), 0.01)
        self.assertLess(losses.texture(tinted, face), 1e-3 * losses.texture(brighter, face))
        judge = Discriminator()
        self.assertLess((judge(tinted)[0] - judge(face)[0]).abs().max(), 1e-4)
        self.assertGreater((judge(brighter)[0] - judge(face)[0]).abs().max(), 1e-3)

    def test_grid_counts_what_alternates_and_not_other_texture(self):
        torch.manual_seed(2)
        face = torch.zeros(1, 3, 64, 48)
        signs = 1 - 2 * (torch.arange(48) % 2).float()
        stripes = (0.1 * signs).expand(1, 3, 64, 48)
        noise = 0.1 * torch.randn(1, 1, 64, 48).expand(1, 3, 64, 48)
        smooth = torch.linspace(-1, 1, 64)[:, None].expand(1, 3, 64, 48)
        self.assertAlmostEqual(losses.grid(stripes, face).item(), 0.1, places=5)
        self.assertAlmostEqual(losses.grid(stripes.transpose(2, 3), face.transpose(2, 3)).item(), 0.1,
                               places=5)
        self.assertLess(losses.grid(noise, face), 0.08)
        self.assertLess(losses.grid(smooth, face), 0.04)

    def test_as_sharp_as_reaches_the_face_and_leaves_what_is_sharp(self):
        torch.manual_seed(4)
        face = torch.randn(2, 3, 64, 64) * 0.1
        blurred = torch.nn.functional.avg_pool2d(face, 3, 1, 1)
        sharper = losses.as_sharp_as(blurred, face, 100)
        self.assertAlmostEqual(metrics.gradient_energy(losses.luma(sharper), losses.luma(face)), 1,
                               places=3)
        torch.testing.assert_close(losses.as_sharp_as(face, blurred, 100), face)
        limited = losses.as_sharp_as(blurred, face, 0.5)
        torch.testing.assert_close(limited, blurred + 0.5 * losses.fine_structure(blurred))

    def test_texture_counts_how_much_and_not_where(self):
        torch.manual_seed(3)
        face = torch.randn(1, 3, 64, 64) * 0.1
        elsewhere = torch.randn(1, 3, 64, 64) * 0.1
        weaker = face * 0.3
        self.assertEqual(losses.texture(face, face).item(), 0)
        self.assertLess(losses.texture(elsewhere, face), 0.1 * losses.texture(weaker, face))
        self.assertGreater(losses.absolute(elsewhere, face), losses.absolute(weaker, face))


if __name__ == "__main__":
    unittest.main()
