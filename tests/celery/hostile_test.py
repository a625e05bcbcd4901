"""Messages that mean harm or make no sense: a clear FAILURE each, and the worker goes on."""

import base64
import json
import os
import subprocess
import tempfile
import unittest
import uuid

from worker_under_test import GPEN, Album, Broker, Worker, client_of, wait_for

SECONDS = 120


def envelope(body, **headers):
    return {"body": base64.b64encode(body).decode(), "content-type": "application/json", "content-encoding": "utf-8",
            "headers": {"task": "gpen.restore", "id": str(uuid.uuid4()), **headers},
            "properties": {"delivery_tag": str(uuid.uuid4()), "body_encoding": "base64"}}


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker, cls.album = Broker(), Album()
        cls.worker = Worker(cls.broker.url(), cls.album.path).start()
        cls.app = client_of(cls.broker, results=0)
        cls.redis = cls.broker.client()

    @classmethod
    def tearDownClass(cls):
        cls.worker.close()
        cls.broker.close()
        cls.album.close()

    def failure(self, task, code=None, says=""):
        with self.assertRaises(Exception) as raised:
            task.get(SECONDS)
        if code:
            self.assertEqual(raised.exception.args[1], code, raised.exception)
        self.assertIn(says, str(raised.exception))

    def raw(self, message):
        """The end of a message that is put into the queue as it is."""
        self.redis.lpush("gpen", json.dumps(message))
        key = "celery-task-meta-" + message["headers"]["id"]

        def ended():
            meta = json.loads(self.redis.get(key) or "{}")
            return meta if meta.get("date_done") else None
        return wait_for(ended, "an answer", SECONDS)

    def still_works(self):
        self.assertIn("output", self.app.send_task("gpen.restore", args=[self.album.reference()]).get(SECONDS))
        wait_for(lambda: not self.redis.exists("unacked", "gpen:claims", "gpen"), "the acknowledgement", 60)

    def tearDown(self):
        self.still_works()

    def test_paths_out_of_the_root(self):
        os.symlink("/etc", self.album.path / "link")
        os.symlink("/etc/passwd", self.album.path / "file.jpg")
        os.mkfifo(self.album.path / "pipe.jpg")
        for path, code in [("album:../x.jpg", "invalid_argument"), ("album:/etc/passwd", "invalid_argument"),
                           ("album:a/../../x", "invalid_argument"), ("/etc/passwd", "invalid_argument"),
                           ("album:", "invalid_argument"), ("album:a\0b", "invalid_argument"),
                           ("album:link/passwd", "not_found"), ("album:file.jpg", "not_found"),
                           ("album:pipe.jpg", "not_found"), ("album:none.jpg", "not_found"),
                           ("other:a.jpg", "not_found"), ("http://169.254.169.254/", "invalid_argument"),
                           ("file:///etc/passwd", "invalid_argument")]:
            with self.subTest(path):
                self.failure(self.app.send_task("gpen.restore", args=[path]), code)

    def test_outputs_that_are_not_ours(self):
        os.symlink("/tmp", self.album.path / "out")
        name = self.album.add()
        before = (self.album.path / name).read_bytes()
        other = self.album.add()
        for output, code in [("album:out/x.png", "not_found"), (f"album:{name}", "invalid_argument"),
                             (f"album:{other}", "conflict"), ("album:../x.png", "invalid_argument")]:
            with self.subTest(output):
                self.failure(self.app.send_task("gpen.restore", args=["album:" + name, output]), code)
        self.assertEqual((self.album.path / name).read_bytes(), before)

    def test_arguments_that_make_no_sense(self):
        photo_path = self.album.reference()
        for args, kwargs in [([], {}), ([1], {}), ([photo_path, None, 3], {}), ([photo_path], {"colour": "red"}),
                             ([photo_path], {"strength": "much"}), ([photo_path], {"strength": 1000}),
                             ([{"__type__": "base64", "__value__": "???"}], {})]:
            with self.subTest(f"{args} {kwargs}"):
                self.failure(self.app.send_task("gpen.restore", args=args, kwargs=kwargs), "invalid_argument")

    def test_a_wrong_checksum(self):
        self.failure(self.app.send_task("gpen.restore", args=[self.album.reference()], kwargs={"sha256": "0" * 64}),
                     "corrupt_image", "SHA-256")

    def test_huge_messages(self):
        data = "data:image/png;base64," + "A" * 400_000
        self.failure(self.app.send_task("gpen.restore", args=[data]), "image_too_large")
        self.assertEqual(self.raw(envelope(b"[[], {}, {}]" + b" " * (14 << 20)))["status"], "FAILURE")

    def test_broken_messages(self):
        deep = b"[" * 5000 + b"]" * 5000
        for body in (b"", b"not json", b"{}", b"[1,2,3]", b"[[]]", b"[[" + deep + b"], {}, {}]", b"\xff\xfe"):
            with self.subTest(body[:20]):
                self.assertEqual(self.raw(envelope(body))["result"]["exc_type"], "ValueError")
        for message in ("", "not json", "[", "7", "[" * 100_000, "{}", '{"headers": 1, "properties": 2, "body": 3}'):
            self.redis.lpush("gpen", message)
        self.assertEqual(self.raw(envelope(b"[[],{},{}]", eta="tomorrow"))["result"]["exc_type"], "ValueError")

    def test_pickle_and_unknown_compression(self):
        message = envelope(b"cos\nsystem\n(S'touch /tmp/gpen-was-here'\ntR.")
        message["content-type"] = "application/x-python-serialize"
        self.assertEqual(self.raw(message)["result"]["exc_type"], "ContentDisallowed")
        packed = envelope(b"[[], {}, {}]", compression="application/x-bz2")
        self.assertEqual(self.raw(packed)["result"]["exc_type"], "ContentDisallowed")
        good = self.app.send_task("gpen.restore", args=[self.album.reference()], compression="gzip")
        self.assertIn("output", good.get(SECONDS))

    def test_chains_that_make_no_sense(self):
        body = json.dumps([[self.album.reference()], {}, {"chain": [{"no": "task"}], "callbacks": None}]).encode()
        self.assertEqual(self.raw(envelope(body))["status"], "FAILURE")
        body = json.dumps([[self.album.reference()], {}, {"chord": {"no": "task"}}]).encode()
        self.redis.set("celery-taskset-meta-g.s", 1)
        self.assertEqual(self.raw(envelope(body, group="g"))["status"], "SUCCESS")

    def test_control_that_makes_no_sense(self):
        for message in ("", "x", "{}", json.dumps(envelope(b"[]")),
                        json.dumps(envelope(json.dumps({"method": "revoke", "arguments": [1]}).encode())),
                        json.dumps(envelope(json.dumps({"method": ["ping"], "destination": 7}).encode()))):
            self.redis.publish("/0.celery.pidbox", message)
        self.assertEqual(self.app.control.inspect(["gpen@one"], timeout=20).ping(), {"gpen@one": {"ok": "pong"}})


class Refusals(unittest.TestCase):
    """What is wrong with the command line is said at once."""

    def refused(self, *arguments, **environment):
        with tempfile.TemporaryDirectory() as data:
            ended = subprocess.run([GPEN, "worker", "--data-dir", data, *arguments], capture_output=True, text=True,
                                   timeout=60, env={**os.environ, **environment})
        self.assertEqual(ended.returncode, 2, ended.stderr)
        return ended.stderr

    def test_the_command_line(self):
        self.assertIn("--broker", self.refused())
        self.assertIn("not spoken here", self.refused("--broker", "amqp://nas"))
        self.assertIn("absolute", self.refused("--broker", "redis://nas", "--root", "a=b"))
        self.assertIn("priority steps", self.refused("--broker", "redis://nas",
                                                     GPEN_WORKER_PRIORITY_STEPS="3,2"))


class Password(unittest.TestCase):
    def test_a_wrong_password_is_said(self):
        broker, album = Broker(), Album()
        self.addCleanup(broker.close)
        self.addCleanup(album.close)
        broker.client().config_set("requirepass", "secret")
        worker = Worker(broker.url().replace("redis://", "redis://:wrong@"), album.path)
        self.addCleanup(worker.close)
        with self.assertRaisesRegex(AssertionError, "WRONGPASS") as raised:
            worker.start()
        self.assertNotIn("wrong@", str(raised.exception))


if __name__ == "__main__":
    unittest.main(verbosity=2)
