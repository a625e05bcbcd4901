"""kill -9, at every stage of a job and at random moments: every job ends exactly once, and nothing half
written is ever shown.

GPEN_KILLS sets the number of kills: 8 by default, 50 for the long run.
"""

import os
import random
import sqlite3
import tempfile
import time
import unittest

import requests

from service_under_test import Service, group_photo, photo, portrait, wait_for

KILLS = int(os.environ.get("GPEN_KILLS", "8"))


class Crash(unittest.TestCase):
    def test_every_job_ends_exactly_once(self):
        moment = random.Random(7)
        with tempfile.TemporaryDirectory(prefix="gpen-crash-") as folder:
            service = Service(folder)
            accepted = []
            for kill in range(KILLS):
                service.start()
                files = [("image", (f"{kill}-{i}.png", photo(side=400, seed=kill * 10 + i))) for i in range(3)]
                answer = requests.post(service.url + "/api/v1/jobs", files=files)
                self.assertEqual(answer.status_code, 201, answer.text)
                accepted += [job["id"] for job in answer.json()["jobs"]]
                self.spare(service, accepted)
                time.sleep(moment.random() * 0.8)
                service.kill()
                self.check_files(service)
            service.start()
            for job in accepted:
                self.assertEqual(service.finished(job, 600)["state"], "done")
            events = service.events()
            for job in accepted:
                ends = [event for event in events if event["job"] == job and event["kind"] == "finished"]
                self.assertEqual(len(ends), 1, f"job {job} ended {len(ends)} times")
                result = requests.get(f"{service.url}/api/v1/jobs/{job}/result")
                self.assertEqual(result.content[-8:-4], b"IEND")
            self.check_end(service, len(accepted))

    def test_at_every_stage(self):
        with tempfile.TemporaryDirectory(prefix="gpen-crash-") as folder:
            service = Service(folder)
            stages = ["upload", "queued", "decode", "detect", "face 1 ", "face 5 ", "blend", "encode", "finished",
                      "cancel", "delete"]
            for number, stage in enumerate(stages):
                with self.subTest(stage=stage.strip()):
                    self.kill_at(service, stage, strength=number + 1)
            service.start()
            self.check_end(service, len(stages) - 3)  # All but those of upload, cancel and delete.

    def kill_at(self, service, stage, strength):
        """Kills the service when a job reaches the stage, and looks at what the next start makes of it."""
        service.start()
        if stage == "upload":
            self.send_half_a_photo(service)
            service.kill()
            service.start()
            self.assertEqual(list((service.data / "uploads").iterdir()), [])
            self.assertEqual(service.queue()["counts"]["queued"], 0)
            service.stop()
            return
        needs_time = stage in ("face 5 ", "cancel", "delete")
        job, = service.submit(group_photo() if needs_time else portrait(), strength=str(strength))
        if stage not in ("queued", "cancel", "delete"):
            if stage == "finished":
                service.finished(job)
            else:
                service.wait_for_step(job, stage)
        elif stage != "queued":
            service.wait_for_step(job, "face")
            service.post(f"/api/v1/jobs/{job}/cancel")
            if stage == "delete":
                service.finished(job)
                requests.delete(f"{service.url}/api/v1/jobs/{job}?for_good=1").raise_for_status()
        service.kill()
        self.check_files(service)
        service.start()
        if stage == "delete":
            self.assertEqual(service.job(job)["code"], "not_found")
        else:
            self.assertEqual(service.finished(job)["state"], "cancelled" if stage == "cancel" else "done")
            ends = [event for event in service.events(job) if event["kind"] == "finished"]
            self.assertEqual(len(ends), 1)
        self.check_files(service)
        service.stop()

    def send_half_a_photo(self, service):
        data = group_photo()
        connection = service.connect()
        connection.sendall(b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
                           + f"Content-Length: {len(data)}\r\n\r\n".encode() + data[:len(data) // 2])
        wait_for(lambda: any(path.stat().st_size for path in (service.data / "uploads").iterdir()), "half a photo")
        connection.close()

    def check_end(self, service, results):
        """One file for each result, none of them in parts, and a sound database."""
        self.assertEqual(service.stop(), 0)
        self.check_files(service)
        self.assertEqual(len(list((service.data / "outputs").iterdir())), results)
        self.assertEqual(len(list((service.data / "thumbnails").iterdir())), 2 * results)
        with sqlite3.connect(service.data / "gpen.db") as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))

    def check_files(self, service):
        for folder in ("outputs", "thumbnails"):
            for path in (service.data / folder).iterdir():
                if not path.name.startswith("."):
                    end = path.read_bytes()[-8:]
                    self.assertTrue(end[:4] == b"IEND" or end[-2:] == b"\xff\xd9", path)

    def spare(self, service, accepted):
        """Lets a job end that was killed so often that the next kill would be its last (5 attempts)."""
        for job in map(service.job, accepted):
            if job["state"] != "done" and job["attempts"] >= 3:
                service.finished(job["id"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
