"""Whatever ends at whatever moment: each photo has exactly one visible result, and none is lost."""

import os
import random
import socket
import threading
import time
import unittest

from worker_under_test import Album, Broker, Worker, client_of, wait_for
from service_under_test import group_photo

PHOTOS = int(os.environ.get("GPEN_PHOTOS", "24"))
SECONDS = 240


class Proxy:
    """Stands between a worker and Redis, and calls `on_data(is_request, bytes)` before it passes anything on."""

    def __init__(self, port):
        self.target = port
        self.on_data = lambda is_request, data: None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:  # The server is away.
                client.close()
                continue
            threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source, target, is_request):
        try:
            while data := source.recv(1 << 20):
                self.on_data(is_request, data)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def url(self, database=0):
        return f"redis://127.0.0.1:{self.port}/{database}"

    def close(self):
        self.listener.close()


class FinalStates:
    """Counts what clients are told of each task's end."""

    def __init__(self, broker, database=1):
        self.seen = {}
        self.subscription = broker.client(database).pubsub()
        self.subscription.psubscribe("celery-task-meta-*")
        wait_for(self.subscription.get_message, "the subscription")
        threading.Thread(target=self._listen, daemon=True).start()

    def of(self, task):
        """What was told of a task that has ended; it may take a moment longer here than elsewhere."""
        return wait_for(lambda: self.seen.get(task.id), f"word of the end of {task.id}", 30)

    def _listen(self):
        import json
        try:
            for message in self.subscription.listen():
                if message["type"] == "pmessage":
                    meta = json.loads(message["data"])
                    if meta["status"] in ("SUCCESS", "FAILURE", "REVOKED"):
                        self.seen.setdefault(meta["task_id"], []).append(meta["status"])
        except Exception:  # The broker was closed.
            pass


class Kills(unittest.TestCase):
    def setUp(self):
        self.broker, self.album = Broker(), Album()
        self.addCleanup(self.album.close)
        self.addCleanup(self.broker.close)
        self.app = client_of(self.broker)

    def worker(self, url, name="gpen@one", **more):
        worker = Worker(url, self.album.path, name=name, backend_url=more.pop("backend_url", self.broker.url(1)),
                        **more)
        self.addCleanup(worker.close)
        return worker

    def send(self, data=None):
        return self.app.send_task("gpen.restore", args=[self.album.reference(data)])

    def nothing_is_left(self):
        redis = self.broker.client()
        wait_for(lambda: not redis.exists("unacked", "unacked_index", "gpen:claims", "gpen:attempts", "gpen"),
                 "the acknowledgement of everything", 60)

    def test_a_kill_at_each_step(self):
        proxy = Proxy(self.broker.port)
        self.addCleanup(proxy.close)
        states = FinalStates(self.broker)
        worker = self.worker(proxy.url(0), backend_url=proxy.url(1))
        worker.start()

        def killer(is_request, mark, after):
            """Kills the worker when `mark` goes by in that direction: before it is passed on, or after it."""
            done = threading.Event()

            def look(direction, data):
                if done.is_set() or direction != is_request or mark not in data:
                    return
                if after:
                    threading.Timer(0.02, worker.process.kill).start()
                else:
                    worker.process.kill()
                done.set()
            return look, done

        steps = [
            ("claimed, and the answer is lost", False, b'"gpen.restore"', False),
            ("claimed, and the answer has come", False, b'"gpen.restore"', True),
            ("before STARTED is stored", True, b'"STARTED"', False),
            ("after STARTED is stored", True, b'"STARTED"', True),
            ("while it works", True, b'"PROGRESS"', True),
            ("before the result is stored", True, b'"SUCCESS","result"', False),
            ("after the result is stored", True, b'"SUCCESS","result"', True),
        ]
        for what, is_request, mark, after in steps:
            with self.subTest(what):
                look, done = killer(is_request, mark, after)
                proxy.on_data = look
                task = self.send()
                self.assertTrue(done.wait(120), "the step did not come")
                worker.process.wait(10)
                proxy.on_data = lambda is_request, data: None
                worker._end()
                worker.start()
                self.assertIn("output", task.get(SECONDS))
                self.nothing_is_left()
                self.assertEqual(states.of(task), ["SUCCESS"])
        self.assertEqual(self.album.results(), sorted(f"photo {i + 1}.png" for i in range(len(steps))))

    def test_a_photo_that_kills_the_process_ends_as_failure(self):
        worker = self.worker(self.broker.url(0))
        worker.start()
        task = self.send(group_photo())
        for _ in range(3):
            wait_for(lambda: task.state == "PROGRESS", "work")
            worker.kill()
            self.broker.client(1).delete(f"celery-task-meta-{task.id}")
            worker.start()
        with self.assertRaises(Exception) as raised:
            task.get(SECONDS)
        self.assertEqual(type(raised.exception).__name__, "WorkerLostError")
        self.nothing_is_left()

    def test_at_the_end_messages_go_back(self):
        worker = self.worker(self.broker.url(0))
        worker.start()
        task = self.send(group_photo())
        wait_for(lambda: task.state == "PROGRESS", "work")
        self.assertEqual(worker.stop(), 0)
        redis = self.broker.client()
        self.assertEqual(redis.llen("gpen"), 1)
        self.assertFalse(redis.exists("unacked", "unacked_index", "gpen:claims", "gpen:attempts"))
        worker.start()
        self.assertIn("output", task.get(SECONDS))

    def test_two_workers_that_are_killed(self):
        """Each photo exactly one result, as figures."""
        states = FinalStates(self.broker)
        workers = [self.worker(self.broker.url(0), name=f"gpen@{i}") for i in range(2)]
        for worker in workers:
            worker.start()
        began = time.monotonic()
        tasks = [self.send() for _ in range(PHOTOS)]
        sent = {path.name for path in self.album.path.iterdir()}
        redis = self.broker.client(1)
        done = lambda: len(redis.keys("celery-task-meta-*"))  # noqa: E731
        claimed = lambda: set(self.broker.client().hkeys("gpen:attempts"))  # noqa: E731
        kills = 0
        choose = random.Random(1)
        for part in (0.2, 0.4, 0.6, 0.8):
            wait_for(lambda: done() >= part * PHOTOS, "progress", SECONDS)
            victim = choose.choice(workers)
            victim.kill()
            kills += 1
            held = claimed()
            victim.start()
            # A photo over which a worker dies three times is given up, and rightly.
            wait_for(lambda: not held & claimed(), "the photos that were in work", SECONDS)
        for task in tasks:
            self.assertIn("output", task.get(SECONDS))
        self.nothing_is_left()
        self.assertEqual([], [name for name in self.album.results() if name not in sent])
        self.assertEqual(len(self.album.results()), PHOTOS)
        told = [len(states.of(task)) for task in tasks]
        print(f"\n{PHOTOS} photos, 2 workers, {kills} kills: {sum(count == 1 for count in told)} with exactly one "
              f"result, {time.monotonic() - began:.0f} s")
        self.assertEqual(set(told), {1})

    def test_a_broker_that_is_killed_and_comes_back(self):
        worker = self.worker(self.broker.url(0))
        worker.start()
        tasks = [self.send() for _ in range(6)]
        wait_for(lambda: self.broker.client(1).keys("celery-task-meta-*"), "the first")
        self.broker.kill()
        time.sleep(3)
        self.broker.start()
        for task in tasks:
            meta = wait_for(lambda: self.broker.client(1).get(f"celery-task-meta-{task.id}"), "a result", SECONDS)
            wait_for(lambda: b'"SUCCESS"' in self.broker.client(1).get(f"celery-task-meta-{task.id}"), str(meta),
                     SECONDS)
        self.nothing_is_left()
        self.assertEqual(len(self.album.results()), 6)

    def test_a_worker_starts_before_its_broker(self):
        self.broker.kill()
        worker = self.worker(self.broker.url(0))
        worker.start()
        self.broker.start()
        self.assertIn("output", self.send().get(SECONDS))


if __name__ == "__main__":
    unittest.main(verbosity=2)
