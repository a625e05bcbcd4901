"""Photos by reference to web addresses: fetched and put with limits, and only where that is allowed."""

import hashlib
import http.server
import threading
import time
import unittest

from worker_under_test import Album, Broker, Worker, client_of, free_port
from service_under_test import photo

SECONDS = 120


class Store:
    """An object store with presigned addresses: whoever knows the signature may."""

    def __init__(self, port=0):
        self.files, self.put, self.asked = {}, {}, []
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *ignored):
                pass

            def do_GET(self):
                store.asked.append(self.path)
                path = self.path.split("?")[0]
                if path == "/redirect":
                    self.send_response(302)
                    self.send_header("Location", "/a.png?signature=good")
                    self.end_headers()
                elif path == "/endless":
                    self.send_response(200)
                    self.end_headers()
                    try:
                        while True:
                            self.wfile.write(b"x" * 65536)
                    except OSError:
                        pass
                elif path == "/busy":
                    self.send_response(503)
                    self.end_headers()
                elif "signature=good" not in self.path or path not in store.files:
                    self.send_response(403)
                    self.end_headers()
                else:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(store.files[path])))
                    self.end_headers()
                    self.wfile.write(store.files[path])

            def do_PUT(self):
                store.asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                good = "signature=good" in self.path and "Content-Type" not in self.headers
                if good:
                    store.put.setdefault(self.path.split("?")[0], []).append(body)
                self.send_response(200 if good else 403)
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path, signature="?signature=good", host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}{signature}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Web(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker, cls.album, cls.store, cls.inner = Broker(), Album(), Store(), Store()
        cls.worker = Worker(cls.broker.url(), cls.album.path,
                            options=["--allow-host", f"http://127.0.0.1:{cls.store.port}"],
                            GPEN_MAX_UPLOAD_BYTES=str(1 << 20), no_proxy="",
                            http_proxy=f"http://127.0.0.1:{cls.inner.port}")
        cls.worker.start()
        cls.app = client_of(cls.broker, results=0)

    @classmethod
    def tearDownClass(cls):
        for each in (cls.worker, cls.store, cls.inner, cls.album, cls.broker):
            each.close()

    def fails(self, code, *args, **kwargs):
        task = self.app.send_task("gpen.restore", args=args, kwargs=kwargs)
        with self.assertRaises(Exception) as raised:
            task.get(SECONDS)
        self.assertEqual(raised.exception.args[1:], (code,), raised.exception)
        return raised.exception.args[0]

    def test_from_one_address_to_another(self):
        self.store.files["/a.png"] = data = photo(seed=1)
        task = self.app.send_task("gpen.restore", args=[self.store.url("/a.png"), self.store.url("/out.png")],
                                  kwargs={"sha256": hashlib.sha256(data).hexdigest()})
        result = task.get(SECONDS)
        self.assertEqual(result["output"], self.store.url("/out.png", signature=""))
        self.assertEqual(len(self.store.put["/out.png"]), 1)
        self.assertNotIn("signature", str(result))
        self.assertEqual(self.inner.asked, [], "the environment's proxy was asked")

    def test_from_an_address_into_a_root_and_back(self):
        self.store.files["/b.png"] = photo(seed=2)
        task = self.app.send_task("gpen.restore", args=[self.store.url("/b.png"), "album:b.png"])
        self.assertEqual(task.get(SECONDS)["output"], "album:b.png")
        task = self.app.send_task("gpen.restore", args=["album:b.png", self.store.url("/c.png")])
        task.get(SECONDS)
        self.assertEqual(self.store.put["/c.png"], [(self.album.path / "b.png").read_bytes()])

    def test_a_small_result_comes_inside(self):
        self.store.files["/d.png"] = photo(seed=3)
        result = self.app.send_task("gpen.restore", args=[self.store.url("/d.png")]).get(SECONDS)
        self.assertTrue(result["photo"].startswith("data:"))

    def test_what_is_not_allowed_is_not_even_asked(self):
        self.store.files["/a.png"] = photo(seed=1)
        for url in (self.inner.url("/a.png"), self.store.url("/a.png", host="localhost"),
                    "http://169.254.169.254/latest/meta-data", "file:///etc/passwd",
                    f"http://127.0.0.1:{self.store.port}@127.0.0.1:{self.inner.port}/a.png",
                    f"http://user:x@127.0.0.1:{self.store.port}/a.png",
                    f"http://[::ffff:127.0.0.1]:{self.store.port}/a.png"):
            with self.subTest(url):
                self.fails("invalid_argument", url)
                self.fails("invalid_argument", self.album.reference(), url)
        self.assertEqual(self.inner.asked, [])

    def test_hosts_that_misbehave(self):
        self.store.files["/a.png"] = photo(seed=1)
        self.assertIn("redirect", self.fails("not_found", self.store.url("/redirect")))
        self.fails("not_found", self.store.url("/a.png", signature="?signature=bad"))
        self.fails("image_too_large", self.store.url("/endless"))
        self.store.files["/large"] = bytes(2 << 20)
        self.fails("image_too_large", self.store.url("/large"))
        self.fails("not_found", self.store.url("/a.png"), self.store.url("/x.png", signature=""))

    def test_a_wrong_checksum(self):
        self.store.files["/a.png"] = photo(seed=1)
        self.fails("corrupt_image", self.store.url("/a.png"), sha256="0" * 64)

    def test_a_host_that_cannot_now_is_asked_again(self):
        task = self.app.send_task("gpen.restore", args=[self.store.url("/busy")])
        end = time.monotonic() + 30
        while task.state != "RETRY" and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(task.state, "RETRY")
        task.revoke(terminate=True)


class WildcardHosts(unittest.TestCase):
    def test_a_name_that_stands_for_an_address_inside(self):
        """"*.localhost" is this machine, whatever the name says."""
        broker, album, port = Broker(), Album(), free_port()
        worker = Worker(broker.url(), album.path, options=["--allow-host", f"http://*.localhost:{port}"])
        store = Store(port)
        try:
            worker.start()
            task = client_of(broker, results=0).send_task("gpen.restore", args=[f"http://nas.localhost:{port}/a.png"])
            with self.assertRaises(Exception) as raised:
                task.get(SECONDS)
            self.assertIn("inside a network", raised.exception.args[0])
            self.assertEqual(store.asked, [])
        finally:
            for each in (worker, store, album, broker):
                each.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
