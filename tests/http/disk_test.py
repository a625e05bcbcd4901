"""A full disk and folders that cannot be written to: a clear state, then recovery without help."""

import os
import pathlib
import sqlite3
import subprocess
import tempfile
import unittest

import requests

from service_under_test import Service, group_photo, photo, wait_for

MEGABYTE = 1 << 20


class SmallDisk:
    """A tmpfs of its own; only root may mount one."""

    def __init__(self, test, bytes_):
        temporary = tempfile.TemporaryDirectory(prefix="gpen-disk-")
        test.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name) / "disk"
        self.folder.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={bytes_}", "tmpfs", self.folder],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            test.skipTest(f"a small disk needs the right to mount one: {mounted.stderr.strip()}")
        test.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=True)

    def fill(self):
        with open(self.folder / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"\0" * 4096)
            except OSError:
                pass

    def free(self):
        os.remove(self.folder / "filler")


class Disk(unittest.TestCase):
    def start(self, folder, **environment):
        service = Service(folder, **environment).start()
        self.addCleanup(service.__exit__)
        return service

    def ready(self, service):
        answer = requests.get(service.url + "/readyz")
        self.assertEqual(requests.get(service.url + "/healthz").status_code, 200)
        return answer.status_code, answer.json().get("message", "")

    def check_recovery(self, service, job):
        self.assertEqual(service.finished(job)["state"], "done")
        self.assertEqual(self.ready(service), (200, ""))
        answer = requests.post(service.url + "/enhance", files={"image": photo(seed=99)}, timeout=60)
        self.assertEqual(answer.json()["status"], "success")
        for folder in ("uploads", "outputs", "thumbnails"):
            self.assertEqual([p for p in (service.data / folder).iterdir() if p.name.startswith(".")], [])
        service.stop()
        with sqlite3.connect(service.data / "gpen.db") as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))

    def test_the_reserve_holds_the_work_before_the_disk_is_full(self):
        disk = SmallDisk(self, 16 * MEGABYTE)
        service = self.start(disk.folder, GPEN_DISK_RESERVE_BYTES=str(8 * MEGABYTE))
        service.post("/api/v1/queue/pause")
        job, = service.submit(photo(seed=1))
        (disk.folder / "filler").write_bytes(b"\0" * (10 * MEGABYTE))
        service.post("/api/v1/queue/resume")
        wait_for(lambda: "nearly full" in service.queue()["held_reason"], "the reason")
        status, message = self.ready(service)
        self.assertEqual(status, 503)
        self.assertIn("nearly full", message)
        refused = requests.post(service.url + "/enhance", files={"image": photo(seed=2)})
        self.assertEqual((refused.status_code, refused.json()["code"]), (503, "unavailable"))
        self.assertEqual((service.job(job)["state"], service.job(job)["attempts"]), ("queued", 0))
        disk.free()
        self.check_recovery(service, job)

    def test_a_disk_without_a_byte_left(self):
        disk = SmallDisk(self, 16 * MEGABYTE)
        service = self.start(disk.folder)  # No reserve.
        service.post("/api/v1/queue/pause")
        job, = service.submit(photo(seed=1))
        disk.fill()
        refused = requests.post(service.url + "/enhance", files={"image": photo(seed=2)})
        self.assertEqual((refused.status_code, refused.json()["code"]), (503, "unavailable"))
        self.assertRegex(refused.json()["message"], "nearly full|No space left")
        disk.free()
        service.post("/api/v1/queue/resume")
        self.check_recovery(service, job)

    def test_the_disk_fills_up_while_a_photo_is_computed(self):
        disk = SmallDisk(self, 16 * MEGABYTE)
        service = self.start(disk.folder)
        job, = service.submit(group_photo())
        service.wait_for_step(job, "face")
        disk.fill()
        # In the job, or, where the queue cannot write either, in the state of the whole service.
        wait_for(lambda: service.job(job)["error"] or self.ready(service)[0] == 503, "a clear state")
        self.assertEqual(list((service.data / "outputs").iterdir()), [])
        disk.free()
        self.check_recovery(service, job)

    def test_a_results_folder_that_is_read_only(self):
        folder = tempfile.TemporaryDirectory(prefix="gpen-disk-")
        self.addCleanup(folder.cleanup)
        service = self.start(folder.name)
        outputs = service.data / "outputs"
        if os.geteuid() == 0:  # Permissions do not keep root out, a read-only mount does.
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", outputs],
                                     capture_output=True, text=True)
            if mounted.returncode != 0:
                self.skipTest(f"root needs the right to mount for this: {mounted.stderr.strip()}")
            def mend(): subprocess.run(["umount", "-l", outputs], check=True)
        else:
            outputs.chmod(0o500)
            def mend(): outputs.chmod(0o700)
        try:
            job, = service.submit(photo(seed=1))
            wait_for(lambda: "cannot write to" in service.queue()["held_reason"], "the reason")
            status, message = self.ready(service)
            self.assertEqual(status, 503)
            self.assertIn("cannot write to outputs", message)
            self.assertNotIn(str(service.data), message, "where it lies is for the log")
            self.assertEqual(service.job(job)["state"], "queued")
        finally:
            mend()
        self.check_recovery(service, job)


if __name__ == "__main__":
    unittest.main(verbosity=2)
