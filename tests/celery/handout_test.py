"""`gpen serve --broker`: its photos are restored by `gpen worker` beside it, and here where none is or one fails."""

import pathlib
import tempfile
import unittest

import requests

from worker_under_test import Broker, Worker, free_port, wait_for
from model_folders import add_model, copy_models
from service_under_test import Service, group_photo, photo

SECONDS = 240
# What nobody waits for is not done by the service itself.
HOLDS_BATCHES = {"GPEN_QUIET_HOURS": "00:00-24:00"}


class Handouts(unittest.TestCase):
    def setUp(self):
        self.share = tempfile.TemporaryDirectory(prefix="gpen-share-")
        self.addCleanup(self.share.cleanup)
        self.broker = Broker()
        self.addCleanup(self.broker.close)

    def service(self, data=None, **environment):
        service = Service(data, GPEN_BROKER=self.broker.url(0), GPEN_BACKEND=self.broker.url(1),
                          GPEN_WORKER_ROOTS=f"exchange={self.share.name}", **environment)
        self.addCleanup(service.__exit__)
        return service.start()

    def worker(self, name="gpen@pc", options=(), **environment):
        worker = Worker(self.broker.url(0), self.share.name, name=name, backend_url=self.broker.url(1),
                        options=["--root", f"exchange={self.share.name}", *options], **environment)
        self.addCleanup(worker.close)
        return worker.start()

    def machines(self, service):
        return requests.get(service.url + "/api/v1/machines", timeout=60).json()

    def wait_for_machines(self, service, count):
        return wait_for(lambda: len(self.machines(service)["machines"]) == count, f"{count} machines", 30)

    def photo_at_a_machine(self, service):
        job, = service.submit(group_photo(), priority="batch")
        wait_for(lambda: service.job(job)["machine"], "the machine's name", 60)
        return job

    def metrics(self, service):
        return requests.get(service.url + "/metrics", timeout=60).text

    def exchanged(self):
        return [str(path) for path in pathlib.Path(self.share.name).rglob("*") if path.is_file()]

    def nothing_is_left(self):
        redis = self.broker.client()
        wait_for(lambda: not redis.exists("unacked", "unacked_index", "gpen:claims", "gpen:attempts", "gpen"),
                 "the end of everything in the queue", 60)
        wait_for(lambda: not self.exchanged(), f"the end of {self.exchanged()}", 30)

    def test_a_machine_does_what_the_service_would_do_itself(self):
        alone = self.service()
        first, = alone.submit(group_photo(), priority="batch")
        here = alone.finished(first)
        self.assertIsNone(here["machine"])
        there_service = self.service(**HOLDS_BATCHES)
        worker = self.worker()
        self.wait_for_machines(there_service, 1)
        second, third = there_service.submit(group_photo(), photo(), priority="batch")
        there = there_service.finished(second)
        self.assertEqual(there["state"], "done", there)
        self.assertEqual(there["machine"], "gpen@pc")
        same = ("faces", "restored", "doubtful", "whole")
        self.assertEqual({name: there["result"][name] for name in same}, {name: here["result"][name] for name in same})
        for what in ("result", "before", "after"):
            one = requests.get(f"{alone.url}/api/v1/jobs/{first}/{what}", timeout=60)
            other = requests.get(f"{there_service.url}/api/v1/jobs/{second}/{what}", timeout=60)
            self.assertEqual(other.status_code, 200, what)
            self.assertEqual(other.content, one.content, what)
        report = requests.get(f"{there_service.url}/api/v1/jobs/{second}/report", timeout=60).json()
        self.assertEqual(report["input"], there["name"])
        # Its faces came too: they can be blended anew.
        untouched = {"faces": [0] * there["result"]["faces"]}
        blended = requests.post(f"{there_service.url}/api/v1/jobs/{second}/blend", json=untouched, timeout=60)
        self.assertEqual(blended.status_code, 200, blended.text)
        self.assertEqual(there_service.finished(third)["machine"], "gpen@pc")
        self.assertIn('gpen_handouts_total{machine="gpen@pc",outcome="done"} 2', self.metrics(there_service))
        self.assertIn('gpen_machine_slots{machine="gpen@pc"} 1', self.metrics(there_service))
        self.assertIn("gpen_broker_up 1", self.metrics(there_service))
        self.nothing_is_left()
        worker.stop()
        self.wait_for_machines(there_service, 0)

    def test_a_model_that_a_photo_asks_for_must_be_there_too(self):
        folder = tempfile.TemporaryDirectory(prefix="gpen-models-")
        self.addCleanup(folder.cleanup)
        models = pathlib.Path(folder.name) / "models"
        copy_models(models)
        add_model(models, "mine", "gpen-lite-512", "--weights-version", "9")
        service = self.service(GPEN_MODELS=str(models))
        worker = self.worker()
        self.wait_for_machines(service, 1)
        lacks, = service.submit(group_photo(), priority="batch", model="mine")
        self.assertIsNone(service.finished(lacks)["machine"], "done here")
        worker.stop()
        self.wait_for_machines(service, 0)
        service.stop()

        service = self.service(GPEN_MODELS=str(models), **HOLDS_BATCHES)
        self.worker(GPEN_MODELS=str(models))
        self.wait_for_machines(service, 1)
        has, = service.submit(group_photo(), priority="batch", model="mine")
        done = service.finished(has)
        self.assertEqual((done["state"], done["machine"]), ("done", "gpen@pc"), done)
        report = requests.get(f"{service.url}/api/v1/jobs/{has}/report", timeout=60).json()
        self.assertEqual({face["model"] for face in report["faces"]}, {"mine 9"})
        self.nothing_is_left()

    def test_photos_go_by_the_services_own_address(self):
        """No folder is shared, and the service wants a token of everybody else."""
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        service = Service(GPEN_BROKER=self.broker.url(0), GPEN_PORT=str(port), GPEN_WORKER_EXCHANGE=address + "/",
                          GPEN_TOKEN="a-secret-token", **HOLDS_BATCHES)
        self.addCleanup(service.__exit__)
        service.start()
        headers = {"Authorization": "Bearer a-secret-token"}

        def ask(path, **more):
            return requests.request(more.pop("method", "GET"), address + path, headers=headers, timeout=60, **more)

        lost = Worker(self.broker.url(0), self.share.name, name="gpen@lost")
        self.addCleanup(lost.close)
        lost.start()
        wait_for(lambda: ask("/api/v1/machines").json()["machines"], "a machine", 30)
        self.assertIn("--allow-host", ask("/api/v1/machines").json()["machines"][0]["held_reason"])
        lost.stop()
        worker = Worker(self.broker.url(0), self.share.name, name="gpen@pc", options=["--allow-host", address])
        self.addCleanup(worker.close)
        worker.start()
        job, = ask("/api/v1/jobs", method="POST", files=[("image", ("a.png", group_photo()))],
                   data={"priority": "batch"}).json()["jobs"]

        def ended():
            now = ask(f"/api/v1/jobs/{job['id']}").json()
            return now if now["state"] in ("done", "failed") else None
        done = wait_for(ended, "the end of the job", SECONDS)
        self.assertEqual((done["state"], done["machine"]), ("done", "gpen@pc"), done)
        self.assertGreater(done["result"]["restored"], 0)
        # Without the secret, which ended with the photo, nobody gets anything.
        for method, what in (("GET", "photo"), ("PUT", "parcel")):
            answer = requests.request(method, f"{address}/api/v1/handouts/1/{what}?secret=x", timeout=60)
            self.assertEqual(answer.status_code, 404)
        self.nothing_is_left()

    def test_photos_of_watched_folders(self):
        """Their results lie where the service itself would have put them; photos without a face get none."""
        home = tempfile.TemporaryDirectory(prefix="gpen-watch-")
        self.addCleanup(home.cleanup)
        folder = pathlib.Path(home.name) / "album"
        folder.mkdir()
        config = pathlib.Path(home.name) / "gpen.toml"
        config.write_text(f'[[watch]]\npath = "{folder}"\nwithout_faces = "skip"\n'
                          "settle_seconds = 0.1\nstable_seconds = 0.5\n")
        service = self.service(**HOLDS_BATCHES, GPEN_CONFIG=str(config))
        self.worker()
        self.wait_for_machines(service, 1)
        (folder / "party.jpg").write_bytes(group_photo())
        (folder / "wall.png").write_bytes(photo())
        result = folder / "enhanced" / "party.jpg"
        wait_for(result.is_file, "the result", SECONDS)
        jobs = wait_for(lambda: self.ended(service, 2), "the end of both jobs", SECONDS)
        self.assertEqual([job["machine"] for job in jobs], ["gpen@pc"] * 2)
        self.assertEqual([path.name for path in result.parent.iterdir()], ["party.jpg"])
        self.nothing_is_left()

    def ended(self, service, count):
        jobs = requests.get(service.url + "/api/v1/jobs?state=done", timeout=60).json()["jobs"]
        return jobs if len(jobs) == count else None

    def test_without_machines_it_is_done_here(self):
        service = self.service()
        job, = service.submit(photo())
        done = service.finished(job)
        self.assertEqual((done["state"], done["machine"]), ("done", None))
        self.assertEqual(self.machines(service), {"machines": [], "handed_out": 0, "problem": "", "enabled": True})

    def test_without_a_broker_it_is_done_here(self):
        service = self.service()
        self.broker.kill()
        job, = service.submit(photo())
        self.assertEqual(service.finished(job)["state"], "done")
        wait_for(lambda: self.machines(service)["problem"], "the problem", 30)
        self.assertIn("gpen_broker_up 0", self.metrics(service))

    def test_all_work_together(self):
        """Two machines and the service itself: each photo one result."""
        service = self.service()
        for name in ("gpen@one", "gpen@two"):
            self.worker(name)
        self.wait_for_machines(service, 2)
        jobs = service.submit(*[photo(seed=seed) for seed in range(40)])
        by = {}
        for job in jobs:
            done = service.finished(job, SECONDS)
            self.assertEqual(done["state"], "done", done)
            by[done["machine"]] = by.get(done["machine"], 0) + 1
        print(f"\n40 photos by {by}")
        self.assertEqual(sum(by.values()), 40)
        self.assertGreater(len(by), 1)
        ends = [event["job"] for event in service.events() if event["kind"] == "finished"]
        self.assertEqual(sorted(ends), sorted(jobs))
        self.nothing_is_left()

    def test_a_machine_that_is_killed_costs_only_time(self):
        service = self.service(**HOLDS_BATCHES)
        worker = self.worker()
        self.wait_for_machines(service, 1)
        slow, = service.submit(group_photo(), priority="batch")
        wait_for(lambda: service.job(slow)["machine"] == "gpen@pc", "the machine's name", 60)
        worker.kill()
        self.worker("gpen@other")
        done = service.finished(slow, SECONDS)
        self.assertEqual((done["state"], done["machine"]), ("done", "gpen@other"))
        self.assertEqual([event["kind"] for event in service.events(slow)].count("finished"), 1)
        self.nothing_is_left()

    def test_cancel_reaches_the_machine(self):
        service = self.service(**HOLDS_BATCHES)
        self.worker()
        self.wait_for_machines(service, 1)
        slow = self.photo_at_a_machine(service)
        service.post(f"/api/v1/jobs/{slow}/cancel")
        self.assertEqual(service.finished(slow, 30)["state"], "cancelled")
        self.nothing_is_left()

    def test_the_photos_own_fault_is_its_own(self):
        service = self.service(**HOLDS_BATCHES)
        self.worker()
        self.wait_for_machines(service, 1)
        broken, = service.submit(group_photo()[:20000], priority="batch")
        failed = service.finished(broken)
        self.assertEqual(failed["state"], "failed", failed)
        self.assertEqual(failed["error"]["code"], "corrupt_image")
        self.nothing_is_left()

    def test_a_machine_with_other_models_or_without_the_root_gets_nothing(self):
        service = self.service()
        worker = Worker(self.broker.url(0), self.share.name, name="gpen@lost", backend_url=self.broker.url(1))
        self.addCleanup(worker.close)
        worker.start()
        self.wait_for_machines(service, 1)
        self.assertIn("root", self.machines(service)["machines"][0]["held_reason"])
        job, = service.submit(photo())
        self.assertIsNone(service.finished(job)["machine"])

    def test_kills_of_the_service_itself(self):
        folder = tempfile.TemporaryDirectory(prefix="gpen-killed-")
        self.addCleanup(folder.cleanup)
        service = self.service(folder.name, **HOLDS_BATCHES)
        self.worker()
        self.wait_for_machines(service, 1)
        slow = self.photo_at_a_machine(service)
        service.kill()
        service.start()
        done = service.finished(slow, SECONDS)
        self.assertEqual((done["state"], done["machine"]), ("done", "gpen@pc"))
        self.nothing_is_left()

    def test_a_broker_that_comes_back_empty(self):
        service = self.service(**HOLDS_BATCHES)
        self.worker()
        self.wait_for_machines(service, 1)
        slow = self.photo_at_a_machine(service)
        self.broker.client().flushall()
        self.assertEqual(service.finished(slow, SECONDS)["state"], "done")
        self.nothing_is_left()


if __name__ == "__main__":
    unittest.main(verbosity=2)
