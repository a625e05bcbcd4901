"""Watched folders from outside: options, replaced and odd files, polling, mounts, full disks."""

import io
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest
import zipfile

import requests
from PIL import Image, ImageChops

from watched_service import WatchedService, check_whole, picture, visible, wait_for

ROOT_USER = os.geteuid() == 0


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


def unmount(path):
    subprocess.run(["umount", "-l", str(path)], capture_output=True)


def difference(one, other):
    """The largest, of any value of any pixel."""
    pictures = [Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other)]
    return max(high for low, high in ImageChops.difference(*pictures).getextrema())


class FolderTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="gpen-photos-")
        self.addCleanup(self.temporary.cleanup)
        self.base = pathlib.Path(self.temporary.name)
        self.photos = self.base / "photos"
        self.photos.mkdir()

    def serve(self, **options):
        service = WatchedService([{"name": "family", "path": self.photos, **options}])
        service.start()
        self.addCleanup(service.__exit__)
        return service

    def put(self, name, data):
        """As a careful program does it: whole or not at all."""
        path = self.photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / ".incoming"
        temporary.write_bytes(data)
        temporary.rename(path)
        return data


class Folders(FolderTest):
    def test_a_photo_is_found_enhanced_and_served(self):
        service = self.serve()
        face = self.put("2024/face.jpg", picture("jpg", 1, True))
        plain = self.put("2024/plain.png", picture("png", 2, False))
        os.chmod(self.photos / "2024/face.jpg", 0o640)
        (self.photos / "notes.txt").write_text("no photo")
        service.wait_until("family", "both photos", done=2, waiting=0, failed=0, state="watching")
        result = (self.photos / "2024/enhanced/face.jpg").read_bytes()
        self.assertNotEqual(result, face)
        self.assertEqual(check_whole(result).size, (144, 144))
        self.assertEqual((self.photos / "2024/enhanced/plain.png").read_bytes(), plain)
        self.assertEqual(visible(self.photos), ["2024/enhanced/face.jpg", "2024/enhanced/plain.png",
                                                "2024/face.jpg", "2024/plain.png", "notes.txt"])
        job = next(job for job in service.jobs() if job["name"] == "family/2024/face.jpg")
        self.assertEqual((job["state"], job["priority"]), ("done", "watch"))
        self.assertEqual(requests.get(service.url + job["result"]["url"]).content, result)
        self.assertEqual(requests.get(service.url + job["result"]["before"]).status_code, 200)
        view = f"{service.url}/api/v1/jobs/{job['id']}/view/"
        self.assertEqual(requests.get(view + "before").content, face)
        self.assertEqual(requests.get(view + "after").content, result)
        (self.photos / "2024/enhanced/face.jpg").unlink()
        self.assertEqual(requests.get(service.url + job["result"]["url"]).status_code, 404)
        self.assertEqual(requests.get(view + "after").status_code, 404)
        self.assertEqual(list((service.data / "uploads").iterdir()), [], "nothing is copied")
        self.assertEqual(list((service.data / "outputs").iterdir()), [], "nothing is kept twice")
        metrics = requests.get(service.url + "/metrics").text
        self.assertIn('gpen_watch_files{folder="family",state="done"} 2', metrics)

    def test_aligned_faces_are_restored_as_they_are(self):
        service = self.serve(aligned=True, without_faces="skip", strength=100)
        face = self.put("face.png", picture("png", 1, True))
        service.wait_until("family", "it", done=1, waiting=0, failed=0)
        result = (self.photos / "enhanced/face.png").read_bytes()
        self.assertNotEqual(result, face)
        self.assertEqual(check_whole(result).size, (144, 144))

    def test_only_photos_with_faces_into_another_root(self):
        output = self.base / "out"
        service = self.serve(output=output, without_faces="skip", format="jpeg", strength=50)
        self.put("a/face.png", picture("png", 1, True))
        self.put("a/face.webp", picture("webp", 2, True))
        self.put("a/plain.jpg", picture("jpg", 3, False))
        service.wait_until("family", "all", done=3, waiting=0)
        self.assertEqual(len(visible(output)), 2)
        for name in visible(output):
            self.assertTrue(name.endswith(".jpg"))
            self.assertEqual(check_whole((output / name).read_bytes()).format, "JPEG")
        self.assertIn("a/face.jpg", visible(output))

    def test_renamed_replaced_copied_and_bad_photos(self):
        service = self.serve()
        face = self.put("a.jpg", picture("jpg", 1, True))
        service.wait_until("family", "the first", done=1, waiting=0)
        first = (self.photos / "enhanced/a.jpg").read_bytes()
        # Renamed: the result goes along, and nothing is computed.
        (self.photos / "a.jpg").rename(self.photos / "b.jpg")
        wait_for(lambda: visible(self.photos / "enhanced") == ["b.jpg"], "the result's move")
        self.assertEqual((self.photos / "enhanced/b.jpg").read_bytes(), first)
        job = service.jobs()[0]["id"]
        wait_for(lambda: requests.get(f"{service.url}/api/v1/jobs/{job}/result").content == first, "the job's result")
        self.assertEqual(requests.get(f"{service.url}/api/v1/jobs/{job}/view/before").content, face)
        # Copied: a result of its own, taken from the first one.
        self.put("copy.jpg", face)
        service.wait_until("family", "the copy", done=2, waiting=0)
        self.assertEqual((self.photos / "enhanced/copy.jpg").read_bytes(), first)
        # Replaced by another one: the result is the new one's.
        self.put("b.jpg", picture("jpg", 2, True))
        wait_for(lambda: (self.photos / "enhanced/b.jpg").read_bytes() != first, "the new result")
        # Damaged, unreadable and deleted ones.
        self.put("bad.jpg", picture("jpg", 3, True)[:1000])
        self.put("empty.png", b"")
        state = service.wait_until("family", "the bad ones", failed=2, waiting=0, done=2)
        self.assertEqual(state["state"], "watching")
        self.put("bad.jpg", picture("jpg", 3, True))
        service.wait_until("family", "the mended one", failed=1, waiting=0, done=3)
        # The ledger knows of a result a moment before the queue.
        wait_for(lambda: all(job["state"] in ("done", "failed", "cancelled") for job in service.jobs()),
                 "the end of all jobs")

    def test_odd_names(self):
        service = self.serve()
        names = [b"\xff\xfe not utf-8.png", b"line\nbreak.png", "照片 ü.png".encode(), b"-rf *.png", b"%41\\\".png"]
        for i, name in enumerate(names):
            path = os.path.join(os.fsencode(self.photos), name)
            with open(path, "wb") as file:
                file.write(picture("png", i, False))
        service.wait_until("family", "odd names", done=len(names), waiting=0, failed=0)
        for name in names:
            self.assertTrue(os.path.exists(os.path.join(os.fsencode(self.photos), b"enhanced", name)), name)
        service.jobs()  # It is JSON all the same.

    def test_backlog_waits_outside_the_queue(self):
        for i in range(300):
            self.put(f"{i % 7}/{i}.png", picture("png", i, False))
        service = self.serve()
        requests.post(service.url + "/api/v1/queue/pause")
        service.wait_until("family", "the backlog", waiting=300)
        queued = requests.get(service.url + "/api/v1/queue").json()["counts"]["queued"]
        self.assertLessEqual(queued, 16)
        # A person goes before all of it.
        answer = requests.post(service.url + "/api/v1/jobs", files={"image": picture("png", 999, False)})
        requests.post(service.url + "/api/v1/queue/resume")
        mine = answer.json()["jobs"][0]["id"]
        wait_for(lambda: requests.get(f"{service.url}/api/v1/jobs/{mine}").json()["state"] == "done", "mine")
        self.assertGreater(service.folder("family")["waiting"], 200)

    def test_deleted_while_it_waits(self):
        service = self.serve()
        requests.post(service.url + "/api/v1/queue/pause")
        self.put("a.png", picture("png", 1, False))
        self.put("b.png", picture("png", 2, False))
        wait_for(lambda: len(service.jobs()) == 2, "two jobs")
        (self.photos / "a.png").unlink()
        self.put("b.png", picture("png", 3, False))
        requests.post(service.url + "/api/v1/queue/resume")
        service.wait_until("family", "the rest", done=1, waiting=0, failed=0)
        self.assertEqual(visible(self.photos / "enhanced"), ["b.png"])
        self.assertEqual((self.photos / "enhanced/b.png").read_bytes(), picture("png", 3, False))

    def test_polling_by_configuration(self):
        service = self.serve(always_poll=True)
        self.put("deep/er/a.png", picture("png", 1, False))
        service.wait_until("family", "the photo", done=1, waiting=0, state="polling")

    def test_a_network_writer_that_rests_in_the_middle_of_a_photo(self):
        """Nobody tells when such a writer closes its file: here it is closed at once, and half of it there."""
        service = self.serve(always_poll=True, cut_short_seconds=60)
        photos = {f"half.{kind}": picture(kind, i, True) for i, kind in enumerate(("jpg", "png", "webp", "tif"))}
        for name, data in photos.items():
            (self.photos / name).write_bytes(data[:len(data) // 2])
        (self.photos / "reserved.jpg").write_bytes(bytes(5000))  # Windows takes the space first.
        service.wait_until("family", "the halves", waiting=5)
        time.sleep(4)  # Several times stable_seconds and poll_seconds.
        self.assertEqual(service.jobs(), [], "no half photo is taken")
        for name, data in photos.items():
            with open(self.photos / name, "ab") as file:
                file.write(data[len(data) // 2:])
        (self.photos / "reserved.jpg").write_bytes(picture("jpg", 9, True))
        service.wait_until("family", "the whole ones", done=5, waiting=0, failed=0)
        self.assertEqual(sorted(job["state"] for job in service.jobs()), ["done"] * 5)
        for name, data in photos.items():
            self.assertNotEqual((self.photos / "enhanced" / name).read_bytes(), data, name)

    def test_faces_of_a_watched_photo_are_blended_again(self):
        service = self.serve()
        self.put("face.png", picture("png", 1, True))
        self.put("plain.png", picture("png", 2, False))
        os.chmod(self.photos / "face.png", 0o640)
        service.wait_until("family", "both", done=2, waiting=0)
        output = self.photos / "enhanced/face.png"
        first = output.read_bytes()
        ids = {job["name"]: job["id"] for job in service.jobs()}
        wait_for(lambda: all(job["state"] == "done" for job in service.jobs()), "the jobs")
        archive = zipfile.ZipFile(io.BytesIO(requests.get(service.url + "/api/v1/zip").content))
        self.assertEqual(requests.get(service.url + "/api/v1/zip?state=failed").status_code, 400)
        self.assertEqual({name: archive.read(name) for name in archive.namelist()}["face.restored.png"], first)
        blend = f"{service.url}/api/v1/jobs/{ids['family/face.png']}/blend"
        self.assertEqual(requests.get(blend).json()["in_folder"], True)
        self.assertEqual(requests.post(blend + "/folder").status_code, 409, "nothing was changed")
        state = requests.post(blend, json={"faces": [0]}).json()
        seen = [state[name] for name in ("available", "adjusted", "in_folder", "faces")]
        self.assertEqual(seen, [True, True, False, [0]])
        self.assertEqual(output.read_bytes(), first, "the folder waits until it is wanted")
        self.assertEqual(requests.post(blend + "/folder").json()["in_folder"], True)
        changed = output.read_bytes()
        self.assertNotEqual(changed, first)
        self.assertEqual(output.stat().st_mode & 0o777, 0o640)
        self.assertEqual(visible(self.photos / "enhanced"), ["face.png", "plain.png"])
        # An equal photo gets the usual result, not that choice.
        self.put("copy.png", (self.photos / "face.png").read_bytes())
        service.wait_until("family", "the copy", done=3, waiting=0)
        self.assertEqual((self.photos / "enhanced/copy.png").read_bytes(), first)
        ids = {job["name"]: job["id"] for job in service.jobs()}
        # Back to the first result, also in the folder, after a restart and a choice that stayed here.
        self.assertEqual(requests.post(blend, json={"faces": [40]}).json()["in_folder"], False)
        service.kill()
        service.start()
        blend = f"{service.url}/api/v1/jobs/{ids['family/face.png']}/blend"
        state = requests.delete(blend).json()
        self.assertEqual((state["adjusted"], state["in_folder"]), (False, True))
        # What is kept of the faces is rounded.
        self.assertLessEqual(difference(output.read_bytes(), first), 2)
        self.assertGreater(difference(changed, first), 10)
        self.assertEqual(service.wait_until("family", "rest", waiting=0)["done"], 3)
        # What somebody made of the result is theirs.
        requests.post(blend, json={"faces": [30]})
        output.write_bytes(b"mine")
        requests.post(blend + "/folder").raise_for_status()
        self.assertEqual(output.read_bytes(), b"mine")
        check_whole((self.photos / "enhanced/face (2).png").read_bytes())
        # A photo that is another one now, and one without a face.
        self.put("face.png", picture("png", 5, True))
        wait_for(lambda: not requests.get(blend).json()["available"], "the refusal")
        self.assertIn(requests.post(blend + "/folder").status_code, (404, 409))
        # A choice in the folder whose photo is gone: the folder keeps it, and we say so.
        copy = f"{service.url}/api/v1/jobs/{ids['family/copy.png']}/blend"
        requests.post(copy, json={"faces": [0]}).raise_for_status()
        requests.post(copy + "/folder").raise_for_status()
        (self.photos / "copy.png").unlink()
        wait_for(lambda: not requests.get(copy).json()["available"], "the loss of the photo")
        state = requests.delete(copy).json()
        self.assertEqual((state["adjusted"], state["in_folder"]), (False, False))
        self.assertIn("copy.png", visible(self.photos / "enhanced"))
        plain = f"{service.url}/api/v1/jobs/{ids['family/plain.png']}/blend"
        self.assertEqual(requests.get(plain).json()["available"], False)

    def test_configuration_mistakes(self):
        for options, message in [({"path": "relative"}, "absolute path"), ({"output": ".x"}, "output"),
                                 ({"without_faces": "maybe"}, "copy or skip"), ({"pth": "x"}, "unknown setting"),
                                 ({"output": str(self.base)}, "contains the watched folder")]:
            with self.assertRaisesRegex(RuntimeError, message):
                self.serve(**options)


@unittest.skipUnless(ROOT_USER, "mounting needs root")
class Mounts(FolderTest):
    def test_no_notices_from_a_lower_layer(self):
        """What is put into an overlay's lower folder appears in it, and the system tells nobody."""
        parts = {name: self.base / name for name in ("lower", "upper", "work")}
        for part in parts.values():
            part.mkdir()
        if not mount("-t", "overlay", "overlay", "-o",
                     "lowerdir={lower},upperdir={upper},workdir={work}".format(**parts), str(self.photos)):
            self.skipTest("no overlay mounts here")
        self.addCleanup(unmount, self.photos)
        service = self.serve(always_poll=True)
        service.wait_until("family", "the start", state="polling")
        (parts["lower"] / "a.png").write_bytes(picture("png", 1, False))
        service.wait_until("family", "the photo", done=1, waiting=0)
        self.assertEqual(visible(self.photos / "enhanced"), ["a.png"])

    def test_fuse_is_polled_by_itself(self):
        behind = self.base / "behind"
        behind.mkdir()
        bindfs = shutil.which("bindfs")
        if not bindfs or subprocess.run([bindfs, str(behind), str(self.photos)], capture_output=True).returncode:
            self.skipTest("no bindfs here")
        self.addCleanup(unmount, self.photos)
        service = self.serve()
        service.wait_until("family", "the start", state="polling")
        (behind / "a.png").write_bytes(picture("png", 1, False))
        service.wait_until("family", "the photo", done=1, waiting=0)
        self.assertEqual(visible(behind / "enhanced"), ["a.png"])

    def test_one_photo_that_cannot_be_read_holds_up_no_other(self):
        behind = self.base / "behind"
        behind.mkdir()
        bindfs = shutil.which("bindfs")
        (self.photos / "broken").mkdir()
        process = bindfs and subprocess.Popen([bindfs, "-f", str(behind), str(self.photos / "broken")])
        if not process:
            self.skipTest("no bindfs here")
        self.addCleanup(unmount, self.photos / "broken")
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(lambda: os.path.ismount(self.photos / "broken"), "the mount")
        service = self.serve()
        service.wait_until("family", "the start", state="watching")
        requests.post(service.url + "/api/v1/queue/pause")
        for i in range(16):  # As many as are handed to the queue at a time.
            self.put(f"{i}.png", picture("png", i, False))
        service.wait_until("family", "the first", waiting=16)
        self.put("broken/16.png", picture("png", 16, False))
        service.wait_until("family", "the one between", waiting=17)
        time.sleep(2)  # It settles.
        self.put("17.png", picture("png", 17, False))
        service.wait_until("family", "the last", waiting=18)
        process.kill()  # From now on reading there is an error.
        process.wait()
        requests.post(service.url + "/api/v1/queue/resume")
        service.wait_until("family", "all others", done=17, waiting=1, failed=0, seconds=60)

    def test_a_mount_that_vanishes_and_comes_back(self):
        image = self.base / "disk"
        image.mkdir()
        if not mount("-t", "tmpfs", "none", str(image)):
            self.skipTest("no tmpfs mounts here")
        self.addCleanup(unmount, image)
        self.assertTrue(mount("--bind", str(image), str(self.photos)))
        self.addCleanup(unmount, self.photos)
        service = self.serve()
        self.put("a.png", picture("png", 1, True))
        service.wait_until("family", "the first", done=1, waiting=0)
        requests.post(service.url + "/api/v1/queue/pause")
        self.put("b.png", picture("png", 2, False))
        service.wait_until("family", "the second", waiting=1)
        face, = (job["id"] for job in service.jobs() if job["name"] == "family/a.png")
        blend = f"{service.url}/api/v1/jobs/{face}/blend"
        requests.post(blend, json={"faces": [0]}).raise_for_status()
        unmount(self.photos)
        state = service.wait_until("family", "the loss", state="unreachable", done=1, waiting=1)
        self.assertIn("mount it again", state["message"])
        self.assertEqual(requests.post(blend + "/folder").status_code, 503)
        requests.post(service.url + "/api/v1/queue/resume")
        service.kill()
        service.start()
        service.wait_until("family", "the same after a restart", state="unreachable", done=1, failed=0)
        self.assertEqual(list(self.photos.iterdir()), [], "nothing is written into the mount point")
        self.assertTrue(mount("--bind", str(image), str(self.photos)))
        service.wait_until("family", "the return", state="watching", done=2, waiting=0, failed=0, seconds=200)
        self.assertEqual(visible(self.photos / "enhanced"), ["a.png", "b.png"])

    def test_a_full_output_disk(self):
        output = self.base / "out"
        output.mkdir()
        if not mount("-t", "tmpfs", "-o", "size=40m", "none", str(output)):
            self.skipTest("no tmpfs mounts here")
        self.addCleanup(unmount, output)
        (output / "filler").write_bytes(b"x" * (20 << 20))
        service = self.serve(output=output)
        self.put("a.png", picture("png", 1, False))
        state = service.wait_until("family", "the stop", state="held", waiting=1)
        self.assertIn("nearly full", state["message"])
        self.assertEqual(service.jobs(), [], "nothing is computed for nothing")
        (output / "filler").unlink()
        service.wait_until("family", "the photo", done=1, waiting=0)
        unmount(output)
        self.put("b.png", picture("png", 2, False))
        state = service.wait_until("family", "the stop", state="held", waiting=1)
        self.assertIn("mount it", state["message"])
        self.assertEqual(list(output.iterdir()), [])
        self.assertTrue(mount("-t", "tmpfs", "none", str(output)))
        service.wait_until("family", "the second", done=2, waiting=0)

    def test_owner_and_mode(self):
        service = self.serve()
        data = picture("png", 1, False)
        path = self.photos / "a.png"
        path.write_bytes(data)
        os.chown(path, 1234, 2345)
        os.chmod(path, 0o604)
        service.wait_until("family", "the photo", done=1, waiting=0)
        status = (self.photos / "enhanced/a.png").stat()
        self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o7777), (1234, 2345, 0o604))


if __name__ == "__main__":
    unittest.main(verbosity=2)
