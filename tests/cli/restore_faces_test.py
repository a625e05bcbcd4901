"""Which faces `gpen restore` and `gpen faces find` take: found in bad photos, marked by hand, left alone."""
import json
import unittest

import numpy as np
from PIL import Image

from restore_case import OK, SKIMAGE, SOME_FAILED, USAGE, RestoreCase, pixels, run


class RestoreFacesTest(RestoreCase):
    def save(self, name, values):
        path = self.folder / name
        Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8)).save(path)
        return path

    def faces(self, path, *options):
        result = run("restore", path, "--json", "--force", *options)
        self.assertEqual(result.returncode, OK, result.stderr)
        return json.loads(result.stdout)["faces"]

    def find(self, path):
        return json.loads(run("faces", "find", path, "--json").stdout)["faces"]

    def astronaut(self):
        return np.asarray(Image.open(SKIMAGE / "astronaut.png")).astype(float)

    def test_pupils_that_a_flash_has_made_red_are_dark_again(self):
        values = self.astronaut()
        y, x = np.mgrid[:512, :512]
        red = np.minimum(np.hypot(x - 207, y - 101), np.hypot(x - 247, y - 102)) < 3.2
        values[red] = (190, 40, 46)
        path = self.save("flash.png", values)
        result = run("restore", path, "--json")
        report = json.loads(result.stdout)
        self.assertEqual(report["red_eyes"], 2)
        pupils = pixels(self.folder / "flash.restored.png")[red].astype(int)
        self.assertLess(np.median(pupils.max(1) - pupils.min(1)), 30)
        self.assertIn("2 red eyes", run("restore", path, "--force").stdout)
        # Nothing of a face that is left alone.
        self.assertNotIn("red_eyes", json.loads(run("restore", path, "--json", "--force", "--strength", 0).stdout))
        self.assertNotIn("red_eyes", json.loads(run("restore", SKIMAGE / "astronaut.png", "--json", "-o",
                                                    self.folder / "o.png").stdout))

    def test_finds_the_face_in_dark_and_in_noise(self):
        noise = np.random.default_rng(1).normal(0, 1, self.astronaut().shape)
        for name, values in {"night.png": self.astronaut() * 0.16 + 5 * noise,
                             "grain.png": self.astronaut() + 40 * noise,
                             "faded.png": self.astronaut() * 0.3 + 120 + 3 * noise}.items():
            with self.subTest(name):
                (face,) = self.find(self.save(name, values))
                x, y, width, height = face["box"]
                self.assertLess(abs(x + width / 2 - 224), 25)
                self.assertLess(abs(y + height / 2 - 115), 30)
        self.assertEqual(self.find(self.save("noise.png", 110 + 40 * noise)), [])

    def test_finds_prints_that_lie_every_way_on_one_page(self):
        page = np.full((1100, 1100, 3), 40.0)
        for turns in range(4):
            top, left = 20 + 540 * (turns // 2), 20 + 540 * (turns % 2)
            page[top:top + 512, left:left + 512] = np.rot90(self.astronaut(), turns)
        faces = self.find(self.save("page.png", page))
        self.assertEqual(len(faces), 4)
        middles = {(int(face["box"][0]) // 560, int(face["box"][1]) // 560) for face in faces}
        self.assertEqual(len(middles), 4, "one on each print")

    def test_restores_what_a_person_marked(self):
        photo = self.photo("cat.png", "chelsea.png")
        (face,) = self.faces(photo, "--face", "150,40,150,150")
        self.assertTrue(face["by_hand"])
        self.assertFalse(face["skipped"])
        changed = np.any(pixels(self.folder / "cat.restored.png") != pixels(photo), axis=2)
        self.assertGreater(changed.sum(), 1000)
        rows, columns = np.where(changed)
        self.assertLess(columns.max() - columns.min(), 400, "only what was marked is touched")

    def test_a_marked_face_that_is_found_too_is_restored_once(self):
        (face,) = self.faces(self.photo(), "--face", "170,60,110,110", "--min-face", "400")
        self.assertTrue(face["by_hand"])
        self.assertFalse(face["skipped"], "a person's word counts more than --min-face")

    def test_leaves_alone_what_a_person_says(self):
        photo = self.photo()
        (face,) = self.faces(photo, "--leave", "200,90,50,50")
        self.assertTrue(face["skipped"])
        self.assertEqual(face["reason"], "as asked for (--leave)")
        self.assertTrue(np.array_equal(pixels(self.folder / "portrait.restored.png"), pixels(photo)))

    def test_refuses_marks_that_make_no_sense(self):
        photo = self.photo()
        outside = run("restore", photo, "--face", "600,10,50,50")
        self.assert_refused(outside, photo, "600,10,50,50", "outside of the photo", "512x512", code=SOME_FAILED)
        tiny = run("restore", photo, "--face", "10,10,2,2")
        self.assert_refused(tiny, photo, "10,10,2,2", "too small", "8 pixels", code=SOME_FAILED)
        for text in ("1,2,3", "1,2,0,4", "a,b,c,d"):
            result = run("restore", photo, "--face", text)
            self.assertNotEqual(result.returncode, OK)
            self.assertIn("expected X,Y,W,H", result.stderr)
        two = run("restore", photo, self.photo("second.png"), "--face", "1,2,30,40")
        self.assert_refused(two, photo, "--face", "expected one input, found 2", code=USAGE)


if __name__ == "__main__":
    unittest.main()
