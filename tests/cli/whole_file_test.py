"""Whether a photo's file is whole: what is taken with a warning, what is refused, what an option takes."""
import io
import json
import pathlib
import shutil
import unittest

from PIL import Image

from restore_case import OK, SKIMAGE, SOME_FAILED, RestoreCase, run

CASES = pathlib.Path(__file__).parent / "cases"


class WholeFileTest(RestoreCase):
    def jpeg(self, **options):
        data = io.BytesIO()
        Image.open(SKIMAGE / "astronaut.png").convert("RGB").save(data, "JPEG", quality=90, **options)
        return data.getvalue()

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def restore(self, path, *options):
        result = run("restore", path, "--json", *options)
        return result, json.loads(result.stdout)

    def test_only_the_end_mark_is_missing(self):
        for options in ({}, {"progressive": True}, {"subsampling": 0}):
            path = self.write("photo.jpg", self.jpeg(**options)[:-2])
            result, report = self.restore(path, "--force")
            self.assertEqual(result.returncode, OK, result.stderr)
            self.assertTrue(any("end mark is missing" in w for w in report["warnings"]), report)

    def test_half_a_jpeg_is_refused_unless_it_is_wanted(self):
        data = self.jpeg()
        for cut in (len(data) // 2, len(data) - 300):
            path = self.write("half.jpg", data[:cut])
            result, report = self.restore(path, "--force")
            self.assertEqual(result.returncode, SOME_FAILED, cut)
            self.assertIn("cut short", report["error"]["message"])
            result, report = self.restore(path, "--take-damaged", "--force")
            self.assertEqual(result.returncode, OK, result.stderr)
            self.assertTrue(any("damaged" in w for w in report["warnings"]), report)

    def test_half_of_other_formats(self):
        source = self.photo()
        for extension in ("png", "tif", "webp", "heic"):
            made = run("restore", source, "-o", self.folder / f"made.{extension}", "--force")
            if "no encoder" in made.stderr:
                continue
            data = (self.folder / f"made.{extension}").read_bytes()
            path = self.write(f"half.{extension}", data[:len(data) * 2 // 3])
            result, report = self.restore(path)
            self.assertEqual(result.returncode, SOME_FAILED, extension)
            self.assertIn("again", report["error"]["message"])
            if extension == "png":
                result, report = self.restore(path, "--take-damaged", "--force")
                self.assertEqual(result.returncode, OK, result.stderr)
                self.assertTrue(any("not whole" in w for w in report["warnings"]), report)

    def test_damage_inside_is_a_warning(self):
        shutil.copy(CASES / "j_restart_damaged.jpg", self.folder)
        result, report = self.restore(self.folder / "j_restart_damaged.jpg")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertTrue(any("damaged inside" in w for w in report["warnings"]), report)
        data = bytearray(self.jpeg())
        data[len(data) // 2:len(data) // 2 + 400] = b"\xff\0" * 200  # No code has so many ones.
        result, report = self.restore(self.write("hole.jpg", bytes(data)))
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertTrue(any("damaged inside" in w for w in report["warnings"]), report)

    def test_a_wrong_code_that_can_be_read_is_a_warning(self):
        """Blocks follow that nobody meant, or colours that are all shifted: libjpeg says little or nothing."""
        data = self.jpeg()
        first = data.index(b"\xff\xda") + 14
        warned = 0
        for at in range(first + 2000, len(data) - 4000, (len(data) - first) // 12):
            damaged = bytearray(data)
            damaged[at:at + 16] = bytes(range(16, 32))
            result, report = self.restore(self.write("hit.jpg", bytes(damaged)), "--strength", "0", "--force")
            self.assertEqual(result.returncode, OK, result.stderr)
            warned += any("damaged inside" in w for w in report["warnings"])
        self.assertGreaterEqual(warned, 8)

    def test_a_whole_photo_has_no_warning(self):
        for name, data in (("a.jpg", self.jpeg()), ("b.jpg", self.jpeg(progressive=True)),
                           ("c.jpg", self.jpeg() + b"\0" * 5000),
                           ("d.jpg", self.jpeg()[:-2] + b"\0" * 300 + b"\xff\xd9")):
            result, report = self.restore(self.write(name, data))
            self.assertEqual(result.returncode, OK, result.stderr)
            self.assertEqual(report["warnings"], [], name)

    def test_space_that_is_still_to_be_filled(self):
        """The size is right, the second half is zeros: no decoder says so."""
        source = self.photo()
        for extension in ("heic", "avif", "webp"):
            made = run("restore", source, "-o", self.folder / f"made.{extension}", "--force")
            if "no encoder" in made.stderr:
                continue
            data = (self.folder / f"made.{extension}").read_bytes()
            path = self.write(f"half.{extension}", data[:len(data) // 2] + bytes(len(data) - len(data) // 2))
            result, report = self.restore(path)
            self.assertEqual(result.returncode, SOME_FAILED, extension)
            self.assertIn("zeros", report["error"]["message"])
            self.assertIn("copy it again", report["error"]["message"])

    def test_a_blank_webp_is_whole(self):
        """Of one colour, or with a blank margin: its encoder writes hundreds of zeros at the end."""
        scan = Image.new("RGB", (1600, 1200), "white")
        scan.paste(Image.open(SKIMAGE / "astronaut.png").convert("RGB").resize((1600, 700)))
        for name, picture in (("blank", Image.new("RGB", (2000, 1500), (200, 30, 40))), ("margin", scan)):
            data = io.BytesIO()
            picture.save(data, "WEBP", quality=80)
            self.assertTrue(data.getvalue().endswith(bytes(256)), name)
            result, report = self.restore(self.write(f"{name}.webp", data.getvalue()), "--strength", "0")
            self.assertEqual(result.returncode, OK, result.stderr)
            self.assertNotIn("error", report)


if __name__ == "__main__":
    unittest.main()
