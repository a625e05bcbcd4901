"""Two servers, one of them the other's replica, and a Sentinel that watches them: work goes on when the master dies."""

import pathlib
import subprocess
import tempfile
import unittest

import redis

from worker_under_test import REDIS_SERVER, Album, Broker, Worker, client_of, free_port, wait_for

NAME = "photos"
SENTINEL = """port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor {name} 127.0.0.1 {master} 1
sentinel down-after-milliseconds {name} 1000
sentinel failover-timeout {name} 5000
"""


class Sentinel:
    """Of one master; kombu's URL and ours."""

    def __init__(self, master):
        self.temporary = tempfile.TemporaryDirectory(prefix="gpen-sentinel-")
        self.port = free_port()
        file = pathlib.Path(self.temporary.name) / "sentinel.conf"
        file.write_text(SENTINEL.format(port=self.port, folder=self.temporary.name, name=NAME, master=master.port))
        self.process = subprocess.Popen([REDIS_SERVER, str(file), "--sentinel"], stdout=subprocess.DEVNULL)

    def ask(self, command):
        try:
            return redis.Redis(port=self.port, decode_responses=True).execute_command("SENTINEL", command, NAME)
        except redis.exceptions.RedisError:
            return None

    def master_port(self):
        return int(self.ask("get-master-addr-by-name")[1])

    def url(self, database=0):
        return f"sentinel://127.0.0.1:{self.port}/{database}"

    def close(self):
        self.process.kill()
        self.process.wait()
        self.temporary.cleanup()


class Failover(unittest.TestCase):
    def setUp(self):
        self.master, self.replica, self.album = Broker(), Broker(), Album()
        self.sentinel = Sentinel(self.master)
        for each in (self.master, self.replica, self.album, self.sentinel):
            self.addCleanup(each.close)
        self.replica.client().replicaof("127.0.0.1", self.master.port)
        wait_for(lambda: self.replica.client().info("replication")["master_link_status"] == "up", "the replica", 30)
        wait_for(lambda: self.sentinel.ask("replicas"), "what the Sentinel knows of the replica", 60)

    def worker(self):
        nobody = f"127.0.0.1:{free_port()}"  # The first Sentinel of the list is away.
        url = f"sentinel://{nobody},127.0.0.1:{self.sentinel.port}/{{}}?master_name={NAME}"
        worker = Worker(url.format(0), self.album.path, backend_url=url.format(1))
        self.addCleanup(worker.close)
        return worker.start()

    def client(self):
        app = client_of(self.sentinel)
        app.conf.broker_transport_options = {"master_name": NAME, "socket_timeout": 20}
        app.conf.result_backend_transport_options = {"master_name": NAME}
        return app

    def test_master_dies(self):
        self.worker()
        before = self.client().send_task("gpen.restore", args=[self.album.reference()])
        self.assertEqual(before.get(120)["faces"], [])
        self.master.kill()
        wait_for(lambda: self.sentinel.master_port() == self.replica.port, "another master", 60)
        wait_for(lambda: self.replica.client().role()[0] in (b"master", "master"), "its own word for it", 30)
        after = self.client().send_task("gpen.restore", args=[self.album.reference()])
        wait_for(lambda: after.state == "SUCCESS", "the photo by the new master", 120)
        self.assertEqual(len(self.album.results()), 2)

    def test_master_becomes_a_replica(self):
        """Nobody dies; what was the master says that it may not write any more."""
        self.worker()
        self.client().send_task("gpen.restore", args=[self.album.reference()]).get(120)
        wait_for(lambda: self.sentinel.ask("failover"), "a change of the master", 60)
        wait_for(lambda: self.sentinel.master_port() == self.replica.port, "another master", 60)
        wait_for(lambda: self.master.client().role()[0] in (b"slave", "slave"), "the old one's new role", 60)
        after = self.client().send_task("gpen.restore", args=[self.album.reference()])
        wait_for(lambda: after.state == "SUCCESS", "the photo by the new master", 120)
        self.assertEqual(len(self.album.results()), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
