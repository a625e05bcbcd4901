"""What `gpen restore` refuses: every kind of bad input, bad usage and bad models. It leaves nothing behind."""
import io
import os
import resource
import shutil
import signal
import struct
import subprocess
import unittest
import zlib

from PIL import Image

from restore_case import GPEN, OK, ROOT, SKIMAGE, SOME_FAILED, USAGE, RestoreCase, run


def flat_png(width, height):
    """A PNG of one colour that claims any size, in a few hundred kilobytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    packer = zlib.compressobj(9)
    row = b"\0" * (width * 3 + 1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


class RestoreRefusalsTest(RestoreCase):
    def test_truncated(self):
        photo = self.folder / "cut.jpg"
        buffer = io.BytesIO()
        Image.open(SKIMAGE / "astronaut.png").save(buffer, "JPEG")
        photo.write_bytes(buffer.getvalue()[:len(buffer.getvalue()) // 2])
        self.assert_refused(run("restore", photo), photo, "cut.jpg")

    def test_empty_random_and_foreign(self):
        cases = {"empty.jpg": b"", "random.png": os.urandom(5000), "page.jpg": b"<html><body>no</body>",
                 "film.jpg": b"\0\0\0\x18ftypisom\0\0\0\0", "doc.png": b"%PDF-1.4\n"}
        for name, data in cases.items():
            path = self.folder / name
            path.write_bytes(data)
            self.assert_refused(run("restore", path), path, name)

    def test_two_hundred_megapixels_are_refused_in_little_memory(self):
        path = self.folder / "huge.png"
        path.write_bytes(flat_png(20000, 10000))
        probe = subprocess.Popen([GPEN, "restore", path], stderr=subprocess.PIPE, text=True)
        _, message = probe.communicate(timeout=120)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertEqual(probe.returncode, SOME_FAILED)
        self.assertIn("200", message)
        self.assertIn("120", message)
        self.assertLess(peak, 600 << 10)
        self.assertEqual(self.files(), ["huge.png"])

    def test_missing_and_folder_in_place_of_a_file(self):
        self.assert_refused(run("restore", self.folder / "none.jpg"), None, "none.jpg", code=USAGE)
        photo = self.photo()
        (self.folder / "out.png").mkdir()
        result = run("restore", photo, "-o", self.folder / "out.png", "--force")
        self.assert_refused(result, photo, "out.png", code=USAGE)

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "root reads everything")
    def test_unreadable(self):
        photo = self.photo()
        photo.chmod(0)
        self.folder.chmod(0o755)
        command = [GPEN, "restore", photo]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        result = subprocess.run(command, capture_output=True, text=True)
        if any(word in result.stderr for word in ("cannot execute", "No such file", "model manifest")):
            self.skipTest("the program's folder is not open to other users")
        self.assertNotEqual(result.returncode, OK)
        self.assertIn("portrait.png", result.stderr)
        self.assertEqual(self.files(), ["portrait.png"])

    def test_full_disk(self):
        # A limit on the size of written files fails in the same calls as a full disk.
        photo = self.photo()
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        result = run("restore", photo, preexec_fn=limit)
        self.assert_refused(result, photo, "portrait.restored.png")

    def test_the_input_is_never_the_output(self):
        photo = self.photo()
        before = photo.read_bytes()
        for alias in (photo, self.folder / "." / "portrait.png"):
            result = run("restore", photo, "-o", alias, "--force")
            self.assert_refused(result, photo, "--in-place-with-backup", code=USAGE)
        link = self.folder / "link.png"
        link.symlink_to(photo)
        self.assertEqual(run("restore", photo, "-o", link, "--force").returncode, USAGE)
        self.assertEqual(photo.read_bytes(), before)

    def test_bad_usage(self):
        photo = self.photo()
        for arguments in (["restore"], ["restore", photo, "--strength", "101"],
                          ["restore", photo, "--mode", "soft"], ["restore", photo, "--nonsense"],
                          ["restore", photo, photo.parent, "-o", "x.png"], ["nonsense"], []):
            if "-o" in arguments:
                self.photo("second.png")
            self.assertEqual(run(*arguments).returncode, USAGE, arguments)

    def test_a_refused_option_says_what_is_expected_and_found(self):
        photo = self.photo()
        for option, value, expected in (("--strength", "101", "a whole number from 0 to 100"),
                                        ("--strength", "7.5", "a whole number from 0 to 100"),
                                        ("--min-face", "7", "a number from 8 to 4096"),
                                        ("--max-faces", "0", "a whole number from 1 to 1000"),
                                        ("--mode", "soft", "natural or strong"),
                                        ("--format", "gif", "jpeg, png, webp, tiff, heic or avif"),
                                        ("--quality", "0", "a whole number from 1 to 100")):
            result = run("restore", photo, option, value)
            self.assertEqual(result.returncode, USAGE)
            self.assertIn(f'{option}: expected {expected}, found "{value}"', result.stderr)
        self.assertEqual(self.files(), ["portrait.png"])

    def test_models_that_are_missing_or_damaged(self):
        photo = self.photo()
        models = self.folder / "models"
        shutil.copytree(ROOT / "models", models)
        model = models / "gpen-lite-256.onnx"
        good = model.read_bytes()
        model.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        result = run("restore", photo, "--models", models)
        self.assertEqual(result.returncode, SOME_FAILED)
        self.assertRegex(result.stderr, r"expected sha256 [0-9a-f]{64}.*found [0-9a-f]{64}")
        self.assertEqual(run("doctor", "--models", models).returncode, SOME_FAILED)
        model.unlink()
        self.assertIn("missing", run("restore", photo, "--models", models).stderr)
        model.write_bytes(good)
        (models / "face" / "landmarks-68.onnx").unlink()
        self.assertIn("./run.sh", run("restore", photo, "--models", models).stderr)
        self.assertIn("no-such", run("restore", photo, "--model", "no-such").stderr)


if __name__ == "__main__":
    unittest.main()
