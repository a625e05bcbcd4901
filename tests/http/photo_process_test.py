"""Photos are worked on in a process of their own: one that dies, hangs or is stopped harms nothing else."""

import io
import os
import pathlib
import shutil
import signal
import tempfile
import time
import unittest

import requests
from PIL import Image

import service_under_test
from service_under_test import Service, photo, wait_for


def is_gone(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def many_scans(count):
    """A progressive JPEG whose last scan comes `count` times more."""
    file = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + data[-2:]


class PhotoProcess(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().start()

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()

    @staticmethod
    def is_at_work(pid):
        """Whether it has computed for longer than it takes to load networks."""
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return False
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 2

    def long_job(self, seed):
        """A job at a step that takes seconds, also on a fast machine."""
        job = self.service.submit(photo(1300, seed), enlarge="4", clean="50")[0]
        self.service.wait_for_step(job, "photo")
        return job

    def end_process(self, how):
        pids = self.service.photo_processes()
        self.assertEqual(len(pids), 1)
        os.kill(pids[0], how)
        return pids[0]

    def assert_goes_on(self, seed):
        answer = requests.post(self.service.url + "/enhance", files={"image": photo(seed=seed)}, timeout=60)
        self.assertEqual(answer.status_code, 200, answer.text)

    def test_a_process_that_dies_once_costs_a_second_try(self):
        job = self.long_job(1)
        self.end_process(signal.SIGKILL)
        self.assertEqual(self.service.finished(job)["state"], "done")

    def test_a_photo_that_ends_every_process_fails_with_a_reason(self):
        for seed, how, code, word in ((2, signal.SIGSEGV, "corrupt_image", "signal 11"),
                                      (3, signal.SIGKILL, "image_too_large", "memory")):
            job = self.long_job(seed)
            first = self.end_process(how)
            wait_for(lambda: any(self.is_at_work(pid) for pid in self.service.photo_processes() if pid != first),
                     "the second try at its work")
            self.end_process(how)
            state = self.service.finished(job)
            self.assertEqual((state["state"], state["error"]["code"]), ("failed", code), state)
            self.assertIn(word, state["error"]["message"])
            self.assert_goes_on(seed)

    def test_a_stop_does_not_wait(self):
        job = self.long_job(4)
        begin = time.monotonic()
        self.service.post(f"/api/v1/jobs/{job}/cancel")
        self.assertEqual(self.service.finished(job, 20)["state"], "cancelled")
        self.assertLess(time.monotonic() - begin, 20)
        self.assert_goes_on(4)

    def test_a_jpeg_of_thousands_of_scans_is_refused_at_once(self):
        answer = requests.post(self.service.url + "/enhance", files={"image": many_scans(5000)}, timeout=60)
        self.assertEqual((answer.status_code, answer.json()["code"]), (422, "corrupt_image"), answer.text)
        self.assertIn("scans", answer.json()["message"])
        few = requests.post(self.service.url + "/enhance", files={"image": many_scans(0)}, timeout=60)
        self.assertEqual(few.status_code, 200, few.text)

    def test_an_upgrade_of_the_program_does_not_stop_the_service(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "gpen"
            shutil.copy2(service_under_test.GPEN, program)
            self.addCleanup(setattr, service_under_test, "GPEN", service_under_test.GPEN)
            service_under_test.GPEN = str(program)
            with Service(GPEN_MODELS=str(service_under_test.ROOT / "models")) as other:
                program.unlink()
                program.write_text("another version")
                for pid in other.photo_processes():
                    os.kill(pid, signal.SIGKILL)
                answer = requests.post(other.url + "/enhance", files={"image": photo(seed=6)}, timeout=60)
                self.assertEqual(answer.status_code, 200, answer.text)

    def test_it_ends_with_its_service(self):
        with Service() as other:
            other.submit(photo(500, 5), enlarge="4")
            pids = other.photo_processes()
            self.assertTrue(pids)
            other.kill()
            wait_for(lambda: all(is_gone(pid) for pid in pids), "the end of the process for photos")
            other.start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
