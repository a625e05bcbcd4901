"""`gpen restore --repair`: damage is found and filled, everything else stays, and a person sees where."""
import json
import pathlib
import unittest

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from restore_case import OK, ROOT, SKIMAGE, SOME_FAILED, RestoreCase, pixels, run


@unittest.skipUnless((ROOT / "models/photo-repair.onnx").exists(), "models/photo-repair is not built")
class RestoreRepairTest(RestoreCase):
    def scene(self, name="coffee.png", side=400):
        return np.asarray(Image.open(SKIMAGE / name).convert("RGB"))[:side, :side]

    def scratched(self, values):
        """(the photo with white scratches, where they are)."""
        where = Image.new("L", (values.shape[1], values.shape[0]))
        draw = ImageDraw.Draw(where)
        draw.line([(30, 0), (42, values.shape[0])], 255, 2)
        draw.line([(80, 300), (350, 180)], 255, 2)
        draw.line([(200, 20), (215, 390)], 255, 2)
        mask = np.asarray(where) > 0
        damaged = values.copy()
        damaged[mask] = 250
        return damaged, mask

    def save(self, name, values, **options):
        path = self.folder / name
        Image.fromarray(values).save(path, **options)
        return path

    def restore(self, path, *options):
        result = run("restore", path, "--json", "--force", "--strength", 0, *options)
        self.assertEqual(result.returncode, OK, result.stderr)
        report = json.loads(result.stdout)
        return report, report["output"] and pathlib.Path(report["output"])

    @staticmethod
    def error(one, other, where):
        return float(np.sqrt(np.mean((one.astype(float) - other.astype(float))[where] ** 2)))

    def test_scratches_are_filled_and_the_rest_stays(self):
        true = self.scene()
        damaged, mask = self.scratched(true)
        report, output = self.restore(self.save("scratched.png", damaged), "--repair", 100)
        self.assertEqual(report["repaired"], 100)
        self.assertGreaterEqual(report["repaired_places"], 1)
        self.assertIn("photo-repair", report["model"])
        self.assertGreater(report["times_ms"]["repair"], 0)
        found = pixels(output)
        self.assertLess(self.error(found, true, mask), 0.6 * self.error(damaged, true, mask))
        touched = np.abs(found.astype(int) - damaged).max(2) > 0
        self.assertLessEqual(touched.mean(), report["repaired_share"] + 1e-6)
        about = np.asarray(Image.fromarray(mask).convert("L").filter(ImageFilter.MaxFilter(7))) > 0
        self.assertLess(touched[~about].mean(), 0.05)

    def test_the_more_is_wanted_the_more_is_filled(self):
        path = self.save("scratched.png", self.scratched(self.scene())[0])
        shares = [self.restore(path, "--repair", percent)[0]["repaired_share"] for percent in (1, 50, 100)]
        self.assertEqual(shares, sorted(shares))
        self.assertGreater(shares[2], shares[0])

    def test_gray_alpha_and_sixteen_bits_are_kept(self):
        damaged, mask = self.scratched(self.scene("camera.png"))
        gray = damaged[..., 0]
        cases = {"gray.png": gray, "alpha.png": np.dstack([damaged, np.roll(gray, 7)]),
                 "gray_in_colours.png": damaged, "sixteen.png": gray.astype(np.uint16) * 257}
        for name, values in cases.items():
            with self.subTest(name):
                path = self.save(name, values)
                report, output = self.restore(path, "--repair", 100)
                self.assertGreaterEqual(report["repaired_places"], 1)
                before, after = Image.open(path), Image.open(output)
                self.assertEqual((after.mode, after.size), (before.mode, before.size))
                changed = np.asarray(before) != np.asarray(after)
                self.assertTrue(changed.any())
                self.assertGreater((changed if changed.ndim == 2 else changed.any(2))[mask].mean(), 0.3)
        alpha = pixels(self.folder / "alpha.restored.png")[..., 3]
        np.testing.assert_array_equal(alpha, np.roll(gray, 7))
        found = pixels(self.folder / "gray_in_colours.restored.png").astype(int)
        self.assertEqual(np.ptp(found, axis=2).max(), 0, "gray stays gray")

    def test_the_profile_is_kept(self):
        profile = b"\0" * 128 + bytes(range(64))
        path = self.save("profile.png", self.scratched(self.scene())[0], icc_profile=profile)
        _, output = self.restore(path, "--repair", 100)
        self.assertEqual(Image.open(output).info.get("icc_profile"), profile)

    def test_compare_shows_what_was_repaired(self):
        damaged, mask = self.scratched(self.scene())
        path = self.save("scratched.png", damaged)
        self.restore(path, "--repair", 100, "--compare")
        shown = [name for name in self.files() if "compare" in name]
        self.assertEqual(len(shown), 1)
        sheet = np.asarray(Image.open(self.folder / shown[0]).convert("RGB")).astype(int)
        self.assertEqual(sheet.shape, (400, 1200, 3))
        marked = sheet[:, 400:800]
        self.assertLess(np.abs(sheet[:, :400] - damaged).mean(), 12, "left: before")
        self.assertGreater((marked[..., 0] - marked[..., 1])[mask].mean(), 60, "middle: marked in a colour of its own")

    def test_a_photo_without_damage_is_its_own_bytes(self):
        flat = np.tile(np.linspace(60, 180, 200).astype(np.uint8)[:, None, None], (1, 220, 3))
        path = self.save("flat.png", flat)
        report, output = self.restore(path, "--repair", 100)
        self.assertEqual(report["repaired_places"], 0)
        self.assertEqual(output.read_bytes(), path.read_bytes())
        said = run("restore", path, "--force", "--strength", 0, "--repair", 100)
        self.assertIn("no damage found", said.stdout)

    def test_off_is_as_without(self):
        path = self.save("scratched.png", self.scratched(self.scene())[0])
        report, output = self.restore(path)
        self.assertNotIn("repaired", report)
        self.assertEqual(output.read_bytes(), path.read_bytes())
        self.assertEqual(self.restore(path, "--repair", 0)[1].read_bytes(), path.read_bytes())

    def test_repairing_comes_before_enlarging(self):
        true = self.scene()
        path = self.save("scratched.png", self.scratched(true)[0])
        report, output = self.restore(path, "--repair", 100, "--enlarge", 2)
        self.assertEqual(Image.open(output).size, (800, 800))
        self.assertGreaterEqual(report["repaired_places"], 1)
        self.assertIn("photo-x2", report["model"])
        self.assertIn("photo-repair", report["model"])

    def test_what_is_drawn_is_filled_without_the_network(self):
        true = self.scene()
        damaged, mask = self.scratched(true)
        path = self.save("scratched.png", damaged)
        report, output = self.restore(path, "--damage", "6,30,0,42,399", "--damage", "5,80,300,350,180;9,5,5")
        self.assertEqual((report["repaired"], report["repaired_places"]), (0, 3))
        self.assertNotIn("photo-repair", report["model"])
        found = pixels(output)
        drawn = mask.copy()
        drawn[:, 190:225] = False
        self.assertLess(self.error(found, true, drawn), 0.2 * self.error(damaged, true, drawn))
        self.assertEqual(np.abs(found.astype(int) - damaged)[:, 360:].max(), 0, "nothing was drawn there")
        np.testing.assert_array_equal(found[20:220, 200:210], damaged[20:220, 200:210], "nor over this scratch")

    def test_what_is_said_to_be_undamaged_stays(self):
        damaged, _ = self.scratched(self.scene())
        path = self.save("scratched.png", damaged)
        report, _ = self.restore(path, "--repair", 100)
        self.assertGreater(report["repaired_places"], 0)
        # Across the whole photo.
        report, output = self.restore(path, "--repair", 100, "--undamaged", "400,200,0,200,400")
        self.assertEqual(report["repaired_places"], 0)
        self.assertEqual(output.read_bytes(), path.read_bytes())
        # Also what was drawn as damage itself.
        stroke = "20,50,50,150,150"
        report, output = self.restore(path, "--damage", stroke, "--undamaged", stroke)
        self.assertNotIn("repaired_places", report)
        self.assertEqual(output.read_bytes(), path.read_bytes())

    def test_strokes_outside_of_the_photo_are_refused(self):
        path = self.save("photo.png", self.scene())
        result = run("restore", path, "--damage", "9,5000,5000,6000,6000")
        self.assertEqual(result.returncode, SOME_FAILED)
        self.assertIn("outside of the photo", result.stderr)

    def test_strokes_that_are_none_are_refused(self):
        path = self.save("photo.png", self.scene())
        for text in ("5,1", "5,1,2,3", "500,1,2", "x"):
            said = run("restore", path, "--damage", text).stderr
            self.assertIn("--damage", said)
            self.assertIn("WIDTH,X,Y,X,Y", said)

    def test_a_strength_out_of_bounds_is_refused(self):
        path = self.save("photo.png", self.scene())
        self.assertIn("a whole number from 0 to 100", run("restore", path, "--repair", 101).stderr)


if __name__ == "__main__":
    unittest.main()
