"""Hostile clients: memory stays bounded and /healthz answers."""

import struct
import unittest
import zlib

import requests

from service_under_test import Service, photo, png, wait_for

MEGABYTE = 1 << 20


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().start()
        requests.post(cls.service.url + "/enhance", files={"image": photo()})

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()

    def setUp(self):
        self.allowed = 64 * MEGABYTE
        self.before = self.service.resident_bytes()
        self.service.forget_peak()

    def tearDown(self):
        self.assertEqual(requests.get(self.service.url + "/healthz", timeout=20).status_code, 200)
        self.assertLess(self.service.peak_bytes() - self.before, self.allowed)

    def send_until_refused(self, connection, start, piece, pieces):
        sent = 0
        try:
            connection.sendall(start)
            for _ in range(pieces):
                connection.sendall(piece)
                sent += 1
        except OSError:
            pass
        return sent

    def test_endless_header(self):
        with self.service.connect() as connection:
            sent = self.send_until_refused(connection, b"GET / HTTP/1.1\r\nX: ", b"x" * MEGABYTE, 300)
            self.assertLess(sent, 300)

    def test_a_body_of_a_gigabyte(self):
        for start in (b"Transfer-Encoding: chunked", b"Content-Length: 1073741824"):
            with self.service.connect() as connection:
                chunked = start.startswith(b"T")
                piece = b"x" * MEGABYTE
                if chunked:
                    piece = b"100000\r\n" + piece + b"\r\n"
                sent = self.send_until_refused(
                    connection,
                    b"POST /enhance HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n" + start + b"\r\n\r\n",
                    piece, 1024)
                self.assertLess(sent, 1024)
                try:
                    self.assertIn(b" 413 ", connection.recv(4096))
                except ConnectionResetError:
                    pass  # The answer was there, but this client did not stop to read it.
        self.assertEqual([p for p in (self.service.data / "uploads").iterdir() if p.name.startswith(".")], [])

    def test_path_traversal(self):
        for path in ("/outputs/../gpen.db", "/outputs/..%2fgpen.db", "/outputs/%2e%2e/gpen.db",
                     "/outputs/....//gpen.db", "/outputs/%00", "/../../../etc/passwd", "/outputs/.gpen"):
            with self.service.connect() as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                answer = connection.recv(4096)
                self.assertIn(answer.split()[1], (b"400", b"404"), path)
        answer = requests.post(self.service.url + "/api/v1/jobs",
                               files={"image": ("../../../../etc/passwd", photo(seed=77))})
        self.assertEqual(answer.json()["jobs"][0]["name"], "passwd")

    def test_decompression_bombs(self):
        self.allowed = 160 * MEGABYTE  # They hold 600 MB, and one of them 48 MB of true pixels.
        # 100,000 x 100,000 pixels said in the header, a few bytes of data.
        header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")))
        answer = requests.post(self.service.url + "/enhance", files={"image": bomb})
        self.assertEqual((answer.status_code, answer.json()["code"]), (413, "image_too_large"))
        cut = png(4000, 4000, b"\0" * 1000)  # The pixels that it promises are not there.
        self.assertEqual(requests.post(self.service.url + "/enhance", files={"image": cut}).status_code, 422)
        # A colour profile and a text that unpack to 200 MB each, in a photo that is sound otherwise.
        sound = photo(seed=6)
        for kind, start in ((b"iCCP", b"x\0\0"), (b"zTXt", b"Comment\0\0"), (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0")):
            packed = start + zlib.compress(b"\0" * 200 * MEGABYTE)
            chunk = struct.pack(">I", len(packed)) + kind + packed + struct.pack(">I", zlib.crc32(kind + packed))
            header_end = 8 + 25
            bomb = sound[:header_end] + chunk + sound[header_end:]
            answer = requests.post(self.service.url + "/enhance", files={"image": bomb}, timeout=120)
            self.assertIn(answer.status_code, (200, 413, 422), answer.text)

    def test_500_idle_event_streams(self):
        streams = []
        try:
            for _ in range(500):
                connection = self.service.connect()
                connection.sendall(b"GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\n\r\n")
                streams.append(connection)
            for connection in streams:
                self.assertIn(b"200 OK", connection.recv(4096))
            self.assertEqual(requests.get(self.service.url + "/healthz", timeout=20).status_code, 200)
            self.assertLess(self.service.resident_bytes() - self.before, 64 * MEGABYTE)
        finally:
            for connection in streams:
                connection.close()

    def test_200_slow_uploads(self):
        uploads = []
        try:
            for _ in range(200):
                connection = self.service.connect()
                connection.sendall(b"POST /enhance HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
                                   b"Content-Length: 1000000\r\n\r\n\x89PNG")
                uploads.append(connection)
            wait_for(lambda: "gpen_uploads_running 200" in requests.get(self.service.url + "/metrics").text,
                     "200 running uploads")
            answer = requests.post(self.service.url + "/enhance", files={"image": photo(seed=5)}, timeout=60)
            self.assertEqual(answer.status_code, 200)
            self.assertLess(self.service.resident_bytes() - self.before, 64 * MEGABYTE)
        finally:
            for connection in uploads:
                connection.close()
        wait_for(lambda: not list((self.service.data / "uploads").glob(".*")), "the end of all uploads")


if __name__ == "__main__":
    unittest.main(verbosity=2)
