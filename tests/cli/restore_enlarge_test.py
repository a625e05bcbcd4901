"""`gpen restore --enlarge --clean`: the whole photo, its faces, its kinds, and what is refused."""
import json
import os
import pathlib
import unittest

import numpy as np
from PIL import Image, ImageFilter

from restore_case import OK, SKIMAGE, SOME_FAILED, RestoreCase, pixels, run


def reduced(values, scale):
    height, width = (length // scale for length in values.shape[:2])
    shape = (height, scale, width, scale) + values.shape[2:]
    return values[:height * scale, :width * scale].reshape(shape).mean((1, 3))


def error(one, other):
    return float(np.sqrt(np.mean((one.astype(float) - other.astype(float)) ** 2)))


class RestoreEnlargeTest(RestoreCase):
    def astronaut(self):
        return np.asarray(Image.open(SKIMAGE / "astronaut.png"))

    def save(self, name, values, **options):
        path = self.folder / name
        Image.fromarray(values).save(path, **options)
        return path

    def restore(self, path, *options):
        result = run("restore", path, "--json", "--force", *options)
        self.assertEqual(result.returncode, OK, result.stderr)
        report = json.loads(result.stdout)
        return report, pathlib.Path(report["output"])

    def small_astronaut(self, scale):
        small = Image.fromarray(self.astronaut()).resize((512 // scale,) * 2, Image.BICUBIC)
        return self.save("small.png", np.asarray(small))

    def test_an_enlarged_photo_is_nearer_to_the_true_one_than_a_bicubic_one(self):
        for scale in (2, 4):
            with self.subTest(scale):
                path = self.small_astronaut(scale)
                report, output = self.restore(path, "--enlarge", scale, "--strength", 0)
                self.assertEqual((report["enlarged"], report["cleaned"]), (scale, 0))
                self.assertEqual((report["result_width"], report["result_height"]), (512, 512))
                self.assertIn(f"photo-x{scale}", report["model"])
                self.assertGreater(report["times_ms"]["photo"], 0)
                bicubic = np.asarray(Image.open(path).resize((512, 512), Image.BICUBIC))
                self.assertLess(error(pixels(output), self.astronaut()), 0.95 * error(bicubic, self.astronaut()))

    def test_a_dark_photo_becomes_lighter_and_a_light_one_stays(self):
        true = self.astronaut()
        dark = self.save("dark.png", (true * 0.35).astype(np.uint8))
        report, output = self.restore(dark, "--lighten", 100, "--strength", 0)
        self.assertGreater(report["lightened"]["gain"], 2)
        self.assertEqual(report["lightened"]["percent"], 100)
        whole = error(pixels(output), true)
        self.assertLess(whole, 0.5 * error(pixels(dark), true))
        half = error(pixels(self.restore(dark, "--lighten", 50, "--strength", 0)[1]), true)
        self.assertGreater(half, whole)
        light = self.save("light.png", true)
        report, output = self.restore(light, "--lighten", 100, "--strength", 0)
        self.assertEqual(report["lightened"]["gain"], 1)
        self.assertEqual(output.read_bytes(), light.read_bytes())
        self.assertIn("lightened up to", run("restore", dark, "--preset", "camera-still", "--force").stdout)

    def test_a_noisy_photo_is_cleaned_before_it_is_enlarged_and_its_face_too(self):
        noise = np.random.default_rng(3).normal(0, 14, (512, 512, 3))
        path = self.save("noisy.png", np.uint8(np.clip(self.astronaut() + noise, 0, 255)))

        def grain(output):  # On the cheek.
            cheek = pixels(output).astype(float)
            factor = cheek.shape[0] // 512
            cheek = cheek[155 * factor:175 * factor, 250 * factor:280 * factor, 1]
            return float(np.abs(cheek[1:-1, 1:-1] - (cheek[:-2, 1:-1] + cheek[2:, 1:-1]) / 2).mean())
        noisy = grain(self.restore(path, "--strength", 100)[1])
        report, output = self.restore(path, "--strength", 100, "--clean", 60)
        self.assertEqual(report["faces_restored"], 1)
        self.assertLess(grain(output), 0.65 * noisy)
        report, output = self.restore(path, "--strength", 100, "--clean", 60, "--enlarge", 2)
        self.assertIn("photo-clean", report["model"])
        self.assertIn("photo-x2", report["model"])
        self.assertLess(grain(output), 0.4 * noisy)
        report, _ = self.restore(self.small_astronaut(2), "--clean", 60, "--enlarge", 2)
        self.assertNotIn("photo-clean", report["model"])  # Nothing is to be cleaned.

    def test_faces_are_restored_into_the_enlarged_photo(self):
        path = self.small_astronaut(2)
        without = pixels(self.restore(path, "--enlarge", 2, "--strength", 0)[1])
        report, output = self.restore(path, "--enlarge", 2, "--clean", 50, "--strength", 100)
        self.assertEqual(report["faces_restored"], 1)
        self.assertIn("gpen-lite", report["model"])
        self.assertIn("photo-x2", report["model"])
        found = pixels(output)
        self.assertEqual(found.shape, (512, 512, 3))
        cleaned = pixels(self.restore(path, "--enlarge", 2, "--clean", 50, "--strength", 0)[1])
        self.assertGreater(error(without, cleaned), 0.1)
        changed = np.abs(found.astype(int) - cleaned).max(2) > 8
        x, y, width, height = (2 * value for value in report["faces"][0]["box"])
        self.assertGreater(changed.sum(), 500)
        rows, columns = np.where(changed)
        middle = ((columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2)
        self.assertLess(abs(middle[0] - (x + width / 2)), width / 3, "where the face lies in the enlarged photo")
        self.assertLess(abs(middle[1] - (y + height / 2)), height / 3)
        self.assertLess(columns.max() - columns.min(), 2.5 * width)

    def test_cleaning_takes_noise_from_a_photo_without_faces(self):
        true = np.asarray(Image.open(SKIMAGE / "coffee.png"))
        noise = np.random.default_rng(1).normal(0, 14, true.shape)
        noisy = np.clip(true + noise, 0, 255).astype(np.uint8)
        report, output = self.restore(self.save("noisy.png", noisy), "--clean", 30)
        self.assertEqual((report["faces_restored"], report["cleaned"], report["enlarged"]), (0, 30, 1))
        found = pixels(output)
        self.assertEqual(found.shape, true.shape)
        self.assertLess(error(found, true), 0.95 * error(noisy, true))
        self.assertLess(np.abs(found.astype(float).mean((0, 1)) - noisy.mean((0, 1))).max(), 1, "no cast")

    def test_a_printed_picture_loses_its_dots_and_its_face_is_restored(self):
        fine, distance = 4, 4.0  # Drawn four times as fine as it is scanned.
        large = Image.fromarray(self.astronaut()).convert("L").resize((2048, 2048), Image.BICUBIC)
        true = np.asarray(large) / 255
        y, x = np.mgrid[:2048, :2048] * (2 * np.pi / (distance * fine) / np.sqrt(2))
        ink = (true > 0.5 + 0.25 * (np.cos(x + y) + np.cos(x - y))).astype(float)
        scan = np.asarray(Image.fromarray(np.uint8(255 * reduced(ink, fine))).filter(ImageFilter.GaussianBlur(0.5)))
        path = self.save("print.png", scan)
        report, output = self.restore(path, "--clean", 50, "--strength", 80)
        self.assertAlmostEqual(report["screen"], distance, delta=0.2)
        self.assertEqual(report["faces_restored"], 1)
        true = reduced(255 * true, fine)
        self.assertLess(error(pixels(output), true), 0.4 * error(scan, true))
        self.assertIn("without the dots", run("restore", path, "--clean", 50, "--force").stdout)
        report, _ = self.restore(self.save("photo.jpg", self.astronaut(), quality=30), "--clean", 50)
        self.assertNotIn("screen", report)

    def test_a_still_of_an_interlaced_video_is_made_one_again_and_its_face_is_restored(self):
        first = self.astronaut()
        still = first.copy()
        still[1::2] = np.roll(first, 11, 1)[1::2]
        path = self.save("still.jpg", still, quality=85)
        report, output = self.restore(path, "--clean", 30, "--strength", 50)
        self.assertTrue(report["interlaced"])
        self.assertEqual(report["faces_restored"], 1)
        self.assertLess(error(pixels(output), first), 0.5 * error(still, first))
        self.assertIn("no longer interlaced", run("restore", path, "--clean", 30, "--force").stdout)
        report, _ = self.restore(self.save("photo.jpg", first, quality=30), "--clean", 30)
        self.assertNotIn("interlaced", report)

    def test_a_print_on_textured_paper_loses_its_texture(self):
        true = np.asarray(Image.fromarray(self.astronaut()).resize((1024, 1024), Image.BICUBIC)).astype(float)
        y, x = np.mgrid[:1024, :1024] * (2 * np.pi / 11)
        waves = [np.cos(x * np.cos(angle) + y * np.sin(angle)) for angle in np.radians([17, 77, 137])]
        scan = np.uint8(np.clip(true + 6 * sum(waves)[..., None], 0, 255))
        path = self.save("silk.jpg", scan, quality=92)
        report, output = self.restore(path, "--clean", 30, "--strength", 50)
        self.assertAlmostEqual(report["paper"], 11, delta=0.7)
        self.assertEqual(report["faces_restored"], 1)
        self.assertLess(error(pixels(output), true), 0.6 * error(pixels(path), true))
        self.assertIn("without the texture", run("restore", path, "--clean", 30, "--force").stdout)

    def test_gray_alpha_and_sixteen_bits_are_kept(self):
        gray = np.asarray(Image.open(SKIMAGE / "camera.png").convert("L"))[:200, :240]
        cases = {"gray.png": gray, "gray.jpg": gray,
                 "alpha.png": np.dstack([self.astronaut()[:200, :240], gray]),
                 "sixteen.png": gray.astype(np.uint16) * 257}
        for name, values in cases.items():
            with self.subTest(name):
                path = self.save(name, values)
                _, output = self.restore(path, "--enlarge", 2, "--clean", 30, "--strength", 0)
                before, after = Image.open(path), Image.open(output)
                self.assertEqual(after.mode, before.mode)
                self.assertEqual(after.size, (2 * before.width, 2 * before.height))
                unit = 257 if name == "sixteen.png" else 1
                difference = reduced(np.asarray(after, float), 2) - values
                self.assertLess(np.abs(difference).mean(), 8 * unit)
        alpha = pixels(self.folder / "alpha.restored.png")[..., 3]
        self.assertLess(error(reduced(alpha, 2), gray), 8, "alpha stays alpha")
        deep = np.asarray(Image.open(self.folder / "sixteen.restored.png"))
        self.assertGreater(len(np.unique(deep)), 1000, "more than eight bits are there")

    def test_the_profile_is_kept(self):
        profile = b"\0" * 128 + os.urandom(64)
        path = self.save("profile.png", self.astronaut()[:100, :100], icc_profile=profile)
        _, output = self.restore(path, "--enlarge", 2, "--strength", 0)
        self.assertEqual(Image.open(output).info.get("icc_profile"), profile)

    def test_a_photo_that_becomes_too_large_is_refused_before_anything_is_done(self):
        path = self.save("large.png", np.zeros((3000, 4000), np.uint8))
        refused = run("restore", path, "--enlarge", 4)
        self.assert_refused(refused, path, "16000x12000", "enlarged 2 times it would fit", code=SOME_FAILED)

    def test_off_is_as_without(self):
        path = self.small_astronaut(1)
        plain = pathlib.Path(self.restore(path)[1]).read_bytes()
        self.assertEqual(pathlib.Path(self.restore(path, "--enlarge", 1, "--clean", 0)[1]).read_bytes(), plain)

    def test_compare_shows_both_at_the_new_size(self):
        path = self.small_astronaut(2)
        run("restore", path, "--enlarge", 2, "--compare", "--force")
        shown = [name for name in self.files() if "compare" in name]
        self.assertEqual(len(shown), 1)
        self.assertEqual(Image.open(self.folder / shown[0]).size, (1024, 512))


if __name__ == "__main__":
    unittest.main()
