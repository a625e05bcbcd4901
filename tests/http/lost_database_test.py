"""A database that is lost, older or another's: nothing of the photos is deleted, and there is a way back."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

from service_under_test import GPEN, Service, photo, wait_for

DAY_MS = 24 * 3600 * 1000


class LostDatabase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gpen-lost-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"

    def start(self, **environment):
        service = Service(self.folder, **environment).start()
        self.addCleanup(service.__exit__)
        return service

    def gpen_data(self, *arguments):
        result = subprocess.run([GPEN, "data", *arguments, "--data-dir", self.data], capture_output=True,
                                text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def files(self):
        return {str(path.relative_to(self.data)): path.read_bytes()
                for folder in ("uploads", "outputs", "thumbnails", "faces")
                for path in (self.data / folder).iterdir()}

    def restored(self, seeds=(1, 2)):
        """A folder in which these photos were restored by a service that has ended."""
        service = self.start()
        jobs = [service.submit(photo(seed=seed))[0] for seed in seeds]
        for job in jobs:
            self.assertEqual(service.finished(job)["state"], "done")
        self.copied(service)
        service.stop()
        return jobs

    def copied(self, service):
        wait_for(lambda: list((service.data / "backups").glob("gpen-*.db")), "a copy of the database")

    def lose(self, *suffixes):
        for suffix in suffixes:
            (self.data / f"gpen.db{suffix}").unlink(missing_ok=True)

    def refusal(self):
        with self.assertRaises(RuntimeError) as refused:
            self.start()
        return str(refused.exception)

    def test_a_lost_database_deletes_nothing_and_repair_hands_the_uploads_in_again(self):
        self.restored()
        before = self.files()
        self.lose("", "-wal", "-shm")
        message = self.refusal()
        self.assertIn("gpen.db is new and knows nothing of them", message)
        self.assertIn("gpen data repair", message)
        self.assertEqual(self.files(), before)
        self.assertIn("2 uploads were handed in again", self.gpen_data("repair"))
        service = self.start()
        for job in (1, 2):
            self.assertEqual(service.finished(job)["state"], "done")
        outputs = {name for name in before if name.startswith("outputs/")}
        self.assertEqual(outputs - set(self.files()), set(), "earlier results stay")

    def test_a_copy_of_the_database_brings_all_back(self):
        jobs = self.restored()
        self.lose("", "-wal", "-shm")
        self.refusal()
        self.assertIn("copy      gpen-", self.gpen_data("list"))
        self.gpen_data("restore")
        # What came after the copy is known by its files alone.
        self.gpen_data("repair")
        service = self.start()
        for job in jobs:
            self.assertEqual(service.finished(job)["state"], "done")

    def test_a_lost_log_deletes_nothing(self):
        service = self.start()
        job, = service.submit(photo(seed=1))
        service.finished(job)
        service.kill()
        before = self.files()
        self.lose("-wal", "-shm")
        try:
            self.start()
        except RuntimeError:
            pass  # All that it had was in the log: then it is as new.
        kept = {path.read_bytes() for path in self.data.rglob("*") if path.is_file()}
        self.assertEqual(set(before.values()) - kept, set())

    def test_the_database_of_another_folder_is_refused(self):
        self.restored()
        other = self.folder / "other"
        with Service(other) as service:
            job, = service.submit(photo(seed=5))
            service.finished(job)
        before = self.files()
        with self.assertRaises(RuntimeError) as refused:
            self.start(GPEN_DATABASE=str(other / "data/gpen.db"))
        self.assertIn("belongs to another data folder", str(refused.exception))
        self.assertEqual(self.files(), before)

    def test_a_clock_far_ahead_deletes_nothing(self):
        jobs = self.restored()
        # As a clock that runs 40 days ahead sees it.
        with sqlite3.connect(self.data / "gpen.db") as database:
            database.execute("UPDATE jobs SET finished = finished - ?", (40 * DAY_MS,))
        clock = self.data / "clock"
        seen, _ = clock.read_text().split()
        clock.write_text(f"{int(seen) - 40 * DAY_MS} 0\n")
        service = self.start()
        self.copied(service)  # The housekeeping has been there.
        for job in jobs:
            self.assertEqual(service.job(job)["state"], "done")

    def test_a_database_of_the_first_version_goes_on(self):
        jobs = self.restored()
        (self.data / "queue").unlink()
        with sqlite3.connect(self.data / "gpen.db") as database:
            database.executescript("""
                DROP INDEX jobs_by_key;
                DROP INDEX jobs_by_size;
                DROP INDEX jobs_waiting;
                DROP INDEX jobs_postponed;
                DROP INDEX jobs_by_finish;
                DROP INDEX jobs_binned;
                DROP INDEX jobs_binned_of_batch;
                DROP INDEX jobs_of_person;
                DROP INDEX jobs_counted_by_person;
                DROP INDEX batches_of_person;
                CREATE INDEX jobs_by_key ON jobs (key, state);
                CREATE INDEX jobs_by_finish ON jobs (finished) WHERE state >= 2;
                ALTER TABLE jobs DROP COLUMN added_by;
                ALTER TABLE batches DROP COLUMN added_by;
                ALTER TABLE events DROP COLUMN added_by;
                ALTER TABLE jobs DROP COLUMN postponed;
                ALTER TABLE jobs DROP COLUMN binned;
                ALTER TABLE jobs DROP COLUMN pinned;
                ALTER TABLE batches DROP COLUMN removing;
                ALTER TABLE queue DROP COLUMN identity;""")
            database.execute("DELETE FROM schema_version WHERE version > 1")
        service = self.start()
        self.assertEqual(service.job(jobs[0])["state"], "done")


if __name__ == "__main__":
    unittest.main()
