"""What the service refuses, and until when: a wrong token, a full queue, a full disk, too many strokes."""

import unittest

import requests

from service_under_test import Service, photo, wait_for


class Token(unittest.TestCase):
    def test_token_login_and_failures(self):
        with Service(GPEN_TOKEN="a-long-secret") as service:
            jobs = service.url + "/api/v1/jobs"
            self.assertEqual(requests.get(jobs).status_code, 401)
            self.assertEqual(requests.get(service.url + "/healthz").status_code, 200)
            self.assertEqual(requests.get(jobs, headers={"Authorization": "Bearer a-long-secret"}).status_code, 200)
            self.assertEqual(requests.get(jobs, headers={"X-API-Key": "a-long-secret"}).status_code, 200)
            self.assertEqual(requests.get(service.url + "/", headers={"Accept": "text/html"},
                                          allow_redirects=False).headers["Location"], "/login")
            browser = requests.Session()
            session = service.url + "/api/v1/session"
            login = browser.post(session, data={"token": "a-long-secret"}, allow_redirects=False)
            self.assertIn("HttpOnly; SameSite=Strict", login.headers["Set-Cookie"])
            self.assertEqual(browser.get(jobs).status_code, 200)
            pause = service.url + "/api/v1/queue/pause"
            self.assertEqual(browser.post(pause).status_code, 403)
            self.assertEqual(browser.post(pause, headers={"X-Requested-With": "x"}).status_code, 200)
            self.assertEqual(browser.delete(session, headers={"X-Requested-With": "x"}).status_code, 200)
            for _ in range(10):
                self.assertEqual(requests.get(jobs, headers={"X-API-Key": "wrong"}).status_code, 401)
            self.assertEqual(requests.get(jobs, headers={"X-API-Key": "a-long-secret"}).status_code, 429)


class Strokes(unittest.TestCase):
    def test_as_many_as_a_photo_may_have(self):
        strokes = lambda count: "3" + ",12345.1,12345.1" * count  # noqa: E731
        with Service() as service:
            job, = service.submit(photo(), damage=strokes(2000), undamaged=strokes(2000))
            address = f"{service.url}/api/v1/jobs/{job}"
            self.assertEqual(requests.get(address).json()["options"]["damage"], strokes(2000))
            wait_for(lambda: requests.get(address).json()["state"] == "done", "the photo")
            again = requests.post(address + "/again", json={"damage": strokes(1999), "undamaged": strokes(1998)})
            self.assertEqual(again.json()["options"]["undamaged"], strokes(1998))
            refused = requests.post(address + "/again", json={"damage": strokes(2001)})
            self.assertEqual(refused.status_code, 400)
            self.assertIn("at most 2000 points", refused.json()["message"])
            self.assertLess(len(refused.json()["message"]), 500)


class Full(unittest.TestCase):
    def test_a_full_queue_says_when_to_come_back(self):
        with Service(GPEN_MAX_QUEUED="2") as service:
            requests.post(service.url + "/api/v1/queue/pause")
            for seed in range(2):
                queued = requests.post(service.url + "/api/v1/jobs", files={"image": photo(seed=seed)})
                self.assertEqual(queued.status_code, 201)
            full = requests.post(service.url + "/api/v1/jobs", files={"image": photo(seed=9)})
            self.assertEqual((full.status_code, full.json()["code"]), (429, "queue_full"))
            self.assertGreater(int(full.headers["Retry-After"]), 0)
            self.assertEqual(len(list((service.data / "uploads").iterdir())), 2)

    def test_many_are_taken_whole_or_not_at_all(self):
        def left(service):
            jobs = requests.get(service.url + "/api/v1/jobs").json()["jobs"]
            batches = requests.get(service.url + "/api/v1/batches").json()["batches"]
            uploads = sorted(path.name for path in (service.data / "uploads").iterdir())
            return [job["id"] for job in jobs], [batch["id"] for batch in batches], uploads

        with Service(GPEN_MAX_QUEUED="2") as service:
            jobs = service.url + "/api/v1/jobs"
            service.finished(service.submit(photo(seed=1))[0])
            service.post("/api/v1/queue/pause")
            waiting = service.submit(photo(seed=2))[0]
            service.submit(photo(seed=3))
            before = left(service)
            # One has its result, one waits already, one is new.
            many = [("image", (f"{seed}.png", photo(seed=seed))) for seed in (1, 2, 4)]
            for fields in ({}, {"batch": "holiday"}):
                full = requests.post(jobs, files=many, data=fields)
                self.assertEqual((full.status_code, full.json()["code"]), (429, "queue_full"))
                self.assertGreater(int(full.headers["Retry-After"]), 0)
                self.assertEqual(left(service), before)
            # What has its result needs no room.
            known = requests.post(jobs, files=many[:1], data={"batch": "known"})
            self.assertEqual(known.status_code, 201, known.text)
            service.post("/api/v1/queue/resume")
            service.finished(waiting)
            wait_for(lambda: service.queue()["counts"]["queued"] == 0, "an empty queue")
            taken = requests.post(jobs, files=many, data={"batch": "holiday"})
            self.assertEqual(taken.status_code, 201, taken.text)
            batch = taken.json()["batch"]
            self.assertEqual((batch["name"], batch["total"]), ("holiday", 3))
            ids, batches, uploads = left(service)
            self.assertEqual((len(ids), len(batches), len(uploads)), (len(before[0]) + 4, 2, len(before[2]) + 4))

    def test_more_than_ever_fit_are_told_so(self):
        with Service(GPEN_MAX_QUEUED="2") as service:
            many = [("image", (f"{seed}.png", photo(seed=seed))) for seed in range(3)]
            refused = requests.post(service.url + "/api/v1/jobs", files=many)
            self.assertEqual((refused.status_code, refused.json()["code"]), (400, "invalid_argument"))
            self.assertIn("smaller parts", refused.json()["message"])
            self.assertEqual(list((service.data / "uploads").iterdir()), [])

    def test_a_full_disk(self):
        with Service(GPEN_DISK_RESERVE_BYTES=str(1 << 49)) as service:
            full = requests.post(service.url + "/enhance", files={"image": photo()})
            self.assertEqual((full.status_code, full.json()["code"]), (503, "unavailable"))
            self.assertEqual(requests.get(service.url + "/readyz").status_code, 503)
            self.assertEqual(requests.get(service.url + "/healthz").status_code, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
