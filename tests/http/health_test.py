"""`gpen health`, as a container asks."""

import os
import socket
import subprocess
import time
import unittest

from service_under_test import GPEN, Service


def health(port, *options, **environment):
    return subprocess.run([GPEN, "health", *options], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "GPEN_PORT": str(port), **environment})


class Health(unittest.TestCase):
    def test_a_service_that_is_well(self):
        with Service() as service:
            for options in [], ["--ready"], ["--host", "0.0.0.0"], ["--host", "localhost"]:
                asked = health(service.port, *options)
                self.assertEqual((asked.returncode, asked.stdout, asked.stderr), (0, "", ""), options)

    def test_one_that_is_well_but_takes_no_photos(self):
        with Service(GPEN_DISK_RESERVE_BYTES=str(2 ** 50)) as service:
            self.assertEqual(health(service.port).returncode, 0)
            asked = health(service.port, "--ready")
            self.assertNotEqual(asked.returncode, 0)
            self.assertIn("503", asked.stderr)

    def test_none(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            asked = health(free.getsockname()[1])
            self.assertNotEqual(asked.returncode, 0)
            self.assertRegex(asked.stderr, r"no answer from 127\.0\.0\.1:\d+: Connection refused")

    def test_one_that_hangs(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            begin = time.monotonic()
            asked = health(silent.getsockname()[1], "--timeout", "1")
            self.assertNotEqual(asked.returncode, 0)
            self.assertIn("no answer", asked.stderr)
            self.assertLess(time.monotonic() - begin, 30, "it waits as long as it was told")


if __name__ == "__main__":
    unittest.main()
