"""What a picture is judged by: the metrics know it, the losses lead to it."""

import unittest

import numpy as np
import torch

from gpen_training import losses, metrics, operations, views
from gpen_training.batches import to_tensor
from gpen_training.discriminator import Discriminator
from gpen_training.network import Gpen
from tests.drawn_faces import draw_face


def fine_blur(picture):
    return torch.nn.functional.avg_pool2d(picture, 3, 1, 1)


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

    def test_texture_distances(self):
        random = torch.Generator().manual_seed(1)
        drawn = 0.6 * to_tensor(np.stack([draw_face(number) for number in range(4)]))
        faces, others = (drawn + 0.1 * torch.randn(drawn.shape, generator=random) for _ in range(2))
        self.assertEqual(metrics.texture_distances(faces, faces), {256: 0, 128: 0, 64: 0})
        same = metrics.texture_distances(others, faces)  # another sample of the same texture
        blurred = metrics.texture_distances(fine_blur(faces), faces)
        for size in (256, 128):
            self.assertGreater(blurred[size], 2 * same[size])
        self.assertGreater(blurred[256], blurred[64])
        self.assertEqual(blurred, metrics.texture_distances(fine_blur(faces), faces))
        noise = metrics.texture_distances(
            faces + 0.2 * torch.randn(faces.shape, generator=random), faces)
        self.assertGreater(noise[256], 2 * same[256])
        small = metrics.texture_distances(drawn[..., :32, :32], drawn[..., :32, :32])
        self.assertEqual(list(small), [32])


class LossesTest(unittest.TestCase):
    def test_the_adversary_sees_brightness_and_chroma_holds_the_colour(self):
        torch.manual_seed(1)
        face = torch.rand(2, 3, 64, 64) - 0.5
        brighter = face + 0.1 * torch.randn(2, 1, 64, 64)
        tint = torch.randn(2, 3, 64, 64)
        tinted = face + 0.1 * (tint - losses.luma(tint))
        self.assertLess(losses.chroma(brighter, face), 1e-6)
        self.assertGreater(losses.chroma(tinted, face), 0.01)
        judge = Discriminator()
        self.assertLess((judge(tinted)[0] - judge(face)[0]).abs().max(), 1e-4)
        self.assertGreater((judge(brighter)[0] - judge(face)[0]).abs().max(), 1e-3)

    def test_the_order_of_values_is_that_of_torch(self):
        values = torch.randn(3, 4, 256, generator=torch.Generator().manual_seed(1)) * 1e-3
        ordered = values.gather(-1, losses.ascending_order(values))
        exact = values.sort(-1)[0]
        self.assertTrue(torch.equal(losses.sorted_values(values), exact))
        # Every place once, and no value far from where it belongs.
        self.assertTrue(torch.equal(ordered.sort(-1)[0], exact))
        torch.testing.assert_close(ordered, exact, rtol=2 ** -14, atol=0)

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

    def test_texture_asks_for_the_structure_of_a_region_wherever_it_lies(self):
        torch.manual_seed(3)
        face = torch.randn(1, 3, 64, 64) * 0.1
        elsewhere = torch.randn(1, 3, 64, 64) * 0.1  # the same texture
        weaker, coarser = face * 0.3, fine_blur(face) / fine_blur(face).std() * face.std()
        other_region = torch.cat([face[..., :32] * 0.3, face[..., 32:] * 1.4], 3)

        def texture(made):
            return losses.texture(made, face, torch.Generator().manual_seed(1)).item()
        self.assertAlmostEqual(texture(face), 0, places=9)
        for wrong in (weaker, coarser, other_region, torch.zeros_like(face)):
            self.assertLess(texture(elsewhere), 0.5 * texture(wrong))
        self.assertGreater(losses.absolute(elsewhere, face), losses.absolute(weaker, face))

    def test_texture_depends_on_its_random_numbers_alone(self):
        torch.manual_seed(4)
        made, face = torch.randn(2, 2, 3, 64, 64)
        values = [losses.texture(made, face, torch.Generator().manual_seed(seed)).item()
                  for seed in (1, 1, 2)]
        self.assertEqual(values[0], values[1])
        self.assertNotEqual(values[0], values[2])
        with self.assertRaisesRegex(ValueError, "36 pixels or more for the texture loss, found 32"):
            losses.texture(made[..., :32, :32], face[..., :32, :32], torch.Generator())

    def test_texture_looks_at_a_part_of_a_large_picture_another_each_time(self):
        face = torch.randn(1, 3, 36, 1024)
        made = face.clone()
        made[..., 512:] *= 0.5
        values = [losses.texture(made, face, torch.Generator().manual_seed(seed)).item() for seed in range(12)]
        self.assertGreater(max(values), 3 * min(values), "no part of some windows differs")

    def test_texture_turns_noise_into_the_texture_of_the_face(self):
        face = to_tensor(draw_face(1, 64)[None]) + 0.1 * torch.randn(  # grey: the loss looks at luma
            1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
        made = to_tensor(draw_face(1, 64)[None]).requires_grad_()
        random = torch.Generator().manual_seed(2)
        optimizer = torch.optim.Adam([made], 0.02)
        before = metrics.gradient_energy(made.detach(), face)
        for _ in range(60):
            optimizer.zero_grad()
            losses.texture(made, face, random).backward()
            optimizer.step()
        after = metrics.gradient_energy(made.detach(), face)
        self.assertLess(abs(1 - after), 0.5 * abs(1 - before))

    def test_skin_colour_looks_at_skin_alone(self):
        face = torch.zeros(2, 3, 64, 64)
        skin = torch.zeros(2, 1, 64, 64)
        skin[0, :, 16:48, 16:48] = 1  # the second has no map
        tint = torch.tensor([0.3, 0.0, -0.3]).view(1, 3, 1, 1)
        inside = losses.skin_colour(face + tint * skin, face, skin).item()
        self.assertAlmostEqual(inside, 0.2, places=5)
        self.assertEqual(losses.skin_colour(face + tint * (1 - skin), face, skin), 0)
        noise = 0.3 * torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
        self.assertLess(losses.skin_colour(face + noise, face, skin), 0.2 * noise.abs().mean())
        self.assertEqual(losses.skin_colour(face + tint, face, 0 * skin), 0)

    def test_all_are_computed_where_the_pictures_are(self):
        # Tensors without values: every operation on one and something on the CPU is refused.
        made, face, skin = (torch.empty(2, channels, 64, 64, device="meta") for channels in (3, 3, 1))
        for loss in (losses.absolute, losses.gradient, losses.low_frequency, losses.chroma, losses.grid):
            self.assertTrue(loss(made, face).is_meta, loss.__name__)
        self.assertTrue(losses.texture(made, face, torch.Generator()).is_meta)
        self.assertTrue(losses.skin_colour(made, face, skin).is_meta)
        self.assertTrue(views.part(made, face, 0.1, torch.Generator())[0].is_meta)
        self.assertTrue(views.eyes_and_mouth(made, face, 0.1, torch.Generator(), "ffhq")[0].is_meta)
        with operations.forced("folded"):
            network, judge = Gpen(64, 0.125, unshuffle=2).to("meta"), Discriminator().to("meta")
            self.assertTrue(network(made, torch.bfloat16).is_meta)
            verdicts, features = judge(made, torch.bfloat16)
            self.assertTrue(losses.detect(verdicts, verdicts).is_meta)
            self.assertTrue(losses.feature_matching(features, features).is_meta)


if __name__ == "__main__":
    unittest.main()
