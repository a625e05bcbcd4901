"""The original contract and /api/v1, by curl, requests and a browser's form, against the OpenAPI document."""

import io
import json
import pathlib
import re
import subprocess
import tempfile
import unittest
import zipfile

import jsonschema
import requests
from PIL import Image, ImageChops

from service_under_test import Service, photo, portrait, wait_for


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.watched = tempfile.TemporaryDirectory(prefix="gpen-watched-")
        config = pathlib.Path(cls.watched.name) / "gpen.toml"
        config.write_text(f'[[watch]]\nname = "a \\"folder\\""\npath = "{cls.watched.name}"\nsettle_seconds = 0\n')
        cls.service = Service(GPEN_CONFIG=str(config)).start()
        cls.document = requests.get(cls.service.url + "/api/v1/openapi.json").json()

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()
        cls.watched.cleanup()

    def call(self, method, path, route=None, **arguments):
        """Sends a request and validates a JSON answer against the document."""
        answer = requests.request(method, self.service.url + path, timeout=60, **arguments)
        operation = self.document["paths"][route or path.split("?")[0]][method.lower()]
        described = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
        if "$ref" in described:
            self.assertGreaterEqual(answer.status_code, 400, answer.text)
            described = self.document["components"]["responses"]["Error"]
        if answer.headers.get("Content-Type") == "application/json":
            schema = {**described["content"]["application/json"]["schema"],
                      "components": self.document["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json())
        return answer

    def submit(self, *photos, **fields):
        files = [("image", (f"photo {i}.png", data, "image/png")) for i, data in enumerate(photos)]
        answer = self.call("POST", "/api/v1/jobs", files=files, data=fields)
        self.assertEqual(answer.status_code, 201, answer.text)
        return answer.json()

    def finished(self, job):
        def look():
            state = self.call("GET", f"/api/v1/jobs/{job}", "/api/v1/jobs/{id}").json()
            return state if state["state"] in ("done", "failed", "cancelled") else None
        return wait_for(look, f"the end of job {job}")

    def test_curl_as_in_the_plan(self):
        picture = photo(seed=1)
        answer = subprocess.run(["curl", "-sS", "-F", "image=@-;filename=photo.png", self.service.url + "/enhance"],
                                input=picture, capture_output=True, check=True).stdout
        self.assertRegex(answer.decode(), r'^\{"status":"success","output_path":"/outputs/[\w.-]+",'
                                          r'"inference_time":"\d+\.\d\ds"\}$')
        result = requests.get(self.service.url + json.loads(answer)["output_path"])
        self.assertEqual(result.headers["Content-Type"], "image/png")
        self.assertTrue(result.content.startswith(b"\x89PNG"))
        part = requests.get(result.url, headers={"Range": "bytes=0-3"})
        self.assertEqual((part.status_code, part.content), (206, result.content[:4]))
        same = requests.get(result.url, headers={"If-None-Match": result.headers["ETag"]})
        self.assertEqual(same.status_code, 304)

    def test_the_same_photo_is_answered_from_the_cache(self):
        files = {"image": ("bild \u7167\u7247.png", photo(seed=2))}
        first = self.call("POST", "/enhance", files=files)
        self.assertEqual(first.headers["X-Cache"], "miss")
        second = self.call("POST", "/enhance", files=files)
        self.assertEqual(second.headers["X-Cache"], "hit")
        self.assertEqual(first.json()["output_path"], second.json()["output_path"])
        other = self.call("POST", "/enhance", files=files, data={"strength": "10"})
        self.assertEqual(other.headers["X-Cache"], "miss")

    def test_a_browsers_form(self):
        page = requests.get(self.service.url + "/")
        self.assertIn('enctype="multipart/form-data"', page.text)
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        host = self.service.url
        answer = requests.post(host + "/enhance", files={"image": photo(seed=3)}, data={"strength": "80"},
                               headers={"Origin": host, "Sec-Fetch-Site": "same-origin"})
        self.assertEqual(answer.json()["status"], "success")
        evil = requests.post(host + "/enhance", files={"image": photo(seed=3)},
                             headers={"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"})
        self.assertEqual(evil.status_code, 403)
        rebound = requests.get(host + "/api/v1/jobs", headers={"Host": "evil.example"})
        self.assertEqual(rebound.status_code, 421)

    def test_errors(self):
        for status, arguments in [
            (400, {"files": {"other": b"x"}}),
            (400, {"files": {"image": photo()}, "data": {"strength": "101"}}),
            (400, {"files": {"image": photo()}, "data": {"unknown": "1"}}),
            (415, {"files": {"image": b"this is no photo"}}),
            (422, {"files": {"image": photo()[:40]}}),
            (400, {"files": [("image", photo(seed=4)), ("image", photo(seed=5))]}),
            (415, {"data": b"x", "headers": {"Content-Type": "text/plain"}}),
        ]:
            answer = self.call("POST", "/enhance", **arguments)
            self.assertEqual(answer.status_code, status, answer.text)
            self.assertEqual(answer.json()["status"], "error")
        self.assertEqual(requests.get(self.service.url + "/outputs/nothing.png").status_code, 404)
        self.assertEqual(list((self.service.data / "uploads").glob(".*")), [])

    def test_each_option_takes_what_the_document_says(self):
        described = self.document["components"]["schemas"]
        options = {name: described["Options"]["properties"][name] for name in described["OptionFields"]["properties"]
                   if name != "preset"}  # Which sets others.
        self.assertGreaterEqual(len(options), 8)
        texts = {"face": "1,2,3,4", "leave": "5,6,7,8", "model": "auto", "damage": "4,1,2;7,5,5", "undamaged": "3,1,2"}
        taken = {name: texts.get(name) or
                 schema.get("maximum", schema.get("enum", [True])[-2 if None in schema.get("enum", []) else -1])
                 for name, schema in options.items()}
        fields = {name: str(value).lower() for name, value in taken.items()}
        raw = self.call("POST", "/api/v1/jobs", params=fields, data=photo(seed=60)).json()
        forms = (fields, {"options": json.dumps(taken)})
        for submitted in (raw, *(self.submit(photo(seed=60), **sent) for sent in forms)):
            job, = submitted["jobs"]
            self.assertEqual(job["options"], taken)
            self.finished(job["id"])
            self.call("DELETE", f"/api/v1/jobs/{job['id']}?for_good=1", "/api/v1/jobs/{id}")
        for name, schema in options.items():
            refused = ["x", *({schema["minimum"] - 1, schema["maximum"] + 1} if "minimum" in schema else {}),
                       *([] if None in schema.get("enum", []) or "null" in schema.get("type", []) else [""])]
            for value in map(str, refused):
                for sent in ({"data": {name: value}}, {"data": {"options": json.dumps({name: value})}}):
                    answer = self.call("POST", "/enhance", files={"image": photo()}, **sent)
                    self.assertEqual(answer.status_code, 400, (name, value))
                    self.assertRegex(answer.json()["message"], f'option {name}: expected .*, found "{value}"')

    def test_presets_and_what_a_photo_will_take(self):
        fields = self.document["components"]["schemas"]["OptionFields"]["properties"]
        presets = {each["name"]: each["options"] for each in self.call("GET", "/api/v1/presets").json()["presets"]}
        set_by_it = {name: value for name, value in presets["old-photo"].items() if value != fields[name]["default"]}
        job, = self.submit(photo(seed=61), preset="old-photo", clean="10")["jobs"]
        self.assertLessEqual({**set_by_it, "clean": 10}.items(), job["options"].items())
        self.assertNotIn("preset", job["options"])
        self.finished(job["id"])
        self.call("GET", "/api/v1/estimate?pixels=12000000&clean=50", "/api/v1/estimate")

    def test_one_job(self):
        job = self.submit(photo(seed=10), strength="50")["jobs"][0]
        job = self.finished(job["id"])
        self.assertEqual(job["state"], "done")
        self.assertEqual(job["options"]["strength"], 50)
        base = f"/api/v1/jobs/{job['id']}"
        for part, kind in [("result", "image/png"), ("before", "image/jpeg"), ("after", "image/jpeg")]:
            answer = self.call("GET", f"{base}/{part}", "/api/v1/jobs/{id}/" + part)
            self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, kind))
        report = self.call("GET", base + "/report", "/api/v1/jobs/{id}/report").json()
        self.assertEqual(report["faces"], [])
        download = self.call("GET", base + "/result?download=1", "/api/v1/jobs/{id}/result")
        self.assertIn('filename="photo 0.restored.png"', download.headers["Content-Disposition"])
        self.assertEqual(self.call("POST", base + "/cancel", "/api/v1/jobs/{id}/cancel").status_code, 409)
        self.assertEqual(self.call("DELETE", base, "/api/v1/jobs/{id}").status_code, 200)
        self.assertEqual(self.call("GET", base, "/api/v1/jobs/{id}").status_code, 404)

    def test_the_report_on_each_face_and_the_thumbnails(self):
        job = self.finished(self.submit(portrait())["jobs"][0]["id"])
        base = f"/api/v1/jobs/{job['id']}"
        report = self.call("GET", base + "/report", "/api/v1/jobs/{id}/report").json()
        self.assertEqual((report["width"], report["height"], report["faces_restored"]), (512, 512, 1))
        face, = report["faces"]
        left, top, width, height = face["box"]
        right = left + width
        self.assertTrue(0 <= left < right <= 512 and 0 <= top < top + height <= 512, face["box"])
        self.assertEqual(face["skipped"], False)
        self.assertGreater(face["identity_similarity"], 0.5)
        before, after = (Image.open(io.BytesIO(requests.get(f"{self.service.url}{base}/{part}").content)).convert("RGB")
                         for part in ("before", "after"))
        self.assertEqual((before.size, after.size), ((512, 512), (512, 512)))
        # The face has changed, and nothing else has.
        changed = ImageChops.difference(before, after).point(lambda value: 255 if value > 24 else 0).getbbox()
        self.assertIsNotNone(changed)
        self.assertTrue(left - 100 < changed[0] and changed[2] < right + 100, (changed, face["box"]))

    def test_a_picture_restored_as_a_whole(self):
        aligned, searched = (self.finished(self.submit(photo(seed=21), **options)["jobs"][0]["id"])
                             for options in ({"aligned": "true"}, {}))
        report = self.call("GET", f"/api/v1/jobs/{aligned['id']}/report", "/api/v1/jobs/{id}/report").json()
        self.assertEqual((report["whole"], report["faces"]), (True, []))
        self.assertEqual([job["result"]["whole"] for job in (aligned, searched)], [True, False])
        for job in (aligned, searched):
            self.call("DELETE", f"/api/v1/jobs/{job['id']}?for_good=1", "/api/v1/jobs/{id}")

    def test_a_raw_body(self):
        answer = self.call("POST", "/api/v1/jobs?name=raw.png&strength=20", "/api/v1/jobs",
                           data=photo(seed=11), headers={"Content-Type": "image/png"})
        job = answer.json()["jobs"][0]
        self.assertEqual((job["name"], job["options"]["strength"]), ("raw.png", 20))
        self.assertEqual(self.finished(job["id"])["state"], "done")

    def test_media_types_are_not_case_sensitive(self):
        form = b"\r\n".join([b"--x", b'CONTENT-DISPOSITION: Form-Data; NAME="image"; FileName="a.png"',
                             b"Content-Type: Image/PNG", b"", photo(seed=12), b"--x--", b""])
        for path in ("/enhance", "/api/v1/jobs"):
            answer = self.call("POST", path, data=form, headers={"Content-Type": "Multipart/Form-Data; Boundary=x"})
            self.assertIn(answer.status_code, (200, 201), answer.text)
        for kind in ("Image/PNG", "image/png; Charset=UTF-8", "Application/Octet-Stream"):
            answer = self.call("POST", "/api/v1/jobs", data=photo(seed=12), headers={"Content-Type": kind})
            self.assertEqual(answer.status_code, 201, answer.text)
        refused = self.call("POST", "/api/v1/jobs", data=form, headers={"Content-Type": "Text/Plain; Boundary=x"})
        self.assertEqual(refused.status_code, 415, refused.text)

    def test_a_batch_and_its_zip(self):
        submitted = self.submit(photo(seed=20), photo(seed=21), photo(seed=20), batch="summer")
        batch = submitted["batch"]["id"]
        for job in submitted["jobs"]:
            self.assertEqual(self.finished(job["id"])["state"], "done")
        state = self.call("GET", f"/api/v1/batches/{batch}", "/api/v1/batches/{id}").json()
        self.assertEqual((state["name"], state["finished"], state["counts"]["done"]), ("summer", True, 3))
        answer = self.call("GET", f"/api/v1/batches/{batch}/zip", "/api/v1/batches/{id}/zip")
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        self.assertIsNone(archive.testzip())
        self.assertEqual(len(archive.namelist()), 3)
        page = self.call("GET", f"/api/v1/jobs?batch={batch}&limit=2", "/api/v1/jobs").json()
        self.assertEqual(len(page["jobs"]), 2)
        before = page["next_before"]
        rest = self.call("GET", f"/api/v1/jobs?batch={batch}&limit=2&before={before}", "/api/v1/jobs").json()
        self.assertEqual((len(rest["jobs"]), rest["next_before"]), (1, None))
        self.call("GET", "/api/v1/batches")
        self.assertEqual(self.call("DELETE", f"/api/v1/batches/{batch}", "/api/v1/batches/{id}").status_code, 200)

    def test_photos_join_a_batch_one_by_one(self):
        batch = self.call("POST", "/api/v1/batches", json={"name": "winter"})
        self.assertEqual(batch.status_code, 201, batch.text)
        for seed in (60, 61):
            job = self.submit(photo(seed=seed), batch_id=batch.json()["id"])["jobs"][0]
            self.assertEqual((job["batch"], job["priority"]), (batch.json()["id"], "batch"))
            self.finished(job["id"])
        state = self.call("GET", f"/api/v1/batches/{batch.json()['id']}", "/api/v1/batches/{id}").json()
        self.assertEqual((state["name"], state["counts"]["done"]), ("winter", 2))
        self.assertEqual(self.call("POST", "/api/v1/batches", data="[]").status_code, 400)
        missing = self.call("POST", "/api/v1/jobs", files={"image": photo(seed=62)}, data={"batch_id": "999999"})
        self.assertEqual(missing.status_code, 404, missing.text)

    def test_before_and_after_for_browsers(self):
        picture = photo(seed=70)
        for kind, shown in (("png", "image/png"), ("tiff", "image/jpeg")):
            job = self.finished(self.submit(picture, format=kind)["jobs"][0]["id"])
            self.assertEqual((job["original_kept"], job["result"]["faces"]), (True, 0))
            path = f"/api/v1/jobs/{job['id']}/view/"
            before = self.call("GET", path + "before", "/api/v1/jobs/{id}/view/{side}")
            self.assertEqual(before.content, picture)
            after = self.call("GET", path + "after", "/api/v1/jobs/{id}/view/{side}")
            self.assertEqual((after.status_code, after.headers["Content-Type"]), (200, shown))
            again = requests.get(self.service.url + path + "after", headers={"If-None-Match": after.headers["ETag"]})
            self.assertEqual(again.status_code, 304)
        self.assertEqual(self.call("GET", path + "beside", "/api/v1/jobs/{id}/view/{side}").status_code, 404)

    def test_all_results_of_a_search_as_one_zip(self):
        names = ["zip me 1", "zip me 2"]
        for seed, name in enumerate(names):
            files = {"image": (name + ".png", photo(seed=700 + seed))}
            answer = requests.post(self.service.url + "/api/v1/jobs", files=files)
            self.service.finished(answer.json()["jobs"][0]["id"])
        answer = self.call("GET", "/api/v1/zip?text=zip+me", "/api/v1/zip")
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        self.assertIsNone(archive.testzip())
        self.assertEqual(archive.namelist(), [f"{name}.restored.png" for name in names])
        self.assertEqual(self.call("GET", "/api/v1/zip?text=nobody", "/api/v1/zip").status_code, 409)
        self.assertEqual(self.call("GET", "/api/v1/zip?colour=red", "/api/v1/zip").status_code, 400)

    def test_faces_are_blended_anew(self):
        portrait = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data/astronaut.png").read_bytes()
        job = self.finished(self.submit(portrait, format="jpeg")["jobs"][0]["id"])
        self.assertEqual((job["state"], job["result"]["faces"]), ("done", 1), job)
        path, route = f"/api/v1/jobs/{job['id']}/blend", "/api/v1/jobs/{id}/blend"
        state = self.call("GET", path, route).json()
        self.assertEqual((state["available"], state["adjusted"], len(state["faces"])), (True, False, 1))
        result = f"{self.service.url}/api/v1/jobs/{job['id']}/result"
        thumbnail = f"{self.service.url}/api/v1/jobs/{job['id']}/after"
        first, first_thumbnail = requests.get(result).content, requests.get(thumbnail).content
        blended = self.call("POST", path, route, json={"faces": [0], "mode": "strong"})
        self.assertEqual(200, blended.status_code, blended.text)
        self.assertEqual((blended.json()["faces"], blended.json()["mode"]), ([0], "strong"))
        self.assertNotEqual(requests.get(result).content, first)
        self.assertNotEqual(requests.get(thumbnail).content, first_thumbnail)
        self.call("POST", path, route, json={"faces": [55]})
        outputs = {file.name for file in (self.service.data / "outputs").iterdir() if f".{job['id']}-" in file.name}
        self.assertEqual(len(outputs), 1, "an older choice is not kept")
        for body in ({"faces": []}, {"faces": [101]}, {"faces": "all"}, {"mode": "odd"}, {"unknown": 1}):
            self.assertEqual(self.call("POST", path, route, json=body).status_code, 400, body)
        # The same photo again has a job of its own, which shows the first result.
        twin = self.finished(self.submit(portrait, format="jpeg")["jobs"][0]["id"])
        self.assertEqual(requests.get(f"{self.service.url}/api/v1/jobs/{twin['id']}/result").content, first)
        self.assertFalse(self.call("DELETE", path, route).json()["adjusted"])
        self.assertEqual(requests.get(result).content, first)
        self.call("POST", path, route, json={"faces": [10]})
        for each in (job, twin):
            answer = self.call("DELETE", f"/api/v1/jobs/{each['id']}?for_good=1", "/api/v1/jobs/{id}")
            self.assertEqual(answer.status_code, 200)
        left = [file for folder in ("outputs", "thumbnails", "faces") for file in (self.service.data / folder).iterdir()
                if f".{job['id']}-" in file.name or file.name in (f"{job['id']}.json",)]
        self.assertEqual(left, [])
        self.assertEqual(list((self.service.data / "faces").glob("*.faces")), [])
        faceless = self.finished(self.submit(photo(seed=80))["jobs"][0]["id"])
        path = f"/api/v1/jobs/{faceless['id']}/blend"
        self.assertFalse(self.call("GET", path, route).json()["available"])
        self.assertEqual(self.call("POST", path, route, json={"faces": []}).status_code, 409)

    def test_settings(self):
        settings = self.call("GET", "/api/v1/settings").json()
        self.assertIn(settings["running_model"], settings["models"])
        try:
            changed = self.call("PATCH", "/api/v1/settings", json={"pause_between_seconds": 7}).json()
            self.assertEqual(changed["pause_between_seconds"], 7)
            self.assertEqual(self.call("GET", "/api/v1/settings").json(), changed)
            for body in ({"pause_between_seconds": -1}, {"model": "../etc"}, {"model": 3}, {"other": 1}, []):
                self.assertEqual(self.call("PATCH", "/api/v1/settings", json=body).status_code, 400, body)
            self.assertEqual(self.call("PATCH", "/api/v1/settings", json={"model": "not-installed"}).status_code, 400)
            self.assertEqual(self.call("GET", "/api/v1/models").json()["usual"], settings["running_model"])
        finally:
            self.call("PATCH", "/api/v1/settings", json={"pause_between_seconds": settings["pause_between_seconds"]})

    def test_the_web_page(self):
        page = requests.get(self.service.url + "/")
        self.assertEqual((page.headers["Content-Encoding"], page.headers["Cache-Control"]), ("gzip", "no-cache"))
        self.assertIn("script-src 'self'", page.headers["Content-Security-Policy"])
        plain = requests.get(self.service.url + "/", headers={"Accept-Encoding": "gzip;q=0"})
        self.assertNotIn("Content-Encoding", plain.headers)
        self.assertEqual(plain.text, page.text)
        self.assertNotEqual(plain.headers["ETag"], page.headers["ETag"])
        files = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text)
        self.assertGreaterEqual(len(files), 2)
        for path in files:
            file = requests.get(self.service.url + path)
            self.assertIn("immutable", file.headers["Cache-Control"])
            same = requests.get(self.service.url + path, headers={"If-None-Match": file.headers["ETag"]})
            self.assertEqual(same.status_code, 304)

    def test_pause_cancel_retry_and_events(self):
        try:
            self.assertTrue(self.call("POST", "/api/v1/queue/pause").json()["paused"])
            job = self.submit(photo(seed=30))["jobs"][0]["id"]
            path = f"/api/v1/jobs/{job}"
            self.assertEqual(self.call("GET", path, "/api/v1/jobs/{id}").json()["state"], "queued")
            self.assertEqual(self.call("GET", path + "/result", "/api/v1/jobs/{id}/result").status_code, 409)
            cancelled = self.call("POST", path + "/cancel", "/api/v1/jobs/{id}/cancel").json()
            self.assertEqual(cancelled["state"], "cancelled")
            retried = self.call("POST", path + "/retry", "/api/v1/jobs/{id}/retry").json()
            self.assertEqual(retried["state"], "queued")
        finally:
            self.call("POST", "/api/v1/queue/resume")
        self.assertEqual(self.finished(job)["state"], "done")
        polled = self.call("GET", f"/api/v1/events?job={job}", "/api/v1/events").json()["events"]
        kinds = [event["kind"] for event in polled]
        self.assertEqual((kinds[0], kinds[-1], kinds.count("finished")), ("created", "finished", 2))
        # The stream replays the same after any event.
        middle = len(polled) // 2
        with requests.get(f"{self.service.url}/api/v1/events/stream?job={job}", stream=True, timeout=20,
                          headers={"Last-Event-ID": str(polled[middle]["sequence"])}) as stream:
            replayed = []
            for line in stream.iter_lines():
                if line.startswith(b"data: "):
                    replayed.append(json.loads(line[6:]))
                if len(replayed) == len(polled) - middle - 1:
                    break
        self.assertEqual(replayed, polled[middle + 1:])

    def test_system(self):
        for path in ("/healthz", "/readyz", "/api/v1/queue"):
            self.assertEqual(self.call("GET", path).status_code, 200)
        metrics = self.call("GET", "/metrics").text
        self.assertIn('gpen_jobs{state="done"}', metrics)
        self.assertIn("/api/v1/queue/pause", requests.get(self.service.url + "/api/docs").text)

    def test_watched_folders(self):
        def done():
            (folder,) = self.call("GET", "/api/v1/watch").json()["folders"]
            return folder if folder["done"] == 1 else None
        (pathlib.Path(self.watched.name) / "a.png").write_bytes(photo(seed=50))
        folder = wait_for(done, "the watched photo")
        self.assertEqual({**folder, "path": ""}, {
            "name": 'a "folder"', "path": "", "output": "enhanced", "state": "watching",
            "waiting": 0, "done": 1, "failed": 0, "message": ""})
        # The folder knows of a result a moment before the queue.
        job = self.finished(self.call("GET", "/api/v1/jobs?priority=watch", "/api/v1/jobs").json()["jobs"][0]["id"])
        self.assertEqual((job["state"], job["name"]), ("done", 'a "folder"/a.png'))
        self.assertTrue(job["result"]["output_path"].endswith("/enhanced/a.png"))
        result = self.call("GET", f"/api/v1/jobs/{job['id']}/result", "/api/v1/jobs/{id}/result")
        self.assertEqual((result.status_code, result.content), (200, photo(seed=50)))
        self.assertIn('gpen_watch_files{folder="a \\"folder\\"",state="done"} 1', self.call("GET", "/metrics").text)

    def test_files_are_private(self):
        self.submit(photo(seed=40))
        for path in [self.service.data, *self.service.data.rglob("*")]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
