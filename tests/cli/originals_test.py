"""Photos come to no harm: nothing restored, nothing written; a backup is the original itself; dates stay."""
import json
import os
import stat
import subprocess
import unittest

from PIL import Image

from restore_case import NOTHING_TO_DO, OK, SKIMAGE, RestoreCase, run

LONG_AGO = 1_000_000_000


class OriginalsTest(RestoreCase):
    def dated(self, path):
        os.utime(path, (LONG_AGO + 5, LONG_AGO))
        return path

    def landscape(self, name="hills.jpg"):
        """A photo without a face, with bytes behind its end that only a copy keeps."""
        path = self.folder / name
        Image.linear_gradient("L").resize((320, 240)).convert("RGB").save(path, quality=90)
        path.write_bytes(path.read_bytes() + b"a clip of a motion photo")
        return self.dated(path)

    def test_without_a_face_the_bytes_are_copied(self):
        photo = self.landscape()
        result = run("restore", photo)
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertIn("no face was found", result.stdout)
        self.assertEqual((self.folder / "hills.restored.jpg").read_bytes(), photo.read_bytes())

    def test_without_a_face_nothing_is_written_in_place(self):
        photo = self.landscape()
        before = photo.read_bytes()
        status = photo.stat()
        result = run("restore", photo, "--in-place-with-backup", "--compare", "--json")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertIsNone(json.loads(result.stdout)["output"])
        self.assertEqual(self.files(), ["hills.jpg"])
        self.assertEqual(photo.read_bytes(), before)
        now = photo.stat()
        self.assertEqual((now.st_ino, now.st_mtime_ns, now.st_ctime_ns),
                         (status.st_ino, status.st_mtime_ns, status.st_ctime_ns))

    def test_faces_that_are_left_alone_restore_nothing(self):
        for option, value in (("--strength", 0), ("--min-face", 400)):
            photo = self.photo()
            before = photo.read_bytes()
            result = run("restore", photo, option, value, "--force")
            self.assertEqual(result.returncode, OK, result.stderr)
            self.assertIn("0 of 1 faces restored", result.stdout)
            self.assertEqual((self.folder / "portrait.restored.png").read_bytes(), before)
            result = run("restore", photo, option, value, "--in-place-with-backup")
            self.assertEqual(result.returncode, OK, result.stderr)
            self.assertFalse((self.folder / "portrait.original.png").exists())

    def test_faces_that_are_left_alone_by_hand_restore_nothing(self):
        photo = self.photo()
        before, status = photo.read_bytes(), photo.stat()
        for others in ((), ("--compare",), ("--fading", 0, "--clean", 0), ("--remove-place",),
                       ("--preset", "faces-only"), ("--leave", "600,600,4,4")):
            result = run("restore", photo, "--leave", "0,0,512,512", *others, "--in-place-with-backup", "--json")
            self.assertEqual(result.returncode, OK, result.stderr)
            report = json.loads(result.stdout)
            self.assertEqual((report["output"], report["faces_restored"]), (None, 0), others)
            self.assertEqual(self.files(), ["portrait.png"], others)
        self.assertEqual(photo.read_bytes(), before)
        self.assertEqual((photo.stat().st_ino, photo.stat().st_mtime_ns), (status.st_ino, status.st_mtime_ns))
        # Where something else is restored, it is written, and the face stays as it was.
        result = run("restore", photo, "--leave", "0,0,512,512", "--enlarge", 2, "--in-place-with-backup", "--json")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(json.loads(result.stdout)["faces_restored"], 0)
        self.assertEqual(self.files(), ["portrait.original.png", "portrait.png"])
        self.assertEqual((self.folder / "portrait.original.png").read_bytes(), before)

    def test_another_format_is_made_without_a_face_too(self):
        photo = self.landscape()
        self.assertEqual(run("restore", photo, "--format", "png").returncode, OK)
        self.assertEqual(Image.open(self.folder / "hills.restored.png").format, "PNG")

    def test_a_backup_is_the_original_itself(self):
        photo = self.dated(self.photo())
        photo.chmod(0o640)
        try:
            os.setxattr(photo, "user.xdg.tags", b"family")
            has_attributes = True
        except OSError:
            has_attributes = False
        before, status = photo.read_bytes(), photo.stat()
        self.assertEqual(run("restore", photo, "--in-place-with-backup").returncode, OK)
        backup = self.folder / "portrait.original.png"
        self.assertEqual(backup.read_bytes(), before)
        kept = backup.stat()
        self.assertEqual((kept.st_ino, kept.st_mtime_ns, kept.st_mode, kept.st_uid, kept.st_nlink),
                         (status.st_ino, status.st_mtime_ns, status.st_mode, status.st_uid, 1))
        self.assertNotEqual(photo.read_bytes(), before)
        self.assertEqual(stat.S_IMODE(photo.stat().st_mode), 0o640)
        self.assertEqual(photo.stat().st_mtime, LONG_AGO)
        if has_attributes:
            for path in (photo, backup):
                self.assertEqual(os.getxattr(path, "user.xdg.tags"), b"family")

    def test_access_lists_go_with_a_photo_that_is_replaced(self):
        photo = self.photo()
        try:
            granted = subprocess.run(["setfacl", "-m", "u:65534:rw", photo], capture_output=True)
        except FileNotFoundError:
            self.skipTest("needs Debian's acl")
        if granted.returncode != 0:
            self.skipTest("no access lists here")
        self.assertEqual(run("restore", photo, "--in-place-with-backup").returncode, OK)
        for name in ("portrait.png", "portrait.original.png"):
            rules = subprocess.run(["getfacl", "-n", self.folder / name], capture_output=True, text=True)
            self.assertIn("user:65534:rw-", rules.stdout)

    def test_a_photo_without_an_access_list_gets_none_from_its_folder(self):
        photo = self.photo()
        try:
            granted = subprocess.run(["setfacl", "-d", "-m", "u:65534:rw", self.folder], capture_output=True)
        except FileNotFoundError:
            self.skipTest("needs Debian's acl")
        if granted.returncode != 0:
            self.skipTest("no access lists here")
        self.assertEqual(run("restore", photo, "--in-place-with-backup").returncode, OK)
        rules = subprocess.run(["getfacl", "-n", photo], capture_output=True, text=True)
        self.assertNotIn("65534", rules.stdout)
        self.assertEqual(stat.S_IMODE(photo.stat().st_mode), 0o644)

    def test_a_backup_that_is_there_stops_nothing_else(self):
        photo = self.photo()
        (self.folder / "portrait.original.png").write_bytes(b"somebody's")
        self.assertEqual(run("restore", photo, "--in-place-with-backup").returncode, NOTHING_TO_DO)
        self.assertEqual((self.folder / "portrait.original.png").read_bytes(), b"somebody's")

    def test_results_get_the_date_of_their_photo(self):
        photo = self.dated(self.photo())
        self.assertEqual(run("restore", photo).returncode, OK)
        self.assertEqual((self.folder / "portrait.restored.png").stat().st_mtime, LONG_AGO)
        self.assertEqual(run("restore", photo, "--no-keep-date", "--force").returncode, OK)
        self.assertGreater((self.folder / "portrait.restored.png").stat().st_mtime, LONG_AGO + 1000)


if __name__ == "__main__":
    unittest.main()
