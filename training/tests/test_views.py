import unittest

import torch

from gpen_training import templates, views


class ViewsTest(unittest.TestCase):
    def test_the_adversary_sees_the_same_part_of_both_under_noise(self):
        made = torch.arange(256.).view(1, 1, 256, 1).expand(1, 3, 256, 256)
        random = torch.Generator().manual_seed(1)
        seen, true = views.part(made, made + 1000, 0.1, random)
        self.assertEqual(seen.shape, (1, 3, views.SEEN, views.SEEN))
        difference = true - seen - 1000  # the same rows, and two noises of this deviation
        self.assertAlmostEqual(difference.std().item(), 0.1 * 2 ** 0.5, places=2)
        again, _ = views.part(made, made, 0.1, random)
        self.assertNotAlmostEqual(again.mean().item(), seen.mean().item(), places=1)
        small, _ = views.part(made[..., :64, :64], made[..., :64, :64], 0.1, random)
        self.assertEqual(small.shape, (1, 3, 64, 64))

    def test_the_component_adversary_sees_both_eyes_alike_and_the_mouth(self):
        size = 128
        face = torch.zeros(2, 3, size, size)
        left_eye, right_eye, _, left_corner, right_corner = templates.points("ffhq", size)
        middle = (left_eye[0] + right_eye[0]) / 2
        for (x, y), value in ((left_eye, 1.0), (right_eye, 1.0), (left_corner, 2.0), (right_corner, 2.0)):
            face[:, :, round(y), round(x)] = value
            outwards = -1 if x < middle else 1
            face[:, :, round(y), round(x) + 3 * outwards] = value / 2
        random = torch.Generator().manual_seed(1)
        places = set()
        for _ in range(20):
            seen, true = views.eyes_and_mouth(face, face, 0.0, random, "ffhq")
            self.assertEqual(seen.shape, (6, 3, 40, 40))
            self.assertTrue(torch.equal(seen, true))
            for eye in seen[:4]:
                eyes, corner = (eye[0] == 1).nonzero(), (eye[0] == 0.5).nonzero()
                self.assertEqual((len(eyes), len(corner)), (1, 1))
                self.assertLess(corner[0, 1], eyes[0, 1])  # the right eye is mirrored
                self.assertLess((eyes[0] - 20).abs().max(), size // 64 + 2)
            for mouth in seen[4:]:
                self.assertEqual((mouth[0] == 2).sum(), 2)
            places.add(tuple((seen[0, 0] == 1).nonzero()[0].tolist()))
        self.assertGreater(len(places), 4)
        seen, true = views.eyes_and_mouth(face, face, 0.1, random, "ffhq")
        self.assertGreater((seen - true).std(), 0.1)


if __name__ == "__main__":
    unittest.main()
