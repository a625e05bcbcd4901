"""What packaging/celery/compose.celery.yaml starts, started without an engine: its broker and both its workers."""

import pathlib
import subprocess
import tempfile
import unittest

import celery
import yaml

from worker_under_test import GPEN, REDIS_SERVER, ROOT, Album, Worker, free_port, wait_for

PASSWORD = "a-password"
VARIABLES = {"${REDIS_PASSWORD:?set one}": PASSWORD, "${REDIS_PASSWORD}": PASSWORD, "${NAS:-}": "",
             "${GPEN_IMAGE:?the image of gpen}": "gpen", "${PHOTOS:?the folder with the photos}": "/srv/photos",
             "${PHOTOS}": "/srv/photos"}


def services():
    text = (ROOT / "packaging/celery/compose.celery.yaml").read_text()
    for variable, value in VARIABLES.items():
        text = text.replace(variable, value)
    assert "${" not in text, text
    return yaml.safe_load(text)["services"]


class Compose(unittest.TestCase):
    def setUp(self):
        self.album = Album()
        self.addCleanup(self.album.close)
        self.folder = tempfile.TemporaryDirectory(prefix="gpen-compose-")
        self.addCleanup(self.folder.cleanup)
        self.port = free_port()

    def start_broker(self, service):
        command = service["command"]
        self.assertEqual(command[0], "valkey-server")  # Or the one that is installed.
        broker = subprocess.Popen([REDIS_SERVER, *command[1:], "--port", str(self.port), "--bind", "127.0.0.1"],
                                  cwd=self.folder.name, stdout=subprocess.DEVNULL)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.kill)

    def start_worker(self, service):
        """With the folders of this test at the places of its volumes."""
        data = pathlib.Path(self.folder.name) / service["hostname"]
        data.mkdir()
        places = {target: source for source, target in (volume.split(":") for volume in service["volumes"])}
        self.assertEqual(places.pop("/photos"), "/srv/photos")
        self.assertEqual(list(places), ["/data"])
        worker = Worker("", self.album.path, data=str(data))
        self.addCleanup(worker.close)
        worker.arguments = [GPEN, *(word.replace("/photos", str(self.album.path)).replace("/data", str(data))
                                    for word in service["command"]), "--name", "gpen@" + service["hostname"]]
        worker.environment.update({name: value.replace("@redis/", f"@127.0.0.1:{self.port}/")
                                   for name, value in service["environment"].items()})
        worker.start()

    def test_its_workers_do_photos(self):
        told = services()
        self.assertEqual(sorted(told), ["redis", "worker-1", "worker-2"])
        self.start_broker(told["redis"])
        for name in ("worker-1", "worker-2"):
            self.start_worker(told[name])
        url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}"
        app = celery.Celery("tests", broker=f"{url}/0", backend=f"{url}/1")
        app.backend.remove_pending_result = lambda result: None  # As in client_of().
        wait_for(lambda: sorted(app.control.inspect(timeout=1).ping() or {}) == ["gpen@worker-1", "gpen@worker-2"],
                 "both workers", 60)
        tasks = [app.send_task("gpen.restore", args=[self.album.reference()], queue="gpen") for _ in range(4)]
        for task in tasks:
            wait_for(lambda: task.state == "SUCCESS", "its result", 120)
        self.assertEqual(len(self.album.results()), 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
