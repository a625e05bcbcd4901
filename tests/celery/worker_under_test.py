"""A redis-server of the tests' own, `gpen worker` beside it, and Celery's client, for the tests beside this file."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
GPEN = os.environ.get("GPEN_BINARY", str(ROOT / "build/release/apps/gpen/gpen"))
REDIS_SERVER = os.environ.get("GPEN_REDIS_SERVER", "redis-server")  # Or valkey-server.
sys.path.insert(0, str(ROOT / "tests/http"))

try:
    import celery
    import redis
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
if not shutil.which(REDIS_SERVER):
    print(f"skipped: no {REDIS_SERVER}")
    sys.exit(77)

from service_under_test import photo, wait_for  # noqa: E402


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """A redis-server with an append-only file."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="gpen-redis-")
        self.port = free_port()
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [REDIS_SERVER, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes",
             "--appendfsync", "always", "--dir", self.temporary.name], stdout=subprocess.DEVNULL)
        wait_for(self._answers, "the start of redis-server", 30)

    def _answers(self):
        try:
            return self.client().ping()
        except redis.exceptions.RedisError:
            return False

    def client(self, database=0):
        return redis.Redis(port=self.port, db=database)

    def url(self, database=0):
        return f"redis://127.0.0.1:{self.port}/{database}"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.kill()
        self.temporary.cleanup()


class Worker:
    """`gpen worker` with a data folder of its own; several share the photos."""

    def __init__(self, broker_url, album, name="gpen@one", data=None, backend_url="", options=(), **environment):
        self.temporary = tempfile.TemporaryDirectory(prefix="gpen-worker-")
        self.data = data or self.temporary.name
        self.arguments = [GPEN, "worker", "--name", name, "--data-dir", self.data, "--root", f"album={album}", *options]
        self.environment = {"GPEN_BROKER": broker_url, "GPEN_BACKEND": backend_url, "GPEN_HEAT_ENABLED": "false",
                            "GPEN_DISK_RESERVE_BYTES": "0", "GPEN_PAUSE_BETWEEN_SECONDS": "0", **environment}
        self.log = pathlib.Path(self.data) / "log"
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.arguments, env={**os.environ, **self.environment},
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        if "takes photos" not in self.process.stdout.readline():
            self.process.wait()
            raise AssertionError(f"gpen worker did not start: {self.log.read_text()}")
        return self

    def kill(self):
        """As a power cut does it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self, seconds=120):
        self.process.terminate()
        code = self.process.wait(seconds)
        self._end()
        return code

    def _end(self):
        if self.process:
            self.process.wait()
            self.process.stdout.close()

    def close(self):
        self.kill()
        self.temporary.cleanup()


class Album:
    """A folder of small photos without a face, each another: quick to restore."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="gpen-album-")
        self.path = pathlib.Path(self.temporary.name)
        self.count = 0

    def add(self, data=None):
        """The name of a new photo."""
        self.count += 1
        name = f"photo {self.count}.png"
        (self.path / name).write_bytes(data or photo(seed=self.count))
        return name

    def reference(self, data=None):
        return "album:" + self.add(data)

    def results(self):
        """Also what was left half written."""
        folder = self.path / "enhanced"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def close(self):
        self.temporary.cleanup()


def client_of(broker, database=0, results=1):
    app = celery.Celery("tests", broker=broker.url(database), backend=broker.url(results))
    app.conf.update(task_default_queue="gpen", broker_connection_retry_on_startup=True)
    app.conf.broker_transport_options = {"socket_timeout": 20}
    # A result that is collected takes its leave of the server, which may be gone by then.
    app.backend.remove_pending_result = lambda result: None
    return app


def restore(app, *args, **options):
    return app.signature("gpen.restore", args=args, **options)
