"""Watched folders and photos that are not whole: those still written, and those that will never be."""

import pathlib
import unittest

import requests

from folders_test import FolderTest
from watched_service import WatchedService, picture, visible, wait_for

MOTION_PHOTO = pathlib.Path(__file__).resolve().parents[1] / "cli/cases/PXL_20240101_120000000.MP.jpg"


class Whole(FolderTest):
    def test_a_motion_photo_whose_clip_is_still_written(self):
        """Its picture is whole: it is taken at once, and again when the rest of the clip has come."""
        service = self.serve(always_poll=True, cut_short_seconds=60)
        whole = MOTION_PHOTO.read_bytes()
        clip = whole[whole.rindex(b"ftyp") - 4:]
        (self.photos / "motion.jpg").write_bytes(whole[:-len(clip) // 2])
        service.wait_until("family", "the picture", 30, done=1, waiting=0)
        result = self.photos / "enhanced/motion.jpg"
        first = result.read_bytes()
        self.assertNotEqual(first, whole[:-len(clip) // 2], "a face is restored")
        self.assertFalse(first.endswith(clip))
        with open(self.photos / "motion.jpg", "ab") as file:
            file.write(whole[-len(clip) // 2:])
        wait_for(lambda: result.read_bytes().endswith(clip), "the whole clip")
        service.wait_until("family", "the end", done=1, waiting=0, failed=0)
        self.assertEqual(visible(self.photos / "enhanced"), ["motion.jpg"])

    def test_damaged_photos_are_taken_where_the_folder_says_so(self):
        half = picture("jpg", 1, True)
        half = half[:len(half) * 2 // 3]
        for name in ("strict", "tolerant"):
            (self.base / name).mkdir()
            (self.base / name / "half.jpg").write_bytes(half)
        service = WatchedService([{"name": "strict", "path": self.base / "strict"},
                                  {"name": "tolerant", "path": self.base / "tolerant", "take_damaged": True}])
        service.start()
        self.addCleanup(service.__exit__)
        service.wait_until("strict", "the refusal", failed=1, waiting=0)
        service.wait_until("tolerant", "the result", done=1, waiting=0)
        job = next(job for job in service.jobs() if job["name"] == "tolerant/half.jpg")
        report = requests.get(f"{service.url}/api/v1/jobs/{job['id']}").json()
        self.assertIn("damaged", str(report))
        # And a job by the API, which says so itself.
        for options, state in (({}, "failed"), ({"take_damaged": "true"}, "done")):
            answer = requests.post(service.url + "/api/v1/jobs", files={"image": ("half.jpg", half)}, data=options)
            job = f"{service.url}/api/v1/jobs/{answer.json()['jobs'][0]['id']}"
            wait_for(lambda: requests.get(job).json()["state"] == state, state)


if __name__ == "__main__":
    unittest.main()
