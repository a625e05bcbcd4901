"""The service on a kernel as old as some NAS have: what came after Linux 3.10 is answered by ENOSYS."""

import ctypes
import errno
import os
import pathlib
import platform
import stat
import struct
import sys
import tempfile
import unittest

import service_under_test
from service_under_test import GPEN, Service, photo

NEWER = {  # renameat2 3.15, getrandom 3.17, memfd_create 3.17, statx 4.11, openat2 5.6, close_range 5.9
    "x86_64": [316, 318, 319, 332, 437, 436],
    "aarch64": [276, 278, 279, 291, 437, 436],
}.get(platform.machine(), [])


def refuse_newer():
    """A seccomp filter for this process and what it runs."""
    def step(code, value, yes=0, no=0):
        return struct.pack("HBBI", code, yes, no, value)
    load, equal, answer = 0x20, 0x15, 0x06
    steps = [step(load, 0)]
    for number in NEWER:
        steps += [step(equal, number, 0, 1), step(answer, 0x00050000 | errno.ENOSYS)]
    steps.append(step(answer, 0x7FFF0000))
    program = ctypes.create_string_buffer(b"".join(steps))
    description = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0 or libc.prctl(set_seccomp, filter_mode, description) != 0:
        sys.exit(f"seccomp: {os.strerror(ctypes.get_errno())}")


@unittest.skipUnless(NEWER, f"the numbers of {platform.machine()}'s system calls are not known here")
class OldKernel(unittest.TestCase):
    def test_a_photo_is_restored(self):
        with tempfile.TemporaryDirectory(prefix="gpen-old-") as folder:
            program = pathlib.Path(folder) / "gpen"
            program.write_text(f"#!{sys.executable}\nimport os, sys\n"
                               f"sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})\n"
                               "from old_kernel_test import refuse_newer\nrefuse_newer()\n"
                               f"os.execv({GPEN!r}, [{GPEN!r}, *sys.argv[1:]])\n")
            program.chmod(stat.S_IRWXU)
            self.addCleanup(setattr, service_under_test, "GPEN", GPEN)
            service_under_test.GPEN = str(program)
            with Service() as service:
                job, = service.submit(photo(seed=1))
                self.assertEqual(service.finished(job)["state"], "done")


if __name__ == "__main__":
    unittest.main()
