"""`gpen restore --sharpen`: a blurred photo comes nearer to the true one, a sharp one stays."""
import itertools
import json
import pathlib
import unittest

import numpy as np
from PIL import Image, ImageFilter

from restore_case import OK, SKIMAGE, RestoreCase, pixels, run


def error(one, other):
    return float(np.sqrt(np.mean((one.astype(float) - other.astype(float)) ** 2)))


def edges(values):
    """The mean slope of the strongest edges."""
    slope = np.abs(np.diff(values.astype(float), axis=1))
    return float(slope[slope > np.percentile(slope, 98)].mean())


class RestoreSharpenTest(RestoreCase):
    def restore(self, path, *options):
        result = run("restore", path, "--json", "--force", *options)
        self.assertEqual(result.returncode, OK, result.stderr)
        report = json.loads(result.stdout)
        output = pathlib.Path(report["output"])  # The next run writes there too.
        return report, output.rename(self.folder / f"{next(self.numbers)}{output.suffix}")

    def setUp(self):
        super().setUp()
        self.numbers = itertools.count()

    def blurred(self, blur, picture="coffee.png", mode="RGB", name="soft.png"):
        """(its path, the true one)"""
        true = Image.open(SKIMAGE / picture).convert(mode)
        path = self.folder / name
        true.filter(ImageFilter.GaussianBlur(blur)).save(path)
        return path, np.asarray(true)

    def test_a_blurred_photo_comes_nearer_to_the_true_one(self):
        for blur in (1.2, 2, 4):  # The last is wider than what the network knows.
            with self.subTest(blur):
                path, true = self.blurred(blur)
                report, output = self.restore(path, "--sharpen", 100, "--strength", 0)
                self.assertEqual((report["sharpened"], report["faces_restored"]), (100, 0))
                self.assertAlmostEqual(report["blur"], blur, delta=0.35 * blur)
                self.assertIn("photo-sharpen", report["model"])
                self.assertGreater(report["times_ms"]["sharpen"], 0)
                soft, sharp = pixels(path), pixels(output)
                self.assertLess(error(sharp, true), 0.9 * error(soft, true))
                self.assertGreater(edges(sharp), 1.2 * edges(soft))
                self.assertLess(np.abs(sharp.astype(float).mean((0, 1)) - soft.mean((0, 1))).max(), 1, "no cast")
                half = error(pixels(self.restore(path, "--sharpen", 60, "--strength", 0)[1]), true)
                self.assertGreater(half, error(sharp, true))
                self.assertLess(half, error(soft, true))

    def test_a_sharp_photo_stays_as_it_is(self):
        path = self.folder / "sharp.png"
        Image.open(SKIMAGE / "coffee.png").save(path)
        report, output = self.restore(path, "--sharpen", 100)
        self.assertEqual((report["blur"], report["restored_anything"]), (0, False))
        self.assertEqual(output.read_bytes(), path.read_bytes())
        self.assertIn("sharp already", run("restore", path, "--sharpen", 100, "--force").stdout)

    def test_it_comes_after_cleaning_and_before_enlarging(self):
        path, true = self.blurred(2)
        noise = np.random.default_rng(2).normal(0, 14, true.shape)
        noisy = self.folder / "noisy.png"
        Image.fromarray(np.uint8(np.clip(pixels(path) + noise, 0, 255))).save(noisy)
        report, output = self.restore(noisy, "--clean", 50, "--sharpen", 100)
        models = report["model"]
        self.assertLess(models.index("photo-clean"), models.index("photo-sharpen"))
        cleaned = pixels(self.restore(noisy, "--clean", 50)[1])
        self.assertLess(error(pixels(output), true), error(cleaned, true))
        report, output = self.restore(path, "--sharpen", 100, "--enlarge", 2)
        self.assertLess(report["model"].index("photo-sharpen"), report["model"].index("photo-x2"))
        self.assertEqual(pixels(output).shape[:2], tuple(2 * side for side in true.shape[:2]))

    def test_gray_alpha_and_sixteen_bits_are_kept(self):
        gray = Image.open(SKIMAGE / "camera.png").convert("L").crop((100, 60, 340, 260))
        for blur in (2, 4):
            soft = gray.filter(ImageFilter.GaussianBlur(blur))
            alpha = Image.fromarray(np.tile(np.arange(240, dtype=np.uint8), (200, 1)))
            with_alpha = soft.convert("RGBA")
            with_alpha.putalpha(alpha)
            cases = {"gray.png": soft, "alpha.png": with_alpha,
                     "sixteen.png": Image.fromarray(np.asarray(soft).astype(np.uint16) * 257)}
            for name, picture in cases.items():
                with self.subTest(name, blur=blur):
                    path = self.folder / name
                    picture.save(path)
                    report, output = self.restore(path, "--sharpen", 100)
                    self.assertGreater(report["blur"], 1)
                    made = Image.open(output)
                    self.assertEqual(made.mode, Image.open(path).mode)
                    if name == "alpha.png":
                        np.testing.assert_array_equal(np.asarray(made)[..., 3], np.asarray(alpha))
                    else:
                        unit = 257 if name == "sixteen.png" else 1
                        self.assertLess(error(np.asarray(made) / unit, np.asarray(gray)),
                                        error(np.asarray(soft), np.asarray(gray)))


if __name__ == "__main__":
    unittest.main()
