"""Where results go: photos that may only be read, outputs that take no file."""

import unittest

from folders_test import FolderTest, mount, unmount
from watched_service import picture, visible


class Outputs(FolderTest):
    def test_photos_that_may_only_be_read(self):
        """A read-only share: nothing is written beside the photos, results go elsewhere."""
        output = self.base / "out"
        output.mkdir()
        self.put("2020/a.png", picture("png", 1, True))
        self.put("2020/b.png", picture("png", 2, False))
        if not (mount("--bind", str(self.photos), str(self.photos))
                and mount("-o", "remount,bind,ro", str(self.photos))):
            self.skipTest("no read-only mounts here")
        self.addCleanup(unmount, self.photos)
        service = self.serve(output=output)
        service.wait_until("family", "the results", done=2, waiting=0, failed=0)
        self.assertEqual(visible(output / "2020"), ["a.png", "b.png"])
        self.assertEqual(sorted(path.name for path in self.photos.iterdir()), ["2020"])

    def test_an_output_that_takes_no_file_is_held_before_anything_is_computed(self):
        output = self.base / "out"
        output.mkdir()
        if not mount("-t", "tmpfs", "-o", "ro", "none", str(output)):
            self.skipTest("no tmpfs mounts here")
        self.addCleanup(unmount, output)
        service = self.serve(output=output)
        self.put("a.png", picture("png", 1, False))
        state = service.wait_until("family", "the stop", state="held", waiting=1)
        self.assertIn("Read-only file system", state["message"])
        self.assertEqual(service.jobs(), [], "nothing is computed for nothing")
        self.assertTrue(mount("-o", "remount,rw", str(output)))
        service.wait_until("family", "the photo", done=1, waiting=0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
