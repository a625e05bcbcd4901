"""A real `gpen serve` on loopback with a folder of its own, for the tests beside this file."""

import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import time
import zlib

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
GPEN = os.environ.get("GPEN_BINARY", str(ROOT / "build/release/apps/gpen/gpen"))


class Service:
    def __init__(self, data=None, **environment):
        self.temporary = tempfile.TemporaryDirectory(prefix="gpen-http-") if data is None else None
        self.data = pathlib.Path(data or self.temporary.name) / "data"
        self.environment = {
            "GPEN_DISK_RESERVE_BYTES": "0",
            "GPEN_PAUSE_BETWEEN_SECONDS": "0",
            "GPEN_HEAT_ENABLED": "false",
            **environment,
        }
        self.port = int(self.environment.pop("GPEN_PORT", "0"))
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [GPEN, "serve", "--host", "127.0.0.1", "--port", str(self.port), "--data-dir", str(self.data)],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)/", line)
        if not found:
            problem = self.process.stderr.read()
            self.process.wait()
            self._close()
            raise RuntimeError(f"gpen serve did not start: {line}{problem}")
        self.port = int(found.group(1))
        return self

    def believe_clock(self):
        """As if it had run for more than a day: only then things are deleted by their age."""
        (self.data / "clock").write_text(f"{time.time_ns() // 1_000_000} 0\n")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        """As a power cut does it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(60)
        self._close()
        return code

    def _close(self):
        self.process.stdout.close()
        self.process.stderr.close()

    def photo_processes(self):
        """Those that it works on photos in."""
        return [int(child) for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
                for child in (task / "children").read_text().split()]

    def processes(self):
        return [self.process.pid, *self.photo_processes()]

    def resident_bytes(self, field="VmRSS"):
        """Of all its processes."""
        statuses = [pathlib.Path(f"/proc/{pid}/status").read_text() for pid in self.processes()]
        return sum(int(re.search(field + r":\s+(\d+)", status).group(1)) * 1024 for status in statuses)

    def forget_peak(self):
        """The highest resident size is counted anew from here."""
        for pid in self.processes():
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak_bytes(self):
        return self.resident_bytes("VmHWM")

    def submit(self, *photos, **fields):
        """Hands photos in; their jobs' ids."""
        files = [("image", (f"photo {i}.png", data)) for i, data in enumerate(photos)]
        answer = requests.post(self.url + "/api/v1/jobs", files=files, data=fields, timeout=60)
        if answer.status_code != 201:
            raise AssertionError(answer.text)
        return [job["id"] for job in answer.json()["jobs"]]

    def job(self, job):
        return requests.get(f"{self.url}/api/v1/jobs/{job}", timeout=60).json()

    def queue(self):
        return requests.get(self.url + "/api/v1/queue", timeout=60).json()

    def post(self, path):
        answer = requests.post(self.url + path, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def finished(self, job, seconds=180):
        """The job when it has ended."""
        def look():
            state = self.job(job)
            return state if state["state"] in ("done", "failed", "cancelled") else None
        return wait_for(look, f"the end of job {job}", seconds)

    def events(self, job=None):
        """All events there are, of one job or of all."""
        found, last = [], 0
        while True:
            query = {"after": last, "limit": 1000, **({"job": job} if job else {})}
            page = requests.get(self.url + "/api/v1/events", params=query, timeout=60).json()
            found += page["events"]
            if page["last"] <= last:
                return found
            last = page["last"]

    def follow(self, after=0, **filters):
        """The events as they come, from the stream. It has no end."""
        with requests.get(self.url + "/api/v1/events/stream", stream=True, timeout=120,
                          params={"after": after, **filters}) as stream:
            for line in stream.iter_lines():
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    def wait_for_step(self, job, step):
        """Waits until the job is at a step that begins so."""
        for event in self.follow(job=job):
            if event["step"].startswith(step):
                return
            if event["kind"] == "finished":
                raise AssertionError(f"job {job} ended before the step {step}")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def __enter__(self):
        return self.start()

    def __exit__(self, *ignored):
        if self.process.poll() is None:
            self.stop()
        if self.temporary:
            self.temporary.cleanup()


def wait_for(condition, what, seconds=180, every=0.05):
    """Waits until `condition()` gives something, and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"{what} did not happen")


def group_photo():
    """Bytes of a photo with five faces: it takes a while, and there is something to interrupt."""
    return (ROOT / "packaging/npm/node_modules/@vladmandic/face-api/demo/sample5.jpg").read_bytes()


def portrait():
    """Bytes of a photo with one face."""
    return pathlib.Path("/usr/lib/python3/dist-packages/skimage/data/astronaut.png").read_bytes()


def photo(side=96, seed=0):
    """Bytes of a small PNG without a face: quick to restore, different for each seed."""
    rows = b"".join(
        b"\0" + bytes(value for x in range(side)
                      for value in ((x * 3 + seed) % 256, (y * 5) % 256, (x + y + seed * 7) % 256))
        for y in range(side))
    return png(side, side, rows)


def png(width, height, rows):
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
