"""One client never harms the rest: shares, batches deleted in the background, names, refusals in the log."""

import io
import pathlib
import re
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest
import zipfile

import requests

from service_under_test import ROOT, Service, photo, wait_for

SLOW_UPLOAD = (b"POST /enhance HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
               b"Content-Length: 1000000\r\n\r\n\x89PNG")


def connect(service, source):
    return socket.create_connection(("127.0.0.1", service.port), timeout=30, source_address=(source, 0))


def ask(service, source, request):
    with connect(service, source) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def with_jobs(service, count, key=None, batch="many"):
    """Stops the service and writes done jobs into its queue, as copies of its only one; their batch's id."""
    service.stop()
    with sqlite3.connect(service.data / "gpen.db") as database:
        own = ("id", "key", "batch", "payload", "result")  # Their files are their own: these have none.
        table = database.execute("PRAGMA table_info(jobs)").fetchall()
        columns = [row[1] for row in table if row[1] not in own]
        names = ", ".join(columns)
        database.execute("INSERT INTO batches (name, created) VALUES (?, 1)", (batch,))
        number = database.execute("SELECT MAX(id) FROM batches").fetchone()[0]
        database.executemany(
            f"INSERT INTO jobs (key, batch, payload, result, {names})"
            f" SELECT ?, ?, '', '', {names} FROM jobs WHERE id = 1",
            ((key or f"key{i}", number) for i in range(count)))
    service.start()
    return number


class Shares(unittest.TestCase):
    def test_one_address_with_slow_uploads_leaves_places_for_others(self):
        with Service(GPEN_MAX_UPLOADS="32") as service:
            held = [connect(service, "127.0.0.2") for _ in range(40)]
            try:
                for connection in held:
                    connection.sendall(SLOW_UPLOAD)
                wait_for(lambda: "gpen_uploads_running 28" in requests.get(service.url + "/metrics").text,
                         "28 of 32 places taken")
                self.assertEqual(requests.get(service.url + "/healthz").status_code, 200)
                # Somebody else sends a photo meanwhile.
                self.assertEqual(requests.post(service.url + "/enhance", files={"image": photo(seed=1)},
                                               timeout=60).status_code, 200)
                refused = ask(service, "127.0.0.2",
                              SLOW_UPLOAD.replace(b"1000000", b"4\r\nConnection: close"))
                self.assertIn(b" 429 ", refused.split(b"\r\n")[0])
            finally:
                for connection in held:
                    connection.close()

    def test_three_addresses_do_not_take_all_connections(self):
        with Service(GPEN_MAX_CONNECTIONS="64") as service:
            held = []
            try:
                for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
                    for _ in range(64):
                        held.append(connect(service, source))
                wait_for(lambda: "gpen_refused_connections_total 0" not in requests.get(service.url + "/metrics").text,
                         "refused connections")
                answer = ask(service, "127.0.0.5", b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertIn(b"200 OK", answer)
            finally:
                for connection in held:
                    connection.close()

    def test_photos_that_wait_have_a_limit(self):
        photos = [photo(side=300, seed=seed) for seed in range(3)]
        size = len(photos[0])
        with Service(GPEN_MAX_WAITING_BYTES=str(5 * size // 2)) as service:
            service.post("/api/v1/queue/pause")
            service.submit(*photos[:2])
            time.sleep(1.1)  # What waits is asked for once a second.
            full = requests.post(service.url + "/api/v1/jobs", files={"image": photos[2]})
            self.assertEqual((full.status_code, full.json()["code"]), (429, "queue_full"))
            self.assertGreater(int(full.headers["Retry-After"]), 0)
            announced = requests.post(service.url + "/api/v1/uploads", json={"name": "a.png", "bytes": size})
            self.assertEqual(announced.status_code, 429)
            self.assertEqual(len(list((service.data / "uploads").iterdir())), 2)

    def test_who_waits_is_told_that_the_service_stops(self):
        with Service() as service:
            service.post("/api/v1/queue/pause")
            answers = []
            def wait(seed):
                answers.append(requests.post(service.url + "/enhance", files={"image": photo(seed=seed)}).status_code)
            waiting = [threading.Thread(target=wait, args=(seed,)) for seed in range(5)]
            for thread in waiting:
                thread.start()
            wait_for(lambda: service.queue()["counts"]["queued"] == 5, "five who wait")
            service.stop()
            for thread in waiting:
                thread.join(30)
            self.assertEqual(answers, [503] * 5)


class Many(unittest.TestCase):
    def test_a_large_batch_goes_at_once_and_its_files_follow(self):
        with Service() as service:
            service.finished(service.submit(photo(seed=1))[0])
            batch = with_jobs(service, 2000)
            began = time.monotonic()
            answer = requests.delete(f"{service.url}/api/v1/batches/{batch}?for_good=1", timeout=60)
            self.assertEqual(answer.status_code, 200)
            deleted_in = time.monotonic() - began
            self.assertEqual(requests.get(f"{service.url}/api/v1/batches/{batch}").status_code, 404)
            self.assertEqual(sum(service.queue()["counts"].values()), 1)
            service.kill()  # In the middle of the files.
            service.start()

            def left():
                with sqlite3.connect(f"file:{service.data}/gpen.db?mode=ro", uri=True) as database:
                    return database.execute("SELECT COUNT(*) FROM jobs").fetchone()[0]
            wait_for(lambda: left() == 1, "the end of the batch's jobs")
            self.assertEqual(len(list((service.data / "lost").glob("*/*"))), 0, "none of it was lost")
            print(f"2,000 jobs: answered in {deleted_in:.2f} s")

    def test_names_in_a_zip(self):
        with Service() as service:
            names = ["K\u00f6ln.png", "k\u00f6LN.png", "a.png", "A.png", "..\\..\\evil.png", "CON.png"]
            files = [("image", (name, photo(seed=i))) for i, name in enumerate(names)]
            jobs = requests.post(service.url + "/api/v1/jobs", files=files).json()["jobs"]
            for job in jobs:
                service.finished(job["id"])
            answer = requests.get(f"{service.url}/api/v1/batches/{jobs[0]['batch']}/zip")
            inside = zipfile.ZipFile(io.BytesIO(answer.content))
            self.assertIsNone(inside.testzip())
            found = inside.namelist()
            self.assertEqual(len({name.lower() for name in found}), len(names))
            for name in found:
                self.assertNotRegex(name, r'[/\\:*?"<>|]|^\.|^CON\b')


class Letter(unittest.TestCase):
    def test_requests_that_are_not_to_the_letter(self):
        with Service() as service:
            start = b"GET /healthz HTTP/1.1\r\nHost: nas\r\n"
            for request in (start + b"Content-Length: 0\r\nContent-Length: 1\r\n\r\n",
                            start + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                            start + b"X : y\r\n\r\n", start + b"Host: evil\r\n\r\n", start + b"X: y\n\r\n",
                            start.replace(b"\r\n", b"\n") + b"\r\n"):
                answer = ask(service, "127.0.0.1", request)
                self.assertIn(b" 400 ", answer.split(b"\r\n")[0], request)
                self.assertIn(b'"code":"invalid_argument"', answer)
            answer = ask(service, "127.0.0.1", b"GET /healthz HTTP/1.1\r\nHost: NAS.LOCAL\r\nConnection: close\r\n\r\n")
            self.assertIn(b"200 OK", answer)

    def test_other_sites_start_nothing_expensive(self):
        with Service() as service:
            from_elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
            for path in ("/api/v1/zip", "/api/v1/jobs/1/view/before", "/api/v1/jobs", "/metrics"):
                self.assertEqual(requests.get(service.url + path, headers=from_elsewhere).status_code, 403, path)
            follows = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
            self.assertEqual(requests.get(service.url + "/", headers=follows).status_code, 200)


class Refusals(unittest.TestCase):
    def test_every_refused_token_is_a_line_that_fail2ban_knows(self):
        service = Service(GPEN_TOKEN="a-long-secret")
        with service:
            jobs = service.url + "/api/v1/jobs"
            for _ in range(12):
                requests.get(jobs, headers={"X-API-Key": "wrong"})
            requests.post(service.url + "/api/v1/session", data={"token": "wrong"})
            service.process.terminate()
            lines = service.process.stderr.read().splitlines()
            service.process.wait(60)
        refused = [line for line in lines if line.startswith("refused login")]
        self.assertEqual(len(refused), 13)
        text = (ROOT / "packaging/fail2ban/filter.conf").read_text()
        expression = re.search(r"^failregex = (.*)$", text, re.M).group(1).replace("<HOST>", r"(?P<host>[\d.:a-f]+)")
        for line in refused:
            self.assertEqual(re.match(expression, line).group("host"), "127.0.0.1", line)
            self.assertRegex("Nov 27 08:00:00 nas gpen[12]: " + line, expression)
        self.assertNotRegex("refused login from 127.0.0.1: a wrong token; refused login from 8.8.8.8: x", expression)


class Held(unittest.TestCase):
    def test_no_inodes(self):
        temporary = tempfile.TemporaryDirectory(prefix="gpen-inodes-")
        self.addCleanup(temporary.cleanup)
        disk = pathlib.Path(temporary.name) / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=200", "tmpfs", disk],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"a disk of its own needs the right to mount one: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        service = Service(disk).start()
        self.addCleanup(service.__exit__)
        service.post("/api/v1/queue/pause")
        job, = service.submit(photo(seed=1))
        fillers = []
        try:
            while True:
                filler = disk / f"filler{len(fillers)}"
                filler.touch()
                fillers.append(filler)
        except OSError:
            pass
        service.post("/api/v1/queue/resume")
        wait_for(lambda: "inodes" in service.queue()["held_reason"], "the reason")
        ready = requests.get(service.url + "/readyz")
        self.assertEqual(ready.status_code, 503)
        self.assertIn("inodes", ready.json()["message"])
        refused = requests.post(service.url + "/enhance", files={"image": photo(seed=2)})
        self.assertEqual((refused.status_code, refused.json()["code"]), (503, "unavailable"))
        self.assertEqual((service.job(job)["state"], service.job(job)["attempts"]), ("queued", 0))
        for filler in fillers:
            filler.unlink()
        self.assertEqual(service.finished(job)["state"], "done")
        self.assertEqual(requests.get(service.url + "/readyz").json(), {"status": "ready", "held_reason": ""})


if __name__ == "__main__":
    unittest.main(verbosity=2)
