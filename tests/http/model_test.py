"""A photo asks for a model of its own: the user's, beside the two light ones of the project."""

import json
import pathlib
import tempfile
import unittest

import requests

from model_folders import add_model, copy_models
from service_under_test import Service, photo, portrait


class Model(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="gpen-models-")
        cls.models = pathlib.Path(cls.temporary.name) / "models"
        copy_models(cls.models)
        add_model(cls.models, "mine", "gpen-lite-512", "--weights-version", "9", "--license", "My own",
                  "--provenance", "Made at home")
        add_model(cls.models, "second", "gpen-lite-256", "--weights-version", "2")
        manifest = json.loads((cls.models / "gpen-lite-256.json").read_text())
        cls.usual = {f"gpen-lite-256 {manifest['version']}"}
        cls.service = Service(GPEN_MODELS=str(cls.models)).start()

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()
        cls.temporary.cleanup()

    def restored_by(self, job):
        """The models that restored the faces of a photo, when it is done."""
        ended = self.service.finished(job)
        self.assertEqual(ended["state"], "done", ended["error"])
        report = requests.get(self.service.url + ended["result"]["report"]).json()
        return {face["model"] for face in report["faces"]}

    def send(self, **fields):
        return self.service.submit(portrait(), **fields)[0]

    def again(self, job, **options):
        return requests.post(f"{self.service.url}/api/v1/jobs/{job}/again", json=options)

    def test_each_photo_is_restored_by_the_model_that_it_asks_for(self):
        usual = self.send()
        self.assertEqual(self.restored_by(usual), self.usual)
        self.assertNotIn("model", self.service.job(usual)["options"])
        mine = self.send(model="mine")
        self.assertEqual(self.restored_by(mine), {"mine 9"})
        self.assertEqual(self.service.job(mine)["options"]["model"], "mine")
        self.assertFalse(self.service.job(mine)["cached"])
        second = self.again(mine, model="second").json()["id"]
        self.assertEqual(self.restored_by(second), {"second 2"})
        self.assertEqual(self.restored_by(self.send(options=json.dumps({"model": "mine"}))), {"mine 9"})
        self.assertEqual(self.restored_by(self.again(second, model="").json()["id"]), self.usual)
        # Each has its own result, and equal ones are not computed twice.
        files = {requests.get(self.service.url + self.service.job(job)["result"]["url"]).content
                 for job in (usual, mine, second)}
        self.assertEqual(len(files), 3)
        for job, fields in ((usual, {}), (usual, {"model": "auto"}), (mine, {"model": "mine"})):
            equal = self.service.finished(self.send(**fields))
            self.assertTrue(equal["cached"], fields)
            self.assertEqual(equal["result"]["output_path"], self.service.job(job)["result"]["output_path"])

    def test_enhance_takes_it_too(self):
        answer = requests.post(self.service.url + "/enhance", files={"image": portrait()}, data={"model": "second"})
        self.assertEqual(answer.json()["status"], "success")
        job = requests.get(self.service.url + "/api/v1/jobs").json()["jobs"][0]
        self.assertEqual(self.restored_by(job["id"]), {"second 2"})

    def test_one_that_is_not_installed_is_refused_with_those_that_are(self):
        before = requests.get(self.service.url + "/api/v1/jobs").json()["jobs"]
        uploads = self.service.data / "uploads"
        kept = len(list(uploads.iterdir()))
        for path, body in (("/enhance", {"files": {"image": photo(seed=1)}, "data": {"model": "yours"}}),
                           ("/api/v1/jobs?model=yours", {"files": {"image": photo(seed=1)}}),
                           ("/api/v1/jobs?model=photo-x2", {"files": {"image": photo(seed=1)}}),
                           ("/api/v1/uploads", {"json": {"name": "a.png", "bytes": 5, "options": {"model": "yours"}}})):
            refused = requests.post(self.service.url + path, **body)
            self.assertEqual((refused.status_code, refused.json()["code"]), (400, "invalid_argument"), path)
            self.assertIn("(auto, gpen-lite-256, gpen-lite-512, mine, second)", refused.json()["message"])
        outside = requests.post(self.service.url + "/enhance", files={"image": photo(seed=1)},
                                data={"model": "../../etc/passwd"})
        self.assertEqual(outside.status_code, 400)
        self.assertEqual(requests.get(self.service.url + "/api/v1/jobs").json()["jobs"], before)
        self.assertEqual(len(list(uploads.iterdir())), kept)

    def test_the_models_are_listed(self):
        answer = requests.get(self.service.url + "/api/v1/models").json()
        self.assertEqual(answer["usual"], "auto")
        models = {model["name"]: model for model in answer["models"]}
        self.assertEqual(list(models), ["gpen-lite-256", "gpen-lite-512", "mine", "second"])
        self.assertEqual(models["mine"], {"name": "mine", "version": "9", "task": "restoration", "input_size": 512,
                                          "license": "My own", "provenance": "Made at home", "in_auto": False})
        self.assertTrue(models["gpen-lite-256"]["in_auto"])


class ModelThatGoes(unittest.TestCase):
    """A model that is damaged or taken away fails its photos, and nothing else."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="gpen-models-")
        self.addCleanup(temporary.cleanup)
        self.models = pathlib.Path(temporary.name) / "models"
        copy_models(self.models)
        add_model(self.models, "mine", "gpen-lite-256")
        self.service = Service(GPEN_MODELS=str(self.models)).start()
        self.addCleanup(self.service.__exit__)

    def failure(self, job):
        ended = self.service.finished(job)
        self.assertEqual(ended["state"], "failed")
        return ended["error"]

    def test_a_damaged_file(self):
        file = self.models / "mine.onnx"
        whole = file.read_bytes()
        file.write_bytes(whole[:-100] + bytes(100))
        error = self.failure(self.service.submit(portrait(), model="mine")[0])
        self.assertEqual(error["code"], "model_invalid")
        self.assertIn("mine.onnx", error["message"])
        self.assertNotIn(str(self.models), error["message"])
        self.assertEqual(self.service.finished(self.service.submit(portrait())[0])["state"], "done")
        # Mended, it is used without a new start.
        file.write_bytes(whole)
        self.assertEqual(self.service.finished(self.service.submit(portrait(), model="mine")[0])["state"], "done")

    def test_one_that_is_taken_away_while_its_photo_waits(self):
        self.service.post("/api/v1/queue/pause")
        waiting = self.service.submit(portrait(), model="mine")[0]
        usual = self.service.submit(portrait())[0]
        (self.models / "mine.json").unlink()
        (self.models / "mine.onnx").unlink()
        self.service.post("/api/v1/queue/resume")
        self.assertEqual(self.failure(waiting)["code"], "model_missing")
        self.assertEqual(self.service.finished(usual)["state"], "done")
        self.assertEqual(requests.get(self.service.url + "/readyz").status_code, 200)

    def test_memory_does_not_grow_with_the_models_that_are_asked_for(self):
        for name in ("second", "third", "fourth"):
            add_model(self.models, name, "gpen-lite-512", "--weights-version", name)
        service = self.service

        def use(model):
            ended = service.finished(service.submit(portrait(), model=model, strength=str(len(used)))[0])
            self.assertEqual(ended["state"], "done", ended["error"])
            used.append(model)
            return service.resident_bytes("RssAnon")

        used = []
        use("gpen-lite-256"), use("gpen-lite-512")
        first = use("second")
        more = [use(name) for name in ("third", "fourth", "mine", "second", "third", "fourth")]
        # Each of them holds 30 MB of weights alone.
        self.assertLess(min(more[-3:]) - first, 40 << 20, f"{first} {more}")


class ModelOfAWatchedFolder(unittest.TestCase):
    def test_one_that_is_not_installed_is_said_at_the_start(self):
        with tempfile.TemporaryDirectory(prefix="gpen-watch-") as temporary:
            folder = pathlib.Path(temporary)
            (folder / "photos").mkdir()
            configuration = folder / "gpen.toml"
            configuration.write_text(f'[[watch]]\npath = "{folder}/photos"\nmodel = "yours"\n')
            service = Service(data=temporary, GPEN_CONFIG=str(configuration))
            with self.assertRaisesRegex(RuntimeError, 'watch "photos": option model: expected one that is installed'):
                service.start()


if __name__ == "__main__":
    unittest.main()
