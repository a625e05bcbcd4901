#!/usr/bin/env python3
"""Attacks a real `gpen serve` on loopback and prints what everybody else notices of it (Markdown).

    python3 bench/attack.py [--jobs N] [--seconds S] [EXPERIMENT...]

GPEN_BINARY names the program. Each experiment ends after --seconds at the latest, and says how long /healthz took to
answer meanwhile. Without names all of them run; tests/http holds what must always be so. Fails where one did not end
or /healthz was not answered.
"""

import argparse
import io
import os
import pathlib
import random
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/http"))
import requests  # noqa: E402
from PIL import Image  # noqa: E402
from service_under_test import GPEN, Service, photo, wait_for  # noqa: E402

MEGABYTE = 1 << 20


class Others:
    """Somebody who asks /healthz all the time, from another address, and notes the longest answer."""

    def __init__(self, service):
        self.service, self.longest, self.failures = service, 0.0, 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stopped.is_set():
            began = time.monotonic()
            try:
                with socket.create_connection(("127.0.0.1", self.service.port), 30, ("127.0.0.9", 0)) as connection:
                    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    if b" 200 " not in connection.recv(100):
                        self.failures += 1
            except OSError:
                self.failures += 1
            self.longest = max(self.longest, time.monotonic() - began)
            self.stopped.wait(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *ignored):
        self.stopped.set()
        self.thread.join()


def clone_jobs(service, count, key):
    """Writes `count` done jobs into the stopped service's queue, as copies of its first; the batch's id."""
    with sqlite3.connect(service.data / "gpen.db") as database:
        table = database.execute("PRAGMA table_info(jobs)").fetchall()
        columns = [row[1] for row in table if row[1] not in ("id", "key", "batch")]
        names = ", ".join(columns)
        database.execute("INSERT INTO batches (name, created) VALUES ('many', 1)")
        batch = database.execute("SELECT MAX(id) FROM batches").fetchone()[0]
        database.executemany(f"INSERT INTO jobs (key, batch, {names}) SELECT ?, ?, {names} FROM jobs WHERE id = 1",
                             ((key or f"key{i}", batch) for i in range(count)))
    return batch


def with_many(service, options, key=None):
    service.finished(service.submit(photo(seed=1))[0])
    service.stop()
    with sqlite3.connect(service.data / "gpen.db") as database:
        own = database.execute("SELECT key FROM jobs WHERE id = 1").fetchone()[0]
    batch = clone_jobs(service, options.jobs, own if key == "twins" else key)
    service.start()
    return batch


def timed(call):
    began = time.monotonic()
    answer = call()
    return time.monotonic() - began, answer


def zip_names(service, options):
    """All results as one ZIP: equal names."""
    batch = with_many(service, options)
    with Others(service) as others:
        def first_byte():
            address = f"{service.url}/api/v1/batches/{batch}/zip"
            with requests.get(address, stream=True, timeout=options.seconds) as answer:
                return next(answer.iter_content(1))
        seconds, _ = timed(first_byte)
    return f"first byte of {options.jobs:,} results after {seconds:.2f} s", others


def twins(service, options):
    """One photo more among thousands of the same."""
    with_many(service, options, "twins")
    with Others(service) as others:
        seconds, _ = timed(lambda: [service.submit(photo(seed=1)) for _ in range(10)])
    return f"ten more among {options.jobs:,} equal ones: {1000 * seconds / 10:.0f} ms each", others


def delete_batch(service, options):
    """A large batch deleted."""
    batch = with_many(service, options)
    with Others(service) as others:
        seconds, answer = timed(lambda: requests.delete(f"{service.url}/api/v1/batches/{batch}?for_good=1",
                                                         timeout=600))
        state, _ = timed(service.queue)
        wait_for(lambda: sqlite3.connect(service.data / "gpen.db").execute(
            "SELECT COUNT(*) FROM jobs").fetchone()[0] == 1, "the end", options.seconds, 0.5)
    return (f"{options.jobs:,} jobs: {answer.status_code} after {seconds:.2f} s, /queue then takes "
            f"{1000 * state:.0f} ms"), others


def polls(service, options):
    """What the page and a container ask for again and again, with thousands of jobs."""
    with_many(service, options)
    with Others(service) as others:
        text = []
        for path in ("/api/v1/queue", "/readyz", "/metrics", "/api/v1/jobs?limit=50", "/api/v1/batches"):
            times = sorted(timed(lambda path=path: requests.get(service.url + path))[0] for _ in range(20))
            text.append(f"{path} {1000 * times[10]:.0f} ms")
    return ", ".join(text), others


def slow_uploads(service, options):
    """One address sends 300 uploads a byte at a time; somebody else sends a photo."""
    held = []
    with Others(service) as others:
        for _ in range(300):
            connection = socket.create_connection(("127.0.0.1", service.port), 30, ("127.0.0.2", 0))
            connection.sendall(b"POST /enhance HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
                               b"Content-Length: 1000000\r\n\r\n\x89PNG")
            held.append(connection)
        time.sleep(1)
        seconds, answer = timed(lambda: requests.post(
            service.url + "/enhance", files={"image": photo(seed=9)}, timeout=120))
        for connection in held:
            connection.close()
    return f"another's photo: {answer.status_code} after {seconds:.2f} s", others


def all_connections(service, options):
    """Three addresses open as many connections as they get."""
    held = []
    with Others(service) as others:
        for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            for _ in range(900):
                try:
                    held.append(socket.create_connection(("127.0.0.1", service.port), 5, (source, 0)))
                except OSError:
                    break
        time.sleep(3)
        for connection in held:
            connection.close()
    return f"{len(held):,} tried", others


def fuzzed_requests(service, options):
    """Header bytes turned at random."""
    sound = (b"POST /api/v1/jobs?name=a HTTP/1.1\r\nHost: nas\r\nContent-Type: multipart/form-data; boundary=X\r\n"
             b"Content-Length: 60\r\n\r\n--X\r\nContent-Disposition: form-data; name=image\r\n\r\nx\r\n--X--\r\n")
    generator = random.Random(1)
    sent, end = 0, time.monotonic() + min(options.seconds, 30)
    statuses = {}
    with Others(service) as others:
        while time.monotonic() < end and sent < 2000:
            request = bytearray(sound)
            for _ in range(generator.randint(1, 6)):
                request[generator.randrange(len(request))] = generator.randrange(256)
            with socket.create_connection(("127.0.0.1", service.port), 5) as connection:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                status = connection.recv(100).split(b" ")[1:2]
            status = status[0].decode(errors="replace") if status else "cut"
            statuses[status] = statuses.get(status, 0) + 1
            sent += 1
    return f"{sent:,} requests: {dict(sorted(statuses.items()))}", others


def scan_bomb(size, scans, rows=None):
    """A progressive JPEG whose last scan comes again and again."""
    data = io.BytesIO()
    Image.new("L", (size, rows or size), 120).save(data, "JPEG", progressive=True, quality=60)
    data = data.getvalue()
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + b"\xff\xd9"


def header_bomb(size):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    header = struct.pack(">IIBBBBB", size, size, 16, 6, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * MEGABYTE))
            + chunk(b"IEND", b""))


def encoded(kind, size, **options):
    data = io.BytesIO()
    Image.new("RGB", (size, size), (120, 90, 60)).save(data, kind, **options)
    return data.getvalue()


def tiff_of_jpeg(jpeg, size):
    """A TIFF whose every strip of 16 rows is the same JPEG."""
    strips = size // 16
    entries = [(256, 3, 1, size), (257, 3, 1, size), (258, 3, 1, 8), (259, 3, 1, 7), (262, 3, 1, 1),
               (273, 4, strips, 0), (277, 3, 1, 1), (278, 3, 1, 16), (279, 4, strips, 0)]
    after = 8 + 2 + 12 * len(entries) + 4
    places = {273: after, 279: after + 4 * strips}
    directory = b"".join(struct.pack("<HHII", tag, kind, count, places.get(tag, value))
                         for tag, kind, count, value in entries)
    starts = struct.pack("<I", after + 8 * strips) * strips
    lengths = struct.pack("<I", len(jpeg)) * strips
    return (b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + struct.pack("<I", 0) + starts + lengths
            + jpeg)


def grid_bomb(brand, tiles):
    """A HEIF file whose photo of 100 x 100 pixels is made of one tile of 4000 x 4000 so many times."""
    def box(name, content):
        return struct.pack(">I", len(content) + 8) + name + content

    def size(side):
        return box(b"ispe", struct.pack(">III", 0, side, side))
    whose = struct.pack(">IIHBBHBB", 0, 2, 1, 1, 1, 2, 1, 2)
    properties = box(b"iprp", box(b"ipco", size(100) + size(4000)) + box(b"ipma", whose))
    references = box(b"iref", bytes(4) + box(b"dimg", struct.pack(">HH", 1, tiles) + struct.pack(">H", 2) * tiles))
    primary = box(b"pitm", struct.pack(">IH", 0, 1))
    return (box(b"ftyp", brand + bytes(4) + b"mif1" + brand)
            + box(b"meta", bytes(4) + primary + references + properties))


def written_by_us(ending, size):
    """In a format that Debian's PIL does not write."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder) / "a.png", pathlib.Path(folder) / f"a.{ending}"
        source.write_bytes(encoded("PNG", size))
        subprocess.run([GPEN, "restore", source, "-o", target], check=True, capture_output=True)
        return target.read_bytes()


def bombs(service, options):
    """Small files that become large: of each format one, then a sound photo."""
    cases = {"jpeg scans": scan_bomb(4000, 5000), "png": header_bomb(10_000), "webp": encoded("WEBP", 8000, quality=1),
             "tiff": encoded("TIFF", 9000, compression="tiff_lzw"),
             "tiff jpeg": encoded("TIFF", 6000, compression="jpeg", quality=30),
             "tiff scans": tiff_of_jpeg(scan_bomb(2000, 800, rows=16), 2000),
             "heic tiles": grid_bomb(b"heic", 60_000), "avif tiles": grid_bomb(b"avif", 60_000),
             "heic": written_by_us("heic", 5000), "avif": written_by_us("avif", 5000)}
    text = []
    with Others(service) as others:
        for name, data in cases.items():
            seconds, answer = timed(lambda data=data: requests.post(
                service.url + "/enhance", files={"image": data}, timeout=options.seconds))
            text.append(f"{name} ({len(data) >> 10} KB) {answer.status_code} {seconds:.1f} s")
        seconds, answer = timed(lambda: requests.post(
            service.url + "/enhance", files={"image": photo(seed=8)}, timeout=120))
    return f"{', '.join(text)}; a sound one then {answer.status_code} {seconds:.1f} s; " \
           f"peak {service.peak_bytes() >> 20} MB", others


def kills(service, options):
    """Killed while photos arrive and are restored; none may be lost."""
    taken, end, count = [], time.monotonic() + options.seconds / 2, 0
    while time.monotonic() < end and count < 10:
        taken += service.submit(*(photo(seed=100 * count + i) for i in range(5)))
        time.sleep(random.Random(count).random())
        service.kill()
        service.start()
        count += 1
    states = [service.finished(job)["state"] for job in taken]
    assert states.count("done") == len(taken), f"{len(taken)} photos, {states.count('done')} done"
    return f"{count} kills, {len(taken)} photos, all done", Others(service)


EXPERIMENTS = {function.__name__: function for function in (
    zip_names, twins, delete_batch, polls, slow_uploads, all_connections, fuzzed_requests, bombs, kills)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("experiments", nargs="*", choices=[[], *EXPERIMENTS])
    options = parser.parse_args()
    print("| experiment | what happened | longest /healthz of another | failed |\n|---|---|---|---|")
    unsound = []
    for name in options.experiments or EXPERIMENTS:
        with Service(GPEN_KEEP_DAYS="0", GPEN_KEEP_UPLOAD_HOURS="0") as service:
            try:
                text, others = EXPERIMENTS[name](service, options)
                print(f"| {name} | {text} | {1000 * others.longest:.0f} ms | {others.failures} |", flush=True)
                unsound += [name] if others.failures else []
            except (requests.RequestException, AssertionError, OSError) as error:
                print(f"| {name} | NOT ENDED: {str(error)[:200]} | | |", flush=True)
                unsound.append(name)
    return f"not as it must be: {', '.join(unsound)}" if unsound else 0


if __name__ == "__main__":
    sys.exit(main())
