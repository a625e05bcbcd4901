"""A broker in trouble: slow, full, hanging, gone for a while: clients' tasks and a service's jobs end, once each."""

import os
import signal
import tempfile
import time
import unittest

import requests

from kills_test import Proxy
from worker_under_test import Album, Broker, Worker, client_of, wait_for
from service_under_test import Service, photo

PHOTOS = 6
SECONDS = 240


class Trouble(unittest.TestCase):
    def setUp(self):
        self.share = tempfile.TemporaryDirectory(prefix="gpen-share-")
        self.addCleanup(self.share.cleanup)
        self.broker, self.album = Broker(), Album()
        self.addCleanup(self.album.close)
        self.addCleanup(self.broker.close)
        self.proxy = Proxy(self.broker.port)
        self.addCleanup(self.proxy.close)

    def check(self, trouble):
        """`trouble()` comes when some are done and some are not."""
        share = ["--root", f"exchange={self.share.name}"]
        worker = Worker(self.proxy.url(0), self.album.path, options=share, backend_url=self.proxy.url(1))
        self.addCleanup(worker.close)
        worker.start()
        # The service would do nothing of it itself.
        service = Service(GPEN_BROKER=self.proxy.url(0), GPEN_BACKEND=self.proxy.url(1),
                          GPEN_WORKER_ROOTS=f"exchange={self.share.name}", GPEN_QUIET_HOURS="00:00-24:00")
        self.addCleanup(service.__exit__)
        service.start()
        wait_for(lambda: b'machine="gpen@one"' in self.metrics(service), "the machine", 30)
        app = client_of(self.broker)
        tasks = [app.send_task("gpen.restore", args=[self.album.reference()]) for _ in range(PHOTOS)]
        jobs = service.submit(*[photo(seed=100 + seed) for seed in range(PHOTOS)], priority="batch")
        self.wait_for_results(1)
        trouble()
        self.wait_for_results(PHOTOS)
        for task in tasks:
            wait_for(lambda: b'"SUCCESS"' in self.broker.client(1).get(f"celery-task-meta-{task.id}"), "its result", 60)
        for job in jobs:
            done = service.finished(job, SECONDS)
            self.assertEqual((done["state"], done["machine"]), ("done", "gpen@one"), done)
        ends = [event["job"] for event in service.events() if event["kind"] == "finished"]
        self.assertEqual(sorted(ends), sorted(jobs))
        self.assertEqual(len(self.album.results()), PHOTOS)
        redis = self.broker.client()
        wait_for(lambda: not redis.exists("unacked", "unacked_index", "gpen:claims", "gpen:attempts", "gpen"),
                 "the acknowledgement of everything", 60)

    def metrics(self, service):
        return requests.get(service.url + "/metrics", timeout=60).content

    def wait_for_results(self, count):
        wait_for(lambda: len(self.album.results()) >= count, f"{count} results", SECONDS)

    def test_slow(self):
        def slow():
            self.proxy.on_data = lambda is_request, data: time.sleep(0.15)
        self.check(slow)

    def test_full(self):
        def full():
            self.broker.client().config_set("maxmemory", 1)
            time.sleep(5)
            self.broker.client().config_set("maxmemory", 0)
        self.check(full)

    def test_hanging(self):
        def hang():
            self.broker.process.send_signal(signal.SIGSTOP)
            time.sleep(float(os.environ.get("GPEN_OUTAGE_SECONDS", "15")))
            self.broker.process.send_signal(signal.SIGCONT)
        self.check(hang)

    def test_gone_for_a_while(self):
        def go():
            self.broker.kill()
            time.sleep(float(os.environ.get("GPEN_OUTAGE_SECONDS", "15")))
            self.broker.start()
        self.check(go)


if __name__ == "__main__":
    unittest.main(verbosity=2)
