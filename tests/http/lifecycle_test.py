"""How long files stay: retention, what a kill left behind, and the queue's word on all of it."""

import os
import sqlite3
import tempfile
import unittest

import requests

from service_under_test import Service, photo, wait_for

DAY_MS = 24 * 3600 * 1000


def names(service, folder):
    return sorted(path.name for path in (service.data / folder).iterdir())


class Lifecycle(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gpen-life-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, **environment):
        service = Service(self.folder, **environment).start()
        self.addCleanup(service.__exit__)
        return service

    def done(self, service, seed):
        job, = service.submit(photo(seed=seed))
        self.assertEqual(service.finished(job)["state"], "done")
        return job

    def age(self, service, job, days):
        with sqlite3.connect(service.data / "gpen.db") as database:
            database.execute("UPDATE jobs SET finished = finished - ? WHERE id = ?", (days * DAY_MS, job))

    def test_retention_by_age(self):
        service = self.start()
        old, young = self.done(service, 1), self.done(service, 2)
        old_output = service.job(old)["result"]["output_path"]
        service.stop()
        self.age(service, old, 31)
        service.believe_clock()
        service = self.start(GPEN_KEEP_DAYS="30")
        wait_for(lambda: "code" in service.job(old), "the end of the old job")
        # The job goes before its files do.
        wait_for(lambda: [len(names(service, folder)) for folder in ("uploads", "outputs", "thumbnails")] == [1, 1, 2],
                 "the end of the old job's files")
        self.assertEqual(requests.get(service.url + old_output).status_code, 404)
        self.assertEqual(requests.get(f"{service.url}/api/v1/jobs/{young}/result").status_code, 200)

    def test_uploads_go_earlier_than_results(self):
        service = self.start()
        old, young = self.done(service, 1), self.done(service, 2)
        service.stop()
        self.age(service, old, 2)
        service.believe_clock()
        service = self.start(GPEN_KEEP_UPLOAD_HOURS="24")
        wait_for(lambda: len(names(service, "uploads")) == 1, "the end of the old upload")
        for job in (old, young):
            self.assertEqual(requests.get(f"{service.url}/api/v1/jobs/{job}/result").status_code, 200)
        # The same photo is still answered from the cache.
        answer = requests.post(service.url + "/enhance", files={"image": photo(seed=1)}, timeout=60)
        self.assertEqual(answer.headers["X-Cache"], "hit")

    def test_retention_by_bytes(self):
        service = self.start()
        jobs = [self.done(service, seed) for seed in range(4)]
        stored = service.queue()["stored_bytes"]
        service.stop()
        service = self.start(GPEN_KEEP_BYTES=str(stored // 2))
        wait_for(lambda: service.queue()["stored_bytes"] <= stored // 2, "the end of the oldest jobs")
        self.assertIn("code", service.job(jobs[0]))  # The oldest goes first, the newest stays.
        self.assertEqual(service.job(jobs[3])["state"], "done")
        on_disk = sum(path.stat().st_size for folder in ("uploads", "outputs")
                      for path in (service.data / folder).iterdir())
        self.assertEqual(on_disk, service.queue()["stored_bytes"])

    def delete(self, service, path):
        answer = requests.delete(service.url + path, timeout=60)
        self.assertEqual(answer.status_code, 200, answer.text)

    def binned(self, service):
        return [job["id"] for job in requests.get(service.url + "/api/v1/bin", timeout=60).json()["jobs"]]

    def test_the_bin_keeps_files_for_its_days_over_restarts(self):
        service = self.start()
        put_back, forgotten = self.done(service, 1), self.done(service, 2)
        pictures = [requests.get(f"{service.url}/api/v1/jobs/{put_back}/{part}").content
                    for part in ("result", "after")]
        for job in (put_back, forgotten):
            self.delete(service, f"/api/v1/jobs/{job}")
            self.assertEqual(requests.get(f"{service.url}/api/v1/jobs/{job}/result").status_code, 404)
        self.assertEqual(self.binned(service), [forgotten, put_back])
        self.assertEqual(service.queue()["binned"], 2)
        self.assertEqual(requests.get(service.url + "/api/v1/zip?text=photo").status_code, 409)
        service.kill()
        service = self.start()
        self.assertEqual([len(names(service, folder)) for folder in ("uploads", "outputs", "thumbnails")], [2, 2, 4])
        thumbnail = requests.get(f"{service.url}/api/v1/bin/{put_back}/after")
        self.assertEqual(thumbnail.content, pictures[1])
        service.post(f"/api/v1/jobs/{put_back}/put_back")
        self.assertEqual(requests.get(f"{service.url}/api/v1/jobs/{put_back}/result").content, pictures[0])
        service.stop()
        with sqlite3.connect(service.data / "gpen.db") as database:
            database.execute("UPDATE jobs SET binned = binned - ? WHERE binned > 0", (8 * DAY_MS,))
        service.believe_clock()
        service = self.start()
        wait_for(lambda: len(names(service, "outputs")) == 1, "the end of the bin's days")
        self.assertEqual(self.binned(service), [])
        self.assertEqual(service.job(put_back)["state"], "done")

    def test_what_is_deleted_for_good_leaves_no_file(self):
        service = self.start()
        at_once, later, emptied = (self.done(service, seed) for seed in (1, 2, 3))
        for job in (later, emptied):
            self.delete(service, f"/api/v1/jobs/{job}")
        for job in (at_once, later):
            self.delete(service, f"/api/v1/jobs/{job}?for_good=1")
        self.assertEqual([len(names(service, folder)) for folder in ("uploads", "outputs", "thumbnails")], [1, 1, 2])
        self.delete(service, "/api/v1/bin")
        self.assertEqual(self.binned(service), [])
        wait_for(lambda: not any(names(service, folder) for folder in ("uploads", "outputs", "thumbnails", "faces")),
                 "the end of the files")

    def test_without_a_bin_deleted_is_deleted(self):
        service = self.start(GPEN_BIN_DAYS="0")
        self.delete(service, f"/api/v1/jobs/{self.done(service, 1)}")
        self.assertEqual(self.binned(service), [])
        self.assertEqual(names(service, "outputs"), [])

    def test_a_batch_comes_back_from_the_bin(self):
        service = self.start()
        answer = requests.post(service.url + "/api/v1/jobs", timeout=60, data={"batch": "holiday"},
                               files=[("image", (f"{i}.png", photo(seed=i))) for i in range(2)]).json()
        for job in answer["jobs"]:
            service.finished(job["id"])
        batch = f"/api/v1/batches/{answer['batch']['id']}"
        self.delete(service, batch)
        self.assertEqual(requests.get(service.url + batch).status_code, 404)
        self.assertEqual(len(self.binned(service)), 2)
        self.assertEqual(service.post(batch + "/put_back")["counts"]["done"], 2)
        kinds = [(event["kind"], event["job"]) for event in service.events()][-2:]
        self.assertEqual(kinds, [("binned", None), ("put_back", None)])

    def test_a_pinned_photo_stays_whatever_its_age(self):
        service = self.start()
        pinned, other = self.done(service, 1), self.done(service, 2)
        self.assertIsNotNone(service.job(pinned)["kept_until"])
        service.post(f"/api/v1/jobs/{pinned}/pin")
        self.assertIsNone(service.job(pinned)["kept_until"])
        service.stop()
        for job in (pinned, other):
            self.age(service, job, 31)
        service.believe_clock()
        service = self.start(GPEN_KEEP_BYTES="1", GPEN_KEEP_UPLOAD_HOURS="24")
        wait_for(lambda: "code" in service.job(other), "the end of the other job")
        wait_for(lambda: len(names(service, "uploads")) == 1, "the end of its original")
        self.assertEqual(service.job(pinned)["original_kept"], True)
        self.assertEqual(requests.get(f"{service.url}/api/v1/jobs/{pinned}/result").status_code, 200)

    def test_where_the_disk_is_nearly_full_the_bin_is_emptied(self):
        service = self.start()
        kept, binned = self.done(service, 1), self.done(service, 2)
        self.delete(service, f"/api/v1/jobs/{binned}")
        service.stop()
        disk = os.statvfs(service.data)
        reserve = disk.f_bavail * disk.f_frsize  # All that is free now.
        service = self.start(GPEN_DISK_RESERVE_BYTES=str(reserve))
        wait_for(lambda: self.binned(service) == [], "an empty bin")
        self.assertEqual(service.job(kept)["state"], "done")

    def test_the_start_mends_what_a_kill_left(self):
        service = self.start()
        done = self.done(service, 1)
        service.post("/api/v1/queue/pause")
        queued, = service.submit(photo(seed=2))
        with sqlite3.connect(service.data / "gpen.db") as database:
            key, = database.execute("SELECT key FROM jobs WHERE id = ?", (queued,)).fetchone()
        # Half an upload is on the disk when the kill comes...
        slow = service.connect()
        slow.sendall(b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\n"
                     b"Content-Type: image/png\r\nContent-Length: 99999\r\n\r\n" + photo(seed=3))
        wait_for(lambda: any(name.startswith(".gpen-") for name in names(service, "uploads")), "half an upload")
        service.kill()
        slow.close()
        # ...a whole upload that did not reach the queue, a result whose job did not come to be done...
        (service.data / "uploads" / ("0" * 32)).write_bytes(photo(seed=4))
        for folder, name in [("outputs", ".png"), ("thumbnails", ".before.jpg"), ("thumbnails", ".after.jpg")]:
            (service.data / folder / (key[:32] + name)).write_bytes(b"x")
        (service.data / "outputs" / ".gpen-1-0.tmp").write_bytes(b"x")
        (service.data / "thumbnails" / ("1" * 32 + ".after.jpg")).write_bytes(b"x")
        # ...and a finished photo of which the queue knows nothing: that one is somebody's.
        (service.data / "outputs" / "of-an-older-queue.png").write_bytes(photo(seed=5))
        service = self.start()
        self.assertEqual(len(names(service, "uploads")), 2)
        self.assertNotIn("0" * 32, names(service, "uploads"))
        result = service.job(done)["result"]["output_path"].rsplit("/", 1)[1]
        self.assertEqual(names(service, "outputs"), sorted([result, "of-an-older-queue.png"]))
        self.assertEqual(len(names(service, "thumbnails")), 2)
        self.assertEqual(names(service, "lost/uploads"), ["0" * 32])
        self.assertEqual(names(service, "lost/outputs"), [key[:32] + ".png"])
        self.assertEqual(len(names(service, "lost/thumbnails")), 3)
        service.post("/api/v1/queue/resume")
        self.assertEqual(service.finished(queued)["state"], "done")

    def test_a_vanished_result_is_told_and_computed_again(self):
        service = self.start()
        job = self.done(service, 1)
        service.stop()
        for name in names(service, "outputs"):
            os.remove(service.data / "outputs" / name)
        service = self.start()
        state = service.job(job)
        self.assertEqual((state["state"], state["error"]["code"]), ("failed", "not_found"))
        service.post(f"/api/v1/jobs/{job}/retry")
        self.assertEqual(service.finished(job)["state"], "done")
        self.assertEqual(len(names(service, "outputs")), 1)

    def test_a_second_service_is_kept_out(self):
        service = self.start()
        with self.assertRaisesRegex(RuntimeError, "in use by another gpen serve"):
            Service(self.folder).start()
        self.assertEqual(service.queue()["paused"], False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
