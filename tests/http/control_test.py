"""Who goes first, when the work rests and how it stops: priorities, pause, cancel, heat, quiet hours."""

import os
import pathlib
import re
import sqlite3
import tempfile
import time
import unittest

import requests

from service_under_test import Service, group_photo, photo, wait_for


class Stopping(unittest.TestCase):
    def faces_after(self, service, kind, job):
        """Faces that were begun after the first event of that kind."""
        events = service.events()
        since = next(event["sequence"] for event in events if event["kind"] == kind)
        end = next(event["sequence"] for event in events
                   if event["sequence"] > since and event["job"] == job and event["kind"] in ("requeued", "finished"))
        return [event["step"] for event in events
                if since < event["sequence"] < end and event["step"].startswith("face")]

    def test_pause_stops_within_one_face_and_resume_goes_on(self):
        with Service() as service:
            job, = service.submit(group_photo())
            service.wait_for_step(job, "face")
            self.assertTrue(service.post("/api/v1/queue/pause")["paused"])
            wait_for(lambda: service.job(job)["state"] == "queued", "the job's way back into the queue")
            self.assertLessEqual(len(self.faces_after(service, "queue_paused", job)), 1)
            self.assertEqual(service.job(job)["attempts"], 0)  # A pause costs none.
            # A service that is started anew is still paused.
            service.stop()
            service.start()
            self.assertEqual((service.queue()["paused"], service.job(job)["state"]), (True, "queued"))
            service.post("/api/v1/queue/resume")
            self.assertEqual(service.finished(job)["state"], "done")

    def test_cancel_in_mid_face_leaves_nothing(self):
        with Service() as service:
            job, = service.submit(group_photo())
            service.wait_for_step(job, "face")
            service.post(f"/api/v1/jobs/{job}/cancel")
            self.assertEqual(service.finished(job)["state"], "cancelled")
            self.assertLessEqual(len(self.faces_after(service, "cancel_requested", job)), 1)
            for folder in ("outputs", "thumbnails"):
                self.assertEqual(list((service.data / folder).iterdir()), [])
            self.assertEqual(requests.get(f"{service.url}/api/v1/jobs/{job}/result").status_code, 409)
            service.post(f"/api/v1/jobs/{job}/retry")
            self.assertEqual(service.finished(job)["state"], "done")

    def test_a_deleted_batch_takes_its_files_along(self):
        with Service() as service:
            jobs = service.submit(photo(seed=1), photo(seed=2), batch="both")
            for job in jobs:
                service.finished(job)
            batch = service.job(jobs[0])["batch"]
            self.assertEqual(requests.delete(f"{service.url}/api/v1/batches/{batch}?for_good=1").status_code, 200)
            self.assertEqual(requests.get(f"{service.url}/api/v1/batches/{batch}").status_code, 404)
            self.assertEqual([service.job(job)["code"] for job in jobs], ["not_found"] * 2)
            for folder in ("uploads", "outputs", "thumbnails"):
                wait_for(lambda: not list((service.data / folder).iterdir()), f"the end of the files in {folder}")


class Priorities(unittest.TestCase):
    def test_a_person_goes_before_a_batch_and_a_batch_before_the_watched_folder(self):
        with Service() as service:
            service.post("/api/v1/queue/pause")
            watched, = service.submit(photo(seed=1))
            batch = service.submit(photo(seed=2), photo(seed=3), batch="holiday")
            person, = service.submit(photo(seed=4))
            service.stop()
            with sqlite3.connect(service.data / "gpen.db") as database:
                database.execute("UPDATE jobs SET priority = 2 WHERE id = ?", (watched,))
            service.start()
            self.assertEqual([service.job(job)["priority"] for job in (watched, *batch, person)],
                             ["watch", "batch", "batch", "interactive"])
            service.post("/api/v1/queue/resume")
            for job in (watched, *batch, person):
                self.assertEqual(service.finished(job)["state"], "done")
            started = [event["job"] for event in service.events() if event["kind"] == "started"]
            self.assertEqual(started, [person, *batch, watched])

    def test_a_person_does_not_wait_for_the_pause_between_photos(self):
        with Service(GPEN_PAUSE_BETWEEN_SECONDS="3600") as service:
            first, second = service.submit(photo(seed=1), photo(seed=2))
            self.assertEqual(service.finished(first)["state"], "done")
            wait_for(lambda: service.queue()["pausing_between_jobs"], "the pause")
            answer = requests.post(service.url + "/enhance", files={"image": photo(seed=3)}, timeout=60)
            self.assertEqual(answer.json()["status"], "success")
            self.assertEqual(service.job(second)["state"], "queued")


class Sensor:
    """A sysfs tree with one thermal zone, whose mark is 90 degrees."""

    def __init__(self, folder):
        self.sys = pathlib.Path(folder)
        self.zone = self.sys / "class/thermal/thermal_zone0"
        self.zone.mkdir(parents=True)
        for name, text in [("type", "x86_pkg_temp"), ("trip_point_0_type", "passive"), ("trip_point_0_temp", "90000")]:
            (self.zone / name).write_text(text + "\n")

    def set(self, celsius):
        (self.zone / "new").write_text(f"{celsius * 1000}\n")
        os.replace(self.zone / "new", self.zone / "temp")


class Heat(unittest.TestCase):
    def metric(self, service, name):
        text = requests.get(service.url + "/metrics").text
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE).group(1))

    def test_it_slows_down_stops_and_goes_on_by_itself(self):
        with tempfile.TemporaryDirectory() as folder:
            sensor = Sensor(folder)
            sensor.set(50)
            with Service(GPEN_HEAT_ENABLED="true", GPEN_SYS=folder) as service:
                heat = service.queue()["heat"]
                self.assertEqual((heat["action"], heat["celsius"], heat["limit_celsius"]), ("run", 50, 90))
                self.assertEqual(heat["sensor"], "thermal_zone0 x86_pkg_temp")
                self.assertEqual(self.metric(service, "gpen_temperature_celsius"), 50)

                # Too hot in the middle of a photo: it goes back into the queue.
                job, = service.submit(group_photo())
                service.wait_for_step(job, "face")
                sensor.set(91)
                wait_for(lambda: service.job(job)["state"] != "running", "the stop")
                if service.job(job)["state"] == "queued":  # It may have been quicker than the sensor.
                    self.assertEqual(service.job(job)["attempts"], 0)
                wait_for(lambda: service.queue()["heat"]["action"] == "stop", "the governor's stop")
                self.assertEqual(self.metric(service, 'gpen_heat_action{action="stop"}'), 1)
                self.assertEqual(self.metric(service, "gpen_heat_stops_total"), 1)
                # Nobody starts now, not even a person.
                waiting, = service.submit(photo(seed=1))
                wait_for(lambda: "cool down" in service.queue()["held_reason"], "the reason")
                # Hysteresis: just below the mark is not cool yet.
                sensor.set(85)
                wait_for(lambda: service.queue()["heat"]["celsius"] == 85, "the new reading")
                self.assertEqual(service.queue()["heat"]["action"], "stop")
                self.assertEqual(service.job(waiting)["state"], "queued")

                sensor.set(60)
                self.assertEqual(service.finished(waiting)["state"], "done")
                self.assertEqual(service.finished(job)["state"], "done")
                self.assertEqual(service.queue()["heat"]["action"], "run")
                self.assertEqual(service.queue()["held_reason"], "")

                # Warm: it works, with longer pauses.
                sensor.set(82)
                wait_for(lambda: service.queue()["heat"]["action"] == "slow_down", "the slow-down")
                one, two = service.submit(photo(seed=2), photo(seed=3))
                self.assertEqual(service.finished(one)["state"], "done")
                wait_for(lambda: service.queue()["pausing_between_jobs"], "the longer pause")
                self.assertIn("slowed down", service.queue()["held_reason"])
                sensor.set(60)
                self.assertEqual(service.finished(two)["state"], "done")

    def test_the_fans_run_at_full_speed_while_it_is_hot_and_are_given_back(self):
        with tempfile.TemporaryDirectory() as folder:
            sensor = Sensor(folder)
            sensor.set(50)
            chip = pathlib.Path(folder) / "class/hwmon/hwmon0"
            chip.mkdir(parents=True)
            for name, text in [("name", "it8613"), ("pwm1", "100"), ("pwm1_enable", "2")]:
                (chip / name).write_text(text + "\n")

            def fan():
                return (chip / "pwm1_enable").read_text().strip(), (chip / "pwm1").read_text().strip()

            def run_hot(seed):
                sensor.set(80)  # Ten degrees below the mark.
                service.submit(photo(seed=seed))
                wait_for(lambda: fan() == ("1", "255"), "full speed")
            with Service(GPEN_HEAT_ENABLED="true", GPEN_HEAT_FANS="true", GPEN_SYS=folder) as service:
                self.assertEqual(fan(), ("2", "100"))
                run_hot(1)
                service.kill()
                self.assertEqual(fan(), ("1", "255"), "a kill gives nothing back")
                sensor.set(50)
                service.start()
                wait_for(lambda: fan() == ("2", "100"), "what the next start gives back")
                run_hot(2)
                sensor.set(50)
                service.submit(photo(seed=3))
                wait_for(lambda: fan() == ("2", "100"), "what it gives back when it is cool")
                run_hot(4)
                service.stop()
                self.assertEqual(fan(), ("2", "100"))

    def test_a_machine_without_a_sensor_is_told_so(self):
        with tempfile.TemporaryDirectory() as folder, Service(GPEN_HEAT_ENABLED="true", GPEN_SYS=folder) as service:
            heat = service.queue()["heat"]
            self.assertEqual((heat["has_sensor"], heat["action"]), (False, "run"))
            self.assertIn("no temperature sensor", heat["message"])
            self.assertEqual(self.metric(service, "gpen_heat_sensor_present"), 0)


class QuietHours(unittest.TestCase):
    def test_batches_wait_and_persons_do_not(self):
        with tempfile.TemporaryDirectory() as folder:
            with Service(folder, GPEN_QUIET_HOURS="00:00-24:00") as service:
                batch = service.submit(photo(seed=1), photo(seed=2))
                wait_for(lambda: "quiet" in service.queue()["held_reason"], "the reason")
                answer = requests.post(service.url + "/enhance", files={"image": photo(seed=3)}, timeout=60)
                self.assertEqual(answer.json()["status"], "success")
                self.assertEqual([service.job(job)["state"] for job in batch], ["queued", "queued"])
                self.assertTrue(service.queue()["quiet"])
            # Hours that are not now.
            hour = time.localtime().tm_hour
            with Service(folder, GPEN_QUIET_HOURS=f"{(hour + 11) % 24:02}:00-{(hour + 12) % 24:02}:00") as service:
                for job in batch:
                    self.assertEqual(service.finished(job)["state"], "done")
                self.assertFalse(service.queue()["quiet"])


class Background(unittest.TestCase):
    def test_all_threads_that_compute_are_nice(self):
        with Service() as service:
            requests.post(service.url + "/enhance", files={"image": group_photo()}, timeout=60).raise_for_status()
            busy_ticks = {0: 0, 10: 0}
            for task in (task for pid in service.processes() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()):
                fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
                busy_ticks[int(fields[16])] += int(fields[11])
            # The networks were loaded and run at nice 10: hardly anything is left for the others.
            self.assertGreater(busy_ticks[10], 5 * busy_ticks[0], busy_ticks)


if __name__ == "__main__":
    unittest.main(verbosity=2)
