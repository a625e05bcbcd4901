"""The networks for whole photos: the bicubic filter, flaws by amount, the network's shape, and the commands."""

import unittest

import numpy as np
import torch

from gpen_training import bicubic, checkpoint, faces, photo_degradation, photo_metrics, photo_network
from gpen_training.photos import Pairs
from gpen_training.train_photos_command import Trainer, begin, evenness, run_network
from tests import takes_minutes
from tests.command_case import CommandCase, command
from tests.drawn_faces import draw_face


def picture(number=1, size=128):
    return draw_face(number, size)


class BicubicTest(unittest.TestCase):
    def test_weights(self):
        """By hand: x2 reads two phases of the cubic of a = -0.5; a half is its mean, widened."""
        step = np.zeros((8, 1), np.float32)
        step[4:] = 1
        enlarged = bicubic.resize(np.repeat(step, 8, 1), 2)[:, 8]
        near = {offset: 1.5 * abs(offset) ** 3 - 2.5 * offset ** 2 + 1 for offset in (0.25, 0.75)}
        far = {offset: -0.5 * offset ** 3 + 2.5 * offset ** 2 - 4 * offset + 2 for offset in (1.25, 1.75)}
        self.assertAlmostEqual(float(enlarged[7]), near[0.75] + far[1.75], 5)
        self.assertAlmostEqual(float(enlarged[8]), near[0.25] + near[0.75] * 0 + far[1.25], 5)
        np.testing.assert_allclose(bicubic.resize(np.full((9, 7, 3), 5.0), 0.5), 5, atol=1e-5)

    def test_a_reduction_does_not_alias(self):
        stripes = np.tile([0.0, 255.0], (32, 16))
        self.assertLess(bicubic.resize(stripes, 0.5)[:, 4:-4].std(), 1)
        self.assertGreater(stripes[::2, ::2].std() + abs(stripes[::2, ::2].mean() - 127), 100)


class PhotoNetworkTest(unittest.TestCase):
    def test_begins_as_a_bicubic_enlargement(self):
        photo = picture(size=64)
        network = photo_network.PhotoNetwork()
        for scale in network.scales:
            made = run_network(network, photo, 0.5, scale)
            expected = bicubic.to_bytes(bicubic.resize(photo, scale))
            self.assertLessEqual(np.abs(made.astype(int) - expected).max(), 1)

    def test_its_shape_follows_from_its_weights(self):
        for arguments in (((2, 4), 1, 8, 3), ((1,), 2, 12, 4)):
            network = photo_network.PhotoNetwork(*arguments)
            found = photo_network.build(network.state_dict())
            self.assertEqual((found.scales, found.unshuffle, found.width, found.depth), arguments)

    def test_coarser_maps_begin_as_no_change_and_see_farther(self):
        plain, photo = photo_network.PhotoNetwork((1,), 2, 8, 4), picture()
        torch.nn.init.normal_(plain.heads["1"].weight, std=0.01)
        coarse = ((8, 16), 8, (1, 2))
        kind = {"scales": (1,), "coarse": coarse}
        network = begin(None, plain.state_dict(), kind)
        self.assertGreater(network.reach, plain.reach)
        np.testing.assert_array_equal(run_network(network, photo, 1, 1), run_network(plain, photo, 1, 1))
        torch.nn.init.normal_(network.coarse.lift_quarter.weight)
        again = begin(None, network.state_dict(), kind)  # Nothing is lacking.
        self.assertEqual(again.coarse_shape, coarse)
        made = run_network(again, photo, 1, 1)
        np.testing.assert_array_equal(made, run_network(network, photo, 1, 1))
        self.assertGreater(np.abs(made.astype(int) - run_network(plain, photo, 1, 1)).max(), 0)

    def test_photos_of_any_size(self):
        network = photo_network.PhotoNetwork((1,), 2, 8, 2)
        for height, width in ((5, 7), (64, 33)):
            photo = np.ascontiguousarray(picture()[:height, :width])
            np.testing.assert_array_equal(run_network(network, photo, 1, 1), photo)


class FlawsTest(unittest.TestCase):
    def test_more_is_worse_and_none_is_none(self):
        true = picture(size=128)
        reduced = bicubic.to_bytes(bicubic.resize(true, 0.5))

        def errors(amount):
            return [np.abs(photo_degradation.degrade(true, reduced, 2, amount, np.random.default_rng(seed)).astype(int)
                           - reduced).mean() for seed in range(20)]
        self.assertEqual(sum(errors(0)), 0)
        self.assertLess(np.mean(errors(0.2)), np.mean(errors(1)))

    def test_a_blur_is_as_wide_as_it_is_told(self):
        """As the variance of what becomes of a point says, whatever the kind of blur."""
        point = np.zeros((65, 65, 3), np.float32)
        point[32, 32] = 1000
        places = np.arange(65) - 32.0
        for width in (0.8, 1.5, 2.5):
            spreads = []
            for seed in range(40):
                made = photo_degradation.blurred(point, np.random.default_rng(seed), width)[..., 1]
                self.assertEqual(made.shape, (65, 65))
                across, down = (np.clip(made.sum(axis), 0, None) for axis in (0, 1))
                spreads.append(np.mean([line @ places ** 2 / line.sum() for line in (across, down)]))
            self.assertAlmostEqual(np.sqrt(np.median(spreads)), width, delta=0.15 * width)
        np.testing.assert_array_equal(photo_degradation.blurred(point, np.random.default_rng(1), 0), point)

    def test_soft_photos_are_blurred_by_their_amount_and_little_else(self):
        true = picture(size=128)

        def errors(amount):
            made = [photo_degradation.make_soft(true, true, 1, amount, np.random.default_rng(seed))
                    for seed in range(20)]
            return np.mean([np.abs(np.diff(photo.astype(float), axis=1)).max() for photo in made])
        steps = [errors(amount) for amount in (0, 0.4, 1)]
        self.assertGreater(steps[0], 1.2 * steps[1])
        self.assertGreater(steps[1], 1.2 * steps[2])

    def test_good_prints_are_often_gray_or_brown_or_faded(self):
        face = draw_face(3, 128)
        gray = brown = faded = 0
        for number in range(300):
            print_ = photo_degradation.as_print(face, np.random.default_rng(number)).astype(float)
            self.assertEqual(print_.shape, face.shape)
            red, green, blue = print_.reshape(-1, 3).T
            alike = np.corrcoef(red, blue)[0, 1] > 0.9999
            gray += bool(alike and abs(red - blue).max() <= 1)
            brown += bool(alike and (red - blue).mean() > 2)
            faded += bool(np.ptp(green) < 0.95 * np.ptp(face[..., 1].astype(float)))
        self.assertTrue(20 < gray < 70, gray)
        self.assertTrue(30 < brown < 95, brown)
        self.assertTrue(60 < faded < 220, faded)

    def test_a_coarse_picture_has_nothing_fine(self):
        face = draw_face(3, 128).astype(np.float32)
        coarse = [photo_degradation.coarsen(face, np.random.default_rng(4), amount) for amount in (0, 0.5, 1)]
        edges = [np.abs(np.diff(picture, axis=1)).max() for picture in coarse]
        self.assertTrue(all(picture.shape == face.shape for picture in coarse))
        self.assertLess(np.abs(coarse[0] - face).max(), 1)
        self.assertGreater(edges[0], 1.1 * edges[1])
        self.assertGreater(edges[1], edges[2])

    def test_batches_depend_on_their_number_alone(self):
        pairs = [Pairs([picture(1), picture(2)], (2, 4), (0.5, 0.5), 24, 4, 1, 0.5) for _ in range(2)]
        for number in range(4):
            for one, other in zip(pairs[0].batch(number), pairs[1].batch(number)):
                np.testing.assert_array_equal(one, other)
        scales = {pairs[0].batch(number)[0] for number in range(12)}
        self.assertEqual(scales, {2, 4})


class MetricsTest(unittest.TestCase):
    def test_luma_psnr(self):
        one = np.full((8, 8, 3), 100, np.uint8)
        self.assertAlmostEqual(photo_metrics.psnr(one + np.uint8(1), one, 2), 20 * np.log10(255 * 255 / 219), 2)
        self.assertGreater(photo_metrics.psnr(one, one, 2), 80)


class LossTest(unittest.TestCase):
    def test_an_error_counts_more_where_the_picture_is_even(self):
        half_even = torch.full((1, 3, 64, 64), 0.5)
        half_even[..., 32:] += 0.2 * torch.randn(1, 1, 64, 32, generator=torch.Generator().manual_seed(1))
        even = evenness(half_even)
        self.assertEqual(even.shape, (1, 1, 64, 64))
        torch.testing.assert_close(even[..., :24], torch.ones(1, 1, 64, 24), rtol=0, atol=0.01)
        self.assertLess(even[..., 40:].max().item(), 0.2)

        def loss(columns, weight):
            photos = half_even.clone()
            photos[..., columns] += 0.1
            network = photo_network.PhotoNetwork((1,))  # untrained, it gives what it is given
            trainer = Trainer(network, network, 1e-3, 400, even=weight)
            return trainer.loss((1, photos, half_even, torch.zeros(1))).item()
        left, right = slice(8, 24), slice(40, 56)
        self.assertAlmostEqual(loss(left, 0), loss(right, 0), places=5)
        self.assertAlmostEqual(loss(left, 4), 5 * loss(left, 0), places=2)
        self.assertGreater(loss(left, 4), 2 * loss(right, 4))


class PhotoCommandsTest(CommandCase):
    def setUp(self):
        super().setUp()
        self.photos = self.folder / "photos"
        self.photos.mkdir()
        for number in range(27):
            faces.write_picture(self.photos / f"{number:02}.png", picture(number, 256))

    def train(self, *more):
        made = command("train-photos", self.photos, "--output", self.folder / "run", "--side", 16, "--batch", 2,
                       "--steps", 3, *more)
        self.assertEqual(made.returncode, 0, made.stderr)
        return checkpoint.load(self.folder / "run" / "checkpoint.pt")

    @takes_minutes
    def test_train_continue_judge_and_export(self):
        first = self.train()
        second = self.train()
        self.assertEqual((first["step"], second["step"]), (3, 6))
        self.fails("--kind enlarge", "train-photos", self.photos, "--output", self.folder / "run", "--kind", "clean")
        made = command("evaluate-photos", self.photos, self.folder / "run" / "checkpoint.pt", "--most", 2)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("| x4 | checkpoint.pt |", made.stdout)
        self.assertNotIn("non-local means", made.stdout)
        made = command("evaluate-photos", self.photos, self.folder / "run" / "checkpoint.pt", "--most", 1,
                       "--amount", 1)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("| x2 | non-local means |", made.stdout)
        made = command("export-photos", self.folder / "run" / "checkpoint.pt", self.folder / "made")
        self.assertEqual(made.returncode, 0, made.stderr)
        for scale in (2, 4):
            weights = torch.load(self.folder / "made" / f"photo-x{scale}.pth", weights_only=True)
            self.assertEqual({tensor.dtype for tensor in weights.values()}, {torch.float16})
            network = photo_network.build(checkpoint.weights(weights))
            self.assertEqual(network.scales, (scale,))
        self.fails("expected a network with a head for x2", "export-photos", self.folder / "made" / "photo-x4.pth",
                   self.folder / "made", "--scale", "2")
        start = self.folder / "made" / "photo-x2.pth"
        clean = command("train-photos", self.photos, "--kind", "clean", "--start", start, "--output",
                        self.folder / "clean", "--side", 16, "--batch", 2, "--steps", 2)
        self.assertEqual(clean.returncode, 0, clean.stderr)

    @takes_minutes
    def test_a_network_that_sharpens_is_one_of_its_own(self):
        self.train("--kind", "sharpen")
        trained = self.folder / "run" / "checkpoint.pt"
        made = command("evaluate-photos", self.photos, trained, "--most", 1, "--kind", "sharpen", "--amount", 1)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("| x1 | checkpoint.pt |", made.stdout)
        made = command("export-photos", trained, self.folder / "made")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual([path.name for path in (self.folder / "made").iterdir()], ["photo-sharpen.pth"])

    def test_bad_input(self):
        torch.save({"weight": torch.zeros(3)}, self.folder / "other.pt")
        self.fails("expected a network for photos", "export-photos", self.folder / "other.pt", self.folder)
        self.fails("expected a folder", "train-photos", self.folder / "none", "--output", self.folder / "run")
        self.refused("expected a number of", "train-photos", self.photos, "--output", "run", "--batch", "0")
