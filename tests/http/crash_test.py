"""kill -9 at random moments: every job ends exactly once, and nothing half written is ever shown.

GPEN_KILLS sets the number of kills: 8 by default, 50 for the long run.
"""

import os
import random
import sqlite3
import tempfile
import time
import unittest

import requests

from service_under_test import Service, photo, wait_for

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
                time.sleep(moment.random() * 0.8)
                service.kill()
                self.check_files(service)
            service.start()
            wait_for(lambda: self.states(service, accepted) == {"done"}, "the end of all jobs", 120)
            events = self.all_events(service)
            for job in accepted:
                ends = [event for event in events if event["job"] == job and event["kind"] == "finished"]
                self.assertEqual(len(ends), 1, f"job {job} ended {len(ends)} times")
                result = requests.get(f"{service.url}/api/v1/jobs/{job}/result")
                self.assertEqual(result.content[-8:-4], b"IEND")
            self.assertEqual(service.stop(), 0)
            self.check_files(service)
            with sqlite3.connect(service.data / "gpen.db") as database:
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))

    def check_files(self, service):
        for path in (service.data / "outputs").iterdir():
            if not path.name.startswith("."):
                self.assertEqual(path.read_bytes()[-8:-4], b"IEND", path)

    def states(self, service, jobs):
        return {requests.get(f"{service.url}/api/v1/jobs/{job}").json()["state"] for job in jobs}

    def all_events(self, service):
        events, last = [], 0
        while True:
            page = requests.get(f"{service.url}/api/v1/events?after={last}&limit=1000").json()
            if not page["events"]:
                return events
            events += page["events"]
            last = page["last"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
