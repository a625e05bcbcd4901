"""The network that repairs: the damage that is drawn, pairs, its shape, and the commands."""

import unittest

import cv2
import numpy as np
import torch

from gpen_training import (checkpoint, coarse_maps, faces, masked_fill, photo_damage, repair_network,
                           repair_pairs)
from gpen_training.train_repair_command import RepairTrainer
from tests import takes_minutes
from tests.command_case import CommandCase, command
from tests.drawn_faces import draw_face


def picture(number=1, size=128):
    return draw_face(number, size)


class DamageTest(unittest.TestCase):
    def test_each_kind_damages_a_part_and_leaves_the_rest(self):
        plain = np.full((160, 160, 3), 128, np.float32)
        for kind in photo_damage.KINDS:
            shares = []
            for seed in range(12):
                damaged = plain.copy()
                kind(damaged, np.random.default_rng(seed))
                self.assertTrue(np.isfinite(damaged).all())
                shares.append(float((np.abs(damaged - plain).max(2) > 3).mean()))
            self.assertGreater(max(shares), 0.0005, kind.__name__)
            self.assertLess(np.median(shares), 0.9, kind.__name__)
            self.assertGreaterEqual(sum(share > 0 for share in shares), 6, kind.__name__)

    def test_what_shows_through_is_no_damage(self):
        for seed in range(8):
            random = np.random.default_rng(seed)
            photo = np.full((128, 128, 3), 128, np.float32)
            photo[::2] = 60
            photo_damage.see_through(photo, random)
            self.assertGreater(np.abs(photo[::2] - photo[1::2]).min(), 10, "the stripes are still there")

    def test_a_line_may_be_thinner_than_a_pixel(self):
        points = np.array([[10.0, 20.25], [50.0, 20.25]])
        cover = photo_damage.draw_lines(40, 60, [(points, 0.5)])
        self.assertLess(cover.max(), 0.9)
        self.assertAlmostEqual(float(cover[:, 30].sum()), 0.5, delta=0.3)


class PairsTest(unittest.TestCase):
    def test_undamaged_pixels_are_equal_and_damaged_ones_marked(self):
        for seed in range(12):
            random = np.random.default_rng(seed)
            damaged, photo, mask = repair_pairs.make_pair(picture(seed, 160), random, clean=0)
            self.assertEqual((damaged.shape, mask.shape), ((160, 160, 3), (160, 160)))
            difference = np.abs(damaged.astype(int) - photo).max(2)
            if difference.max() < 20:
                continue
            self.assertGreater(difference[mask > 200].mean(), 4 * difference[mask == 0].mean(), seed)

    def test_a_clean_pair_is_equal_and_unmarked(self):
        damaged, photo, mask = repair_pairs.make_pair(picture(), np.random.default_rng(3), clean=1)
        np.testing.assert_array_equal(damaged, photo)
        self.assertFalse(mask.any())

    def test_batches_depend_on_their_number_alone(self):
        made = [repair_pairs.RepairPairs([picture(1), picture(2)], 64, 3, 1) for _ in range(2)]
        for number in range(3):
            for one, other in zip(made[0].batch(number), made[1].batch(number)):
                np.testing.assert_array_equal(one, other)


class WeightsTest(unittest.TestCase):
    """A mark of 4x4 and one of 60x20 pixels, on a smooth photo and on one full of grain."""

    def setUp(self):
        self.mask = np.zeros((96, 96), np.uint8)
        self.mask[10:14, 10:14] = 255
        self.mask[40:60, 20:80] = 255

    def pair(self, grain, contrast):
        noise = np.random.default_rng(1).normal(0, grain, (96, 96, 1))
        photo = np.uint8(np.clip(120 + noise + np.zeros(3), 0, 255))
        return np.uint8(photo + contrast * (self.mask[..., None] > 0)), photo, self.mask

    def test_a_thin_mark_counts_beside_a_large_one(self):
        weights = repair_pairs.weigh(*self.pair(1, 40))
        self.assertEqual(weights[0, 0], 1)
        self.assertAlmostEqual(float(weights[10, 10]), 2.5, places=4)
        self.assertEqual(weights[50, 50], repair_pairs.LEAST_WEIGHT)

    def test_what_grain_hides_does_not_count(self):
        places, _, seen = repair_pairs.marks_of(*self.pair(14, 12))
        self.assertFalse(seen[places[10, 10]])
        self.assertTrue(seen[places[50, 50]])
        weights = repair_pairs.weigh(*self.pair(14, 12))
        self.assertEqual(weights[10, 10], 0)
        self.assertEqual(weights[0, 0], 1)


class RepairNetworkTest(unittest.TestCase):
    def test_begins_by_touching_nothing(self):
        photo = picture(size=64)
        made, replaced = repair_network.run_network(repair_network.RepairNetwork(), photo)
        np.testing.assert_array_equal(made, photo)
        self.assertFalse(replaced.any())

    def test_its_shape_follows_from_its_weights(self):
        network = repair_network.RepairNetwork((8, 12, 16), (4, 6), (1, 3, 1))
        found = repair_network.build(network.state_dict())
        self.assertEqual(found.steps, (1, 3, 1))
        self.assertEqual({name: tensor.shape for name, tensor in found.state_dict().items()},
                         {name: tensor.shape for name, tensor in network.state_dict().items()})

    def test_sees_as_far_as_it_says(self):
        torch.manual_seed(1)
        network = repair_network.RepairNetwork((8, 8, 8), (8, 8), (1, 2))
        torch.nn.init.normal_(network.repair.weight)
        farthest = 0
        for at in range(96, 104):  # wherever in a pixel of the coarsest maps
            photo = torch.full((1, 3, 200, 200), 0.5, requires_grad=True)
            network(photo)[0, 0, at, at].backward()
            seen = photo.grad.abs().sum(1)[0].nonzero()
            farthest = max(farthest, int((seen - at).abs().max()))
        self.assertLessEqual(farthest, network.reach + repair_network.UNSHUFFLE - 1)
        self.assertGreater(farthest, network.reach - 2 * repair_network.UNSHUFFLE)

    def test_a_surely_damaged_pixel_is_filled_and_those_beside_it(self):
        network = repair_network.RepairNetwork()
        network.forward = lambda photos: 9 * torch.where(photos[:, :1] > 0.7, 1.0, -1.0)
        photo = np.full((37, 50, 3), 100, np.uint8)
        photo[1::4, 1::4] = 200
        photo[3, 3] = 7  # Not beside one of them.
        made, marked = repair_network.run_network(network, photo)
        expected = np.zeros(photo.shape[:2], np.uint8)
        expected[1::4, 1::4] = 1
        expected = cv2.dilate(expected, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))) > 0
        np.testing.assert_array_equal(marked, expected)
        np.testing.assert_array_equal(made[~marked], photo[~marked])
        np.testing.assert_array_equal(made[9::4, 9::4], np.full_like(made[9::4, 9::4], 100))

    def test_places_are_marked_as_far_as_damage_may_reach(self):
        sure = np.zeros((7, 9), np.float32)
        sure[3, 1:6] = 0.8
        sure[3, 2] = 1
        sure[0, 7] = sure[1, 8] = 0.8  # Nowhere sure.
        self.assertFalse(repair_network.mark(sure, repair_network.least_sureness(1)).any())
        marked = repair_network.mark(sure)
        self.assertEqual([int(row.sum()) for row in marked], [0, 0, 5, 7, 5, 0, 0])

    def test_learns_to_find_a_white_line(self):
        torch.manual_seed(1)
        network = repair_network.RepairNetwork((12, 16, 16), (8, 8), (1, 2))
        average = repair_network.build(network.state_dict()).requires_grad_(False)
        trainer = RepairTrainer(network, average, 5e-3, 10)
        random = np.random.default_rng(1)
        for _ in range(60):
            photos = np.full((4, 64, 64, 3), 0.4, np.float32) + random.normal(0, 0.02, (4, 64, 64, 1))
            masks = np.zeros((4, 64, 64), np.float32)
            for mask in masks:
                cv2.line(mask, (0, int(random.integers(64))), (63, int(random.integers(64))), 1.0, 2)
            damaged = photos + masks[..., None] * (1 - photos)
            batch = [torch.from_numpy(part).permute(0, 3, 1, 2).float()
                     for part in (damaged, photos, masks[..., None], np.ones_like(masks)[..., None])]
            trainer.step(batch, 1)
        with torch.no_grad():
            found = torch.sigmoid(network(batch[0]))[0, 0].numpy() > 0.5
        inside = masks[0] > 0
        self.assertGreater(found[inside].mean(), 0.8)
        self.assertLess(found[~inside].mean(), 0.1)


class MaskedFillTest(unittest.TestCase):
    def test_a_line_across_a_slope_is_filled_with_the_slope(self):
        slope = np.repeat(np.linspace(20, 220, 150, dtype=np.float32)[None, :, None], 90, 0).repeat(3, 2)
        marked = np.zeros((90, 150), bool)
        marked[:, 70:76] = marked[40:44] = True
        damaged = np.where(marked[..., None], np.float32(255), slope)
        made = masked_fill.fill(damaged, marked)
        np.testing.assert_array_equal(made[~marked], slope[~marked])
        self.assertLess(np.abs(made - slope).max(), 14)

    def test_grain_and_stripes_go_on(self):
        random = np.random.default_rng(1)
        grain = random.normal(120, 12, (90, 150, 1)).repeat(3, 2).astype(np.float32)
        waves = 120 + 80 * np.sin(0.9 * np.arange(90, dtype=np.float32))
        stripes = np.repeat(waves[:, None, None], 150, 1).repeat(3, 2)
        marked = np.zeros((90, 150), bool)
        marked[:, 70:76] = True
        made = masked_fill.fill(np.where(marked[..., None], np.float32(255), grain), marked)
        self.assertAlmostEqual(made[marked].std() / 12, 1, delta=0.3)
        made = masked_fill.fill(np.where(marked[..., None], np.float32(255), stripes), marked)
        self.assertLess(np.abs(made - stripes).max(), 20)

    def test_where_nothing_is_known_nothing_is_changed(self):
        photo = picture(1, 64).astype(np.float32)
        np.testing.assert_array_equal(masked_fill.fill(photo, np.ones((64, 64), bool)), photo)

    def test_a_hole_wider_than_its_reach_gets_what_is_known_somewhere(self):
        photo = np.full((400, 400, 3), 90, np.float32)
        marked = np.ones((400, 400), bool)
        marked[:20] = False
        photo[marked] = 255
        np.testing.assert_allclose(masked_fill.fill(photo, marked), 90, atol=0.01)


class RepairCommandsTest(CommandCase):
    def setUp(self):
        super().setUp()
        self.photos = self.folder / "photos"
        self.photos.mkdir()
        for number in range(27):
            faces.write_picture(self.photos / f"{number:02}.png", picture(number, 256))

    def train(self):
        made = command("train-repair", self.photos, self.photos, "--most", 3, "--output", self.folder / "run",
                       "--side", 64, "--batch", 2, "--steps", 2)
        self.assertEqual(made.returncode, 0, made.stderr)
        return checkpoint.load(self.folder / "run" / "checkpoint.pt")

    @takes_minutes
    def test_train_continue_judge_and_export(self):
        first, second = self.train(), self.train()
        self.assertEqual((first["step"], second["step"]), (2, 4))
        made = command("evaluate-repair", self.photos, self.folder / "run" / "checkpoint.pt", "--most", 1,
                       "--side", 64, "--sheet", self.folder / "sheet.png")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("| checkpoint.pt | scratches |", made.stdout)
        self.assertTrue((self.folder / "sheet.png").exists())
        path = self.folder / "photo-repair.pth"
        made = command("export-repair", self.folder / "run" / "checkpoint.pt", path)
        self.assertEqual(made.returncode, 0, made.stderr)
        weights = torch.load(path, weights_only=True)
        self.assertEqual({tensor.dtype for tensor in weights.values()}, {torch.float16})
        self.assertEqual(repair_network.build(checkpoint.weights(weights)).steps, coarse_maps.DILATIONS)

    def test_bad_input(self):
        torch.save({"weight": torch.zeros(3)}, self.folder / "other.pt")
        self.fails("expected a network that repairs", "export-repair", self.folder / "other.pt", self.folder / "a.pth")
        self.fails("expected a folder", "train-repair", self.folder / "none", "--output", self.folder / "run")
        self.fails("multiple of 8, found 100", "train-repair", self.photos, "--output", self.folder / "run",
                   "--side", 100)
        self.refused("expected a number of", "train-repair", self.photos, "--output", "run", "--batch", "0")


if __name__ == "__main__":
    unittest.main()
