"""`gpen restore` as a person runs it: real files in, real files out, and how it ends."""
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

import numpy as np
from PIL import Image

from restore_case import (GPEN, GROUP, INTERRUPTED, NOTHING_TO_DO, OK, ROOT, SKIMAGE, SOME_FAILED,
                          RestoreCase, pixels, run)


class RestoreTest(RestoreCase):
    # What works.

    def test_restores_beside_the_photo(self):
        photo = self.photo()
        photo.chmod(0o640)
        before = photo.read_bytes()
        result = run("restore", photo)
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(result.stderr, "", "nobody but the program speaks, and it has nothing to say")
        self.assertIn("1 of 1 faces restored", result.stdout)
        self.assertEqual(photo.read_bytes(), before)
        self.assertEqual(self.files(), ["portrait.png", "portrait.restored.png"])
        restored = self.folder / "portrait.restored.png"
        self.assertEqual(stat.S_IMODE(restored.stat().st_mode), 0o640)
        changed = np.any(pixels(restored) != pixels(photo), axis=2)
        self.assertGreater(changed.sum(), 2000)
        rows, columns = np.where(changed)
        self.assertLess(columns.max() - columns.min(), 200, "only the face is touched")
        self.assertLess(rows.max() - rows.min(), 200)

    def test_reports_json(self):
        photo = self.photo()
        result = run("restore", photo, "--json")
        report = json.loads(result.stdout)
        self.assertEqual((report["width"], report["height"], report["format"]), (512, 512, "png"))
        (face,) = report["faces"]
        self.assertEqual(len(face["landmarks"]), 68)
        self.assertFalse(face["skipped"])
        self.assertGreater(face["identity_similarity"], 0.5)
        self.assertGreater(face["scale"], 1)
        self.assertGreater(report["peak_memory_bytes"], 10 << 20)
        self.assertGreater(report["times_ms"]["network"], 0)
        self.assertEqual(report["model"].split()[0], "gpen-lite-256")

    def test_all_eight_orientations_give_the_same_picture(self):
        upright = Image.open(SKIMAGE / "astronaut.png").crop((60, 0, 420, 300))
        undo = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM,
                5: Image.TRANSPOSE, 6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}
        results = []
        for orientation, turn in undo.items():
            stored = upright.transpose(turn) if turn is not None else upright
            path = self.folder / f"o{orientation}.png"
            exif = Image.Exif()
            exif[0x0112] = orientation
            stored.save(path, exif=exif)
            self.assertEqual(run("restore", path).returncode, OK)
            restored = Image.open(self.folder / f"o{orientation}.restored.png")
            self.assertEqual(restored.getexif().get(0x0112, 1), 1)
            results.append(np.asarray(restored))
        for other in results[1:]:
            np.testing.assert_array_equal(other, results[0])

    def test_every_format_stays_what_it_is(self):
        source = Image.open(SKIMAGE / "astronaut.png")
        for extension, kind in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")):
            path = self.folder / f"a.{extension}"
            source.save(path, quality=90)
            self.assertEqual(run("restore", path).returncode, OK)
            self.assertEqual(Image.open(self.folder / f"a.restored.{extension}").format, kind)
        for extension, brand in (("heic", b"heic"), ("avif", b"avif")):
            made = run("restore", self.folder / "a.png", "-o", self.folder / f"made.{extension}")
            if "no encoder" in made.stderr:
                continue  # Depends on how Debian built libheif.
            self.assertEqual(made.returncode, OK, made.stderr)
            again = run("restore", self.folder / f"made.{extension}")
            self.assertEqual(again.returncode, OK, again.stderr)
            data = (self.folder / f"made.restored.{extension}").read_bytes()
            self.assertEqual(data[8:12], brand)

    def test_content_decides_and_not_the_extension(self):
        path = self.folder / "wrong.heic"
        Image.open(SKIMAGE / "astronaut.png").save(path, format="JPEG", quality=92)
        result = run("restore", path, "--json")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(json.loads(result.stdout)["format"], "jpeg")

    def test_signs_its_work(self):
        photo = self.folder / "a.jpg"
        exif = Image.Exif()
        exif[0x010F] = "Maker"
        Image.open(SKIMAGE / "astronaut.png").save(photo, exif=exif, quality=90)
        run("restore", photo)
        exif = Image.open(self.folder / "a.restored.jpg").getexif()
        self.assertIn("GPEN-NAS", exif[0x0131])
        self.assertIn("gpen-lite-256", exif[0x0131])
        self.assertEqual(exif[0x010F], "Maker")

    def test_folders_keep_their_tree_and_one_bad_file_stops_nothing(self):
        album = self.folder / "album"
        (album / "1978").mkdir(parents=True)
        (album / "@eaDir").mkdir()
        shutil.copy(SKIMAGE / "astronaut.png", album / "a.png")
        shutil.copy(SKIMAGE / "astronaut.png", album / "1978" / "b.png")
        shutil.copy(SKIMAGE / "astronaut.png", album / "@eaDir" / "thumb.png")
        (album / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much")
        (album / "notes.txt").write_text("not a photo")
        out = self.folder / "out"
        result = run("restore", album, "-r", "-d", out)
        self.assertEqual(result.returncode, SOME_FAILED)
        self.assertIn("broken.jpg", result.stderr)
        made = sorted(str(p.relative_to(out)) for p in out.rglob("*.png"))
        self.assertEqual(made, ["1978/b.restored.png", "a.restored.png"])
        # A second run has nothing to do but the broken one.
        (album / "broken.jpg").unlink()
        again = run("restore", album, "-r", "-d", out)
        self.assertEqual(again.returncode, NOTHING_TO_DO)
        self.assertIn("--force", again.stderr)

    def test_results_of_linked_photos_lie_in_the_output_folder(self):
        elsewhere = self.folder / "elsewhere"
        album = self.folder / "album"
        elsewhere.mkdir()
        (album / "1978").mkdir(parents=True)
        shutil.copy(SKIMAGE / "astronaut.png", elsewhere / "original.png")
        (album / "a.png").symlink_to(elsewhere / "original.png")
        (album / "1978" / "b.png").symlink_to("../../elsewhere/original.png")
        (self.folder / "link to album").symlink_to(album)
        before = {f for f in self.files() if not f.startswith("out")}
        # However the folder is named, and also where it is a link itself.
        for i, (named, cwd) in enumerate([(album, None), (f"{album}/", None), (album / ".." / "album", None),
                                          (".", album), ("../album", album),
                                          (self.folder / "link to album", None)]):
            out = self.folder / f"out{i}"
            result = run("restore", named, "-r", "-d", out, cwd=cwd)
            self.assertEqual(result.returncode, OK, result.stderr)
            made = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
            self.assertEqual(made, ["1978/b.restored.png", "a.restored.png"], named)
        self.assertEqual({f for f in self.files() if not f.startswith("out")}, before)

    def test_dry_run_writes_nothing(self):
        photo = self.photo()
        result = run("restore", photo, "--dry-run")
        self.assertEqual(result.returncode, OK)
        self.assertIn("portrait.restored.png", result.stdout)
        self.assertEqual(self.files(), ["portrait.png"])

    def test_in_place_keeps_the_original(self):
        photo = self.photo()
        before = photo.read_bytes()
        self.assertEqual(run("restore", photo, "--in-place-with-backup").returncode, OK)
        self.assertEqual((self.folder / "portrait.original.png").read_bytes(), before)
        self.assertNotEqual(photo.read_bytes(), before)
        # The backup is somebody's original: a second run must not replace it.
        self.assertEqual(run("restore", photo, "--in-place-with-backup", "--force").returncode,
                         NOTHING_TO_DO)
        self.assertEqual((self.folder / "portrait.original.png").read_bytes(), before)

    def test_saved_faces_have_names_of_their_own(self):
        """Of photos that share one, and of one whose name leaves no room for an ending."""
        photo = self.photo("a.png")
        for name in ("a.jpg", "é" * 125 + ".png"):
            shutil.copy(photo, self.folder / name)
        faces = self.folder / "faces"
        result = run("restore", self.folder, "--save-faces", faces)
        self.assertEqual(result.returncode, OK, result.stderr)
        names = sorted(path.name for path in faces.iterdir())
        self.assertEqual(len(names), 6, names)
        self.assertEqual(names[:4], ["a.face1.after.png", "a.face1.before.png", "a.png.face1.after.png",
                                     "a.png.face1.before.png"])

    def test_saved_faces_replace_nothing_without_force(self):
        photo, mine = self.photo(), self.photo("portrait.face1.after.png")
        before = mine.read_bytes()
        self.assertEqual(run("restore", photo, "--save-faces", self.folder).returncode, OK)
        self.assertEqual(mine.read_bytes(), before)
        self.assertIn("portrait.png.face1.after.png", self.files())
        run("restore", photo, "--save-faces", self.folder, "--force")
        self.assertNotEqual(mine.read_bytes(), before)

    def test_a_comparison_that_a_jpeg_cannot_hold_is_smaller(self):
        wide = self.folder / "wide.png"
        Image.linear_gradient("L").resize((20000, 20)).save(wide)
        result = run("restore", wide, "--enlarge", 2, "--compare")
        self.assertEqual(result.returncode, OK, result.stderr)
        width, height = Image.open(self.folder / "wide.compare.jpg").size
        self.assertLessEqual(width, 65500)
        self.assertAlmostEqual(width / 2 / height, 1000, delta=50)

    def test_compare_and_save_faces(self):
        photo = self.photo()
        result = run("restore", photo, "--compare", "--save-faces", self.folder / "faces")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(Image.open(self.folder / "portrait.compare.jpg").size, (1024, 512))
        for kind in ("before", "after"):
            face = Image.open(self.folder / f"faces/portrait.face1.{kind}.png")
            self.assertEqual(face.size, (256, 256))

    def test_aligned_face(self):
        self.photo()
        run("restore", self.folder / "portrait.png", "--save-faces", self.folder)
        face = self.folder / "portrait.face1.before.png"
        result = run("restore", face, "--aligned", "--strength", "100", "-o", self.folder / "f.png")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertIn("the whole picture restored", result.stdout)
        self.assertEqual(pixels(self.folder / "f.png").shape, (256, 256, 3))

    def test_aligned_wants_a_square(self):
        tall = self.folder / "tall.png"
        Image.new("RGB", (100, 120)).save(tall)
        self.assert_refused(run("restore", tall, "--aligned"), tall, "square", "100x120")

    def test_options_have_an_effect(self):
        small = self.folder / "small.png"
        Image.open(SKIMAGE / "astronaut.png").resize((300, 300)).save(small)
        results = {}
        for name, options in {"default": [], "weak": ["--strength", "20"],
                              "strong": ["--mode", "strong"], "tone": ["--no-protect-tone"],
                              "none": ["--min-face", "200"]}.items():
            out = self.folder / f"{name}.png"
            self.assertEqual(run("restore", small, "-o", out, *options).returncode, OK)
            results[name] = pixels(out).astype(int)
        change = {name: np.abs(result - pixels(small)).sum() for name, result in results.items()}
        self.assertGreater(change["default"], 2 * change["weak"])
        self.assertGreater(change["weak"], 0)
        self.assertEqual(change["none"], 0)
        self.assertTrue(np.any(results["strong"] != results["default"]))
        self.assertTrue(np.any(results["tone"] != results["default"]))
        for quality in (40, 90):
            run("restore", small, "-o", self.folder / f"q{quality}.jpg", "--quality", quality)
        self.assertLess((self.folder / "q40.jpg").stat().st_size,
                        (self.folder / "q90.jpg").stat().st_size / 1.5)

    # How it ends.

    def test_interrupt_finishes_cleanly(self):
        for i in range(40):
            shutil.copy(GROUP / "sample1.jpg", self.folder / f"p{i:02}.jpg")
        process = subprocess.Popen([GPEN, "restore", self.folder], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED)
        self.assertRegex(messages, r"\d+ restored, 0 failed, \d+ not begun")
        restored = [f for f in self.files() if ".restored." in f]
        self.assertGreaterEqual(len(restored), 1)
        self.assertLess(len(restored), 40)
        for name in restored:
            Image.open(self.folder / name).load()
        self.assertEqual([f for f in self.files() if f.startswith(".")], [])

    def test_doctor_tells_what_a_report_needs(self):
        result = run("doctor")
        self.assertEqual(result.returncode, OK, result.stdout)
        for word in ("GPEN-NAS", "threads usable", "MB available", "ONNX Runtime", "libvips",
                     "gpen-lite-256.onnx", "ultraface"):
            self.assertIn(word, result.stdout)
        shipped = len(list((ROOT / "models").glob("*.json")))
        self.assertEqual(len(re.findall(r"\bok\b.*sha256 [0-9a-f]{64}", result.stdout)), shipped + 4)


@unittest.skipUnless(shutil.which("qemu-x86_64"), "needs Debian's qemu-user")
@unittest.skipUnless(os.uname().machine == "x86_64", "x86 only")
class OldCpuTest(unittest.TestCase):
    """A Celeron without AVX, emulated."""

    def test_version_and_one_aligned_face(self):
        cpu = ["qemu-x86_64", "-cpu", "Nehalem", GPEN]
        version = subprocess.run([*cpu, "--version"], capture_output=True, text=True, timeout=300)
        self.assertIn("GPEN-NAS", version.stdout)
        with tempfile.TemporaryDirectory() as folder:
            face = pathlib.Path(folder) / "face.png"
            Image.open(SKIMAGE / "astronaut.png").crop((130, 20, 322, 212)).save(face)
            result = subprocess.run([*cpu, "restore", face, "--aligned"], capture_output=True,
                                    text=True, timeout=600)
            self.assertEqual(result.returncode, OK, result.stderr)
            restored = pixels(face.parent / "face.restored.png")
            self.assertEqual(restored.shape, (192, 192, 3))
            self.assertTrue(np.any(restored != pixels(face)))


if __name__ == "__main__":
    unittest.main()
