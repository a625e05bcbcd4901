"""`gpen worker` and the Celery client for Node, which sends hardly any header."""

import json
import pathlib
import shutil
import subprocess
import sys
import unittest

from worker_under_test import Album, Broker, Worker, photo

HERE = pathlib.Path(__file__).resolve().parent
if not shutil.which("node") or not (HERE / "node_modules/celery-node").is_dir():
    print("skipped: no node, or no celery-node beside this file")
    sys.exit(77)


class Node(unittest.TestCase):
    def test_results_and_failures(self):
        album, broker = Album(), Broker()
        self.addCleanup(album.temporary.cleanup)
        self.addCleanup(broker.close)
        (album.path / "one.png").write_bytes(photo(seed=1))
        worker = Worker(broker.url(), album.path, backend_url=broker.url(1)).start()
        self.addCleanup(worker.close)
        tasks = [["gpen.restore", ["album:one.png"], {"strength": 80}],
                 ["gpen.restore", ["album:none.png"], {}],
                 ["gpen.restore", ["album:one.png"], {"strength": 800}],
                 ["gpen.unknown", [], {}]]
        ran = subprocess.run(["node", HERE / "node_client.cjs", broker.url(), broker.url(1), json.dumps(tasks)],
                             capture_output=True, text=True, timeout=240)
        self.assertEqual(ran.returncode, 0, ran.stderr + ran.stdout)
        good, missing, wrong, unknown = map(json.loads, ran.stdout.splitlines())
        self.assertEqual((good["state"], good["result"]["output"]), ("SUCCESS", "album:enhanced/one.png"))
        self.assertTrue((album.path / "enhanced/one.png").exists())
        for failed in (missing, wrong, unknown):
            self.assertEqual(failed["state"], "FAILURE", failed)
        # The client wraps what it was told; the state's own text is in the backend.
        told = [json.loads(broker.client(1).get(f"celery-task-meta-{failed['id']}"))["result"]
                for failed in (missing, wrong, unknown)]
        self.assertIn("none.png", json.dumps(told[0]))
        self.assertIn("strength", json.dumps(told[1]))
        self.assertEqual(told[2]["exc_type"], "NotRegistered")


if __name__ == "__main__":
    unittest.main(verbosity=2)
