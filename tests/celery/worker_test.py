"""What a client of Celery may expect of any worker, of `gpen worker`: states, retries, time, groups, tools."""

import base64
import datetime
import os
import pathlib
import subprocess
import sys
import time
import unittest

import celery
import celery.exceptions

from worker_under_test import Album, Broker, Worker, client_of, restore, wait_for
from service_under_test import group_photo, photo, portrait

SECONDS = 180
# What takes seconds of a group photo on any machine: there is time to interrupt it.
SLOW = {"enlarge": 4, "clean": 100}
# Whom a broadcast is for, so that its sender knows when all have answered.
ONE = {"destination": ["gpen@one"], "reply": True, "timeout": 20}


class WorkerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker()
        cls.album = Album()
        cls.worker = Worker(cls.broker.url(0), cls.album.path, backend_url=cls.broker.url(1),
                            options=["--root", f"later={cls.album.path}/not-mounted"]).start()
        cls.app = client_of(cls.broker)

    @classmethod
    def tearDownClass(cls):
        cls.worker.close()
        cls.broker.close()
        cls.album.close()

    def send(self, *args, kwargs=None, **options):
        return self.app.send_task("gpen.restore", args=args, kwargs=kwargs or {}, **options)

    def pause(self):
        """Nothing is claimed until the returned function is called."""
        self.app.control.cancel_consumer("gpen", **ONE)
        return lambda: self.app.control.add_consumer("gpen", **ONE)

    def tearDown(self):
        # Every message was acknowledged, and nothing of ours is left behind.
        redis = self.broker.client()
        wait_for(lambda: not redis.exists("unacked", "unacked_index", "gpen:claims", "gpen:attempts"),
                 "the acknowledgement of everything", 60)

    def test_success_says_where_the_photo_is(self):
        name = self.album.add(portrait())
        result = self.send(f"album:{name}", kwargs={"strength": 80}).get(SECONDS)
        self.assertEqual(result["output"], f"album:enhanced/{name}")
        self.assertTrue((self.album.path / "enhanced" / name).is_file())
        self.assertEqual(result["faces_restored"], 1)
        self.assertGreater(result["faces"][0]["likeness"], 0.3)
        self.assertEqual(result["worker"], "gpen@one")
        self.assertGreater(result["seconds"], 0)
        self.assertIn("model", result)
        meta = self.broker.client(1).keys("celery-task-meta-*")[0]
        self.assertLess(self.broker.client(1).strlen(meta), 8192)
        self.assertGreater(self.broker.client(1).ttl(meta), 80000)

    def test_the_output_may_be_named(self):
        result = self.send(self.album.reference(), "album:chosen/out.png").get(SECONDS)
        self.assertEqual(result["output"], "album:chosen/out.png")
        self.assertTrue((self.album.path / "chosen/out.png").is_file())

    def test_a_photo_inside_the_message(self):
        data = "data:image/png;base64," + base64.b64encode(photo(side=98)).decode()
        result = self.send(data).get(SECONDS)
        self.assertIsNone(result["output"])
        self.assertTrue(base64.b64decode(result["photo"].split(",", 1)[1]).startswith(b"\x89PNG"))

    def test_states_and_progress(self):
        states = []
        task = self.send(self.album.reference(group_photo()))
        task.get(SECONDS, on_message=states.append)
        # News of the tests before may still arrive.
        states = [(meta["status"], meta["result"]) for meta in states if meta["task_id"] == task.id]
        names = [state for state, _ in states]
        self.assertEqual(names[0], "STARTED")
        self.assertIn("PROGRESS", names)
        self.assertEqual(names[-1], "SUCCESS")
        progress = [result for state, result in states if state == "PROGRESS"]
        self.assertTrue(all(0 <= step["fraction"] <= 1 and step["step"] for step in progress), progress)

    def test_failure_carries_our_code(self):
        task = self.send(self.album.reference(b"this is no photo"))
        with self.assertRaises(Exception) as raised:
            task.get(SECONDS)
        self.assertEqual(type(raised.exception).__name__, "GpenError")
        self.assertEqual(raised.exception.args[1], "unsupported_format")
        self.assertEqual(task.state, "FAILURE")

    def test_a_photo_may_ask_for_a_model(self):
        reference = self.album.reference(portrait())

        def send(model):
            return restore(self.app, reference, kwargs={"model": model}).apply_async()

        for model in "gpen-lite-256", "gpen-lite-512":
            self.assertIn(model, send(model).get(SECONDS)["model"])
        task = send("yours")
        with self.assertRaises(Exception) as raised:
            task.get(SECONDS)
        self.assertEqual(raised.exception.args[1], "invalid_argument")
        self.assertIn("(auto, gpen-lite-256, gpen-lite-512)", raised.exception.args[0])

    def test_unknown_tasks_are_not_registered(self):
        with self.assertRaises(celery.exceptions.NotRegistered):
            self.app.send_task("gpen.unknown").get(SECONDS)

    def test_what_passes_is_tried_again(self):
        name = self.album.add()
        later = self.album.path / "not-mounted"
        states = []
        task = self.send(f"album:{name}", "later:out.png", retry=False)
        wait_for(lambda: states.append(task.state) or "RETRY" in states, "the state RETRY")
        self.assertEqual(type(task.result).__name__, "GpenError")
        later.mkdir()
        self.assertEqual(task.get(SECONDS)["output"], "later:out.png")
        self.assertTrue((later / "out.png").is_file())

    def test_countdown(self):
        began = time.time()
        task = self.send(self.album.reference(), countdown=3)
        inspect = self.app.control.inspect(["gpen@one"], timeout=20)
        scheduled = wait_for(lambda: inspect.scheduled()["gpen@one"], "a waiting task")
        self.assertEqual(scheduled[0]["request"]["id"], task.id)
        task.get(SECONDS)
        self.assertGreaterEqual(time.time() - began, 3)

    def test_expired_tasks_are_revoked(self):
        resume = self.pause()
        past = self.send(self.album.reference(), expires=datetime.datetime.utcnow() + datetime.timedelta(seconds=0.5))
        time.sleep(1)
        resume()
        with self.assertRaises(celery.exceptions.TaskRevokedError):
            past.get(SECONDS)

    def test_revoke_of_a_waiting_task(self):
        resume = self.pause()
        task = self.send(self.album.reference())
        self.app.control.revoke(task.id, **ONE)
        with self.assertRaises(celery.exceptions.TaskRevokedError):
            task.get(SECONDS)  # Before any worker met it.
        resume()

    def test_revoke_terminates_what_runs(self):
        task = self.send(self.album.reference(group_photo()), kwargs={"strength": 72, **SLOW})
        wait_for(lambda: task.state == "PROGRESS", "work")
        self.app.control.revoke(task.id, terminate=True, **ONE)
        with self.assertRaises(celery.exceptions.TaskRevokedError):
            task.get(SECONDS)

    def test_time_limit(self):
        task = self.send(self.album.reference(group_photo()), kwargs={"strength": 71, **SLOW}, time_limit=0.1)
        with self.assertRaises(celery.exceptions.TimeLimitExceeded):
            task.get(SECONDS)

    def test_priorities(self):
        resume = self.pause()
        tasks = [(priority, self.send(self.album.reference(), priority=priority)) for priority in (9, 5, 0)]
        resume()
        done = {priority: task.get(SECONDS) and task.date_done for priority, task in tasks}
        self.assertLess(done[0], done[5])
        self.assertLess(done[5], done[9])

    def test_ignore_result(self):
        name = self.album.add()
        task = self.send(f"album:{name}", ignore_result=True)
        wait_for(lambda: (self.album.path / "enhanced" / name).is_file(), "the result")
        self.assertEqual(task.state, "PENDING")

    def test_group(self):
        results = celery.group(restore(self.app, self.album.reference()) for _ in range(3)).apply_async().get(SECONDS)
        self.assertEqual(len(results), 3)

    def test_chain(self):
        chain = celery.chain(restore(self.app, self.album.reference()),
                             restore(self.app, self.album.reference(), immutable=True))
        task = chain.apply_async()
        self.assertIn("photo", task.get(SECONDS)["output"])
        self.assertEqual(task.parent.children[0].id, task.id)

    def test_a_chain_that_fails_ends_whole(self):
        chain = celery.chain(restore(self.app, self.album.reference(b"no photo")),
                             restore(self.app, self.album.reference(), immutable=True))
        with self.assertRaises(Exception) as raised:
            chain.apply_async().get(SECONDS)
        self.assertEqual(type(raised.exception).__name__, "GpenError")

    def test_chord(self):
        parts = [restore(self.app, self.album.reference()) for _ in range(3)]
        ended = celery.chord(parts)(restore(self.app, self.album.reference(), immutable=True))
        self.assertIn("output", ended.get(SECONDS))

    def test_a_chord_with_a_failed_part_fails(self):
        parts = [restore(self.app, self.album.reference()), restore(self.app, self.album.reference(b"no photo"))]
        ended = celery.chord(parts)(restore(self.app, self.album.reference(), immutable=True))
        with self.assertRaises(celery.exceptions.ChordError):
            # By its id alone: a result that knows its parents raises what was wrong with them.
            self.app.AsyncResult(ended.id).get(SECONDS)

    def test_links(self):
        good, bad = self.album.add(), self.album.add()
        self.send(self.album.reference(), link=restore(self.app, f"album:{good}", immutable=True)).get(SECONDS)
        wait_for(lambda: (self.album.path / "enhanced" / good).is_file(), "what follows success")
        failing = self.send(self.album.reference(b"no photo"),
                            link_error=restore(self.app, f"album:{bad}", immutable=True))
        with self.assertRaises(Exception):
            failing.get(SECONDS)
        wait_for(lambda: (self.album.path / "enhanced" / bad).is_file(), "what follows failure")

    def test_equal_photos_are_restored_once(self):
        data = photo(side=97)
        first = self.send(self.album.reference(data)).get(SECONDS)
        second = self.send(self.album.reference(data)).get(SECONDS)
        self.assertEqual((first["cached"], second["cached"]), (False, True))
        self.assertNotEqual(first["output"], second["output"])

    def test_inspect(self):
        inspect = self.app.control.inspect(["gpen@one"], timeout=20)
        self.assertEqual(inspect.ping(), {"gpen@one": {"ok": "pong"}})
        self.assertEqual(inspect.registered(), {"gpen@one": ["gpen.restore"]})
        self.assertEqual(inspect.active(), {"gpen@one": []})
        self.assertEqual(inspect.stats()["gpen@one"]["pool"]["max-concurrency"], 1)
        queue, = inspect.active_queues()["gpen@one"]
        for key in ("exclusive", "durable", "no_ack", "alias", "auto_delete", "queue_arguments",
                    "binding_arguments", "routing_key"):
            self.assertIn(key, queue)
        self.assertNotIn("redis://", str(inspect.conf()))
        for method in ("reserved", "scheduled", "revoked", "report", "clock"):
            self.assertIn("gpen@one", getattr(inspect, method)())
        only = self.app.control.inspect(destination=["other@host"], timeout=1)
        self.assertIsNone(only.ping())

    def test_control(self):
        control = self.app.control
        self.assertEqual(control.pool_grow(1, **ONE), [{"gpen@one": {"ok": "pool will grow"}}])
        self.assertEqual(control.inspect(["gpen@one"], timeout=20).stats()["gpen@one"]["pool"]["max-concurrency"], 2)
        self.assertEqual(control.pool_shrink(1, **ONE), [{"gpen@one": {"ok": "pool will shrink"}}])
        self.assertIn("error", control.pool_shrink(1, **ONE)[0]["gpen@one"])
        self.assertIn("error", control.broadcast("shutdown", **ONE)[0]["gpen@one"])
        self.assertIn("error", control.broadcast("nosuch", **ONE)[0]["gpen@one"])

    def test_the_status_command(self):
        shown = subprocess.run([sys.executable, "-m", "celery", "-b", self.broker.url(0), "status", "-t", "5"],
                               capture_output=True, text=True)
        self.assertIn("gpen@one", shown.stdout + shown.stderr)

    def test_events(self):
        seen = []
        with self.app.connection() as connection:
            receiver = self.app.events.Receiver(connection, handlers={"*": seen.append})
            consumer = receiver.itercapture(limit=None, timeout=20, wakeup=False)
            next(consumer)
            task = self.send(self.album.reference())
            while not any(event["type"] == "task-succeeded" and event["uuid"] == task.id for event in seen):
                next(consumer)
            while not any(event["type"] == "worker-heartbeat" for event in seen):
                next(consumer)
        types = [event["type"] for event in seen if event.get("uuid") == task.id]
        self.assertEqual(types, ["task-received", "task-started", "task-succeeded"])


class ClientsOptions(unittest.TestCase):
    """What clients call keys by is an option of theirs, and a setting of ours."""

    def test_sep_and_prefixes(self):
        broker, album = Broker(), Album()
        self.addCleanup(broker.close)
        self.addCleanup(album.close)
        app = client_of(broker)
        app.conf.broker_transport_options = {"sep": ":", "priority_steps": [0, 5], "queue_order_strategy": "priority"}
        task = app.send_task("gpen.restore", args=[album.reference()], priority=7)
        self.assertEqual(broker.client().llen("gpen:5"), 1)
        worker = Worker(broker.url(0), album.path, backend_url=broker.url(1), GPEN_WORKER_SEPARATOR=":",
                        GPEN_WORKER_PRIORITY_STEPS="0,5").start()
        self.addCleanup(worker.close)
        self.assertIn("output", task.get(SECONDS))
        self.assertEqual(list(app.control.ping(timeout=2)), [{"gpen@one": {"ok": "pong"}}])
        self.assertIn(b"gpen::gpen", broker.client().smembers("_kombu.binding.gpen"))


class BesideCelery(unittest.TestCase):
    """A real worker of Celery on the same database does ours no harm, and takes the rest of a chain."""

    TASKS = """
import celery
app = celery.Celery("theirs", broker="{broker}", backend="{results}")
app.conf.broker_transport_options = {{"visibility_timeout": 5}}

@app.task(name="theirs.collect")
def collect(results):
    return results
"""

    def test_side_by_side(self):
        broker, album = Broker(), Album()
        self.addCleanup(broker.close)
        self.addCleanup(album.close)
        worker = Worker(broker.url(0), album.path, backend_url=broker.url(1)).start()
        self.addCleanup(worker.close)
        (album.path / "theirs.py").write_text(
            self.TASKS.format(broker=broker.url(0), results=broker.url(1)))
        with open(os.devnull, "w") as nowhere:
            theirs = subprocess.Popen([sys.executable, "-m", "celery", "-A", "theirs", "worker", "-P", "solo",
                                       "-n", "theirs@host"], cwd=album.path, stdout=nowhere, stderr=nowhere)
        self.addCleanup(theirs.wait)
        self.addCleanup(theirs.kill)
        app = client_of(broker)
        wait_for(lambda: len(app.control.ping(timeout=2)) == 2, "both workers")
        collect = app.signature("theirs.collect", queue="celery")
        chain = (restore(app, album.reference()) | collect).apply_async()
        self.assertIn("output", chain.get(SECONDS))
        parts = [restore(app, album.reference()) for _ in range(3)]
        results = celery.chord(parts)(collect).get(SECONDS)
        self.assertEqual([result["output"] for result in results],
                         [f"album:enhanced/{pathlib.Path(part.args[0]).name.split(':')[-1]}" for part in parts])


if __name__ == "__main__":
    unittest.main(verbosity=2)
