"""The service talks to nobody by itself: of all its system calls, those of its process for photos too, none reaches for
another machine while it starts, restores, rests and ends."""

import pathlib
import re
import shutil
import stat
import sys
import tempfile
import time
import unittest

import service_under_test
from service_under_test import GPEN, Service, photo

REACHES_OUT = re.compile(r"(?:connect|sendto|sendmsg|sendmmsg)\(.*(?:AF_INET|sa_family=AF_PACKET)")


@unittest.skipIf(shutil.which("strace") is None, "strace is not installed")
class NoCallsOut(unittest.TestCase):
    def test_none_while_it_works_and_rests(self):
        with tempfile.TemporaryDirectory(prefix="gpen-trace-") as folder:
            trace, program = pathlib.Path(folder) / "trace", pathlib.Path(folder) / "gpen"
            # -D: what is started, and ended by signals, is the service.
            words = ["strace", "-D", "-f", "-qq", "-e", "trace=%network,execve", "-o", str(trace), GPEN]
            program.write_text(f"#!{sys.executable}\nimport os, sys\n"
                               f"os.execvp('strace', [*{words!r}, *sys.argv[1:]])\n")
            program.chmod(stat.S_IRWXU)
            self.addCleanup(setattr, service_under_test, "GPEN", GPEN)
            service_under_test.GPEN = str(program)
            with Service() as service:
                for seed in (1, 2):
                    job, = service.submit(photo(seed=seed))
                    self.assertEqual(service.finished(job, 120)["state"], "done")
                time.sleep(3)  # The housekeeping comes by.
            lines = trace.read_text().splitlines()
        self.assertTrue([line for line in lines if re.search(r"listen\(\d+", line)], "the trace saw the service")
        self.assertTrue([line for line in lines if re.search(r"execve\(.*photo-process", line)], "and its process")
        self.assertEqual([line for line in lines if REACHES_OUT.search(line)], [])

    def test_a_call_out_would_be_seen(self):
        self.assertRegex('7 connect(3, {sa_family=AF_INET, sin_port=htons(443), ...}, 16) = 0', REACHES_OUT)
        self.assertNotRegex('7 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0', REACHES_OUT)
        self.assertNotRegex('7 sendto(5, "HTTP/1.1 200", 12, MSG_NOSIGNAL, NULL, 0) = 12', REACHES_OUT)


if __name__ == "__main__":
    unittest.main()
