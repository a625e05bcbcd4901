"""Several people with a token each: who sees what, on every route of the API, and what a withdrawn token is worth."""

import json
import subprocess
import threading
import time
import unittest

import requests

from service_under_test import GPEN, Service, photo, wait_for

OWNER = "the-owners-long-token"


def people(service, *arguments, fails=False):
    """Runs `gpen people`; what it says on standard output, or standard error where it fails."""
    answer = subprocess.run([GPEN, "people", arguments[0], "--data-dir", str(service.data), *arguments[1:]],
                            env={"PATH": "/usr/bin:/bin", **service.environment}, capture_output=True, text=True,
                            timeout=60)
    if fails == (answer.returncode == 0):
        raise AssertionError(answer.stdout + answer.stderr)
    return (answer.stderr if fails else answer.stdout).strip()


class As:
    """Somebody at the service, by their token."""

    def __init__(self, service, token):
        self.url = service.url
        self.headers = {"X-API-Key": token} if token else {}

    def ask(self, method, path, **more):
        headers = {**self.headers, **more.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=60, **more)

    def get(self, path):
        answer = self.ask("GET", path)
        answer.raise_for_status()
        return answer.json()

    def send(self, data, name="photo.png", **fields):
        answer = self.ask("POST", "/api/v1/jobs", files=[("image", (name, data))], data=fields)
        if answer.status_code != 201:
            raise AssertionError(answer.text)
        return answer.json()["jobs"][0]

    def done(self, job):
        def look():
            state = self.get(f"/api/v1/jobs/{job['id']}")
            return state if state["state"] in ("done", "failed", "cancelled") else None
        return wait_for(look, f"the end of job {job['id']}")


class Routes(unittest.TestCase):
    """Every operation of the OpenAPI document, asked by somebody who sees their own photos alone."""

    # What members may use; what it answers them is looked at below, or is the same for all.
    FOR_ALL = {
        "post /enhance", "get /api/v1/jobs", "post /api/v1/jobs", "post /api/v1/uploads", "get /api/v1/batches",
        "post /api/v1/batches", "get /api/v1/bin", "delete /api/v1/bin", "get /api/v1/zip", "get /api/v1/events",
        "get /api/v1/events/stream", "get /api/v1/queue", "get /api/v1/models", "get /api/v1/presets",
        "get /api/v1/estimate",
        "get /api/v1/settings", "get /api/v1/session", "post /api/v1/session", "delete /api/v1/session",
        "get /api/v1/openapi.json", "get /healthz", "get /readyz", "get /api/v1/handouts/{task}/photo",
        "put /api/v1/handouts/{task}/parcel"}

    def test_a_strangers_photo_is_not_found_on_any_route(self):
        with Service(GPEN_TOKEN=OWNER) as service:
            anna = As(service, people(service, "add", "Anna", "--sees", "own"))
            ben = As(service, people(service, "add", "Ben", "--sees", "own"))
            job = anna.done(anna.send(photo(), batch="winter"))
            upload = anna.ask("POST", "/api/v1/uploads", json={"name": "b.png", "bytes": 100}).json()
            binned = anna.send(photo(seed=1), name="binned.png")
            anna.done(binned)
            self.assertEqual(anna.ask("DELETE", f"/api/v1/jobs/{binned['id']}").status_code, 200)
            before = (anna.get(f"/api/v1/jobs/{job['id']}"), anna.get("/api/v1/bin"))
            output = job["result"]["output_path"].rpartition("/")[2]
            ids = {"jobs": job["id"], "bin": binned["id"], "batches": job["batch"], "uploads": upload["id"],
                   "people": 1}
            document = As(service, OWNER).get("/api/v1/openapi.json")
            tried = {403: 0, 404: 0}
            for path, methods in document["paths"].items():
                kind = path.split("/")[3] if path.startswith("/api/v1/") else ""
                target = (path.replace("{id}", str(ids.get(kind, 1))).replace("{file}", output)
                          .replace("{side}", "after"))
                for method in methods:
                    if f"{method} {path}" in self.FOR_ALL:
                        continue
                    answer = ben.ask(method.upper(), target, headers={"Content-Type": "application/json"}, data="{}")
                    private = kind in ("jobs", "bin", "batches", "uploads") or path.startswith("/outputs/")
                    self.assertEqual(answer.status_code, 404 if private else 403, f"{method} {path}: {answer.text}")
                    self.assertEqual(answer.json()["code"], "not_found" if private else "managers_only")
                    tried[answer.status_code] += 1
            self.assertGreater(tried[404], 28)
            self.assertGreater(tried[403], 9)
            self.assertEqual((anna.get(f"/api/v1/jobs/{job['id']}"), anna.get("/api/v1/bin")), before)

            # Lists, counts, the bin and events show Ben nothing of it.
            for path, member in (("jobs", "jobs"), ("bin", "jobs"), ("batches", "batches"), ("events", "events")):
                self.assertEqual(ben.get(f"/api/v1/{path}")[member], [], path)
            queue = ben.get("/api/v1/queue")
            self.assertEqual((sum(queue["counts"].values()), queue["binned"], queue["stored_bytes"]), (0, 0, 0))
            self.assertEqual(anna.get("/api/v1/queue")["counts"]["done"], 1)
            self.assertEqual(ben.ask("GET", f"/api/v1/zip?id={job['id']}").status_code, 404)
            self.assertEqual(ben.ask("GET", "/api/v1/zip?text=photo").status_code, 409)
            self.assertEqual(ben.ask("DELETE", "/api/v1/bin").status_code, 200)
            self.assertEqual(len(anna.get("/api/v1/bin")["jobs"]), 1)
            refused = ben.ask("POST", "/api/v1/jobs", files=[("image", ("b.png", photo(seed=2)))],
                              data={"batch_id": job["batch"]})
            self.assertEqual(refused.status_code, 404, refused.text)

            # The owner, and who sees all, see it with the name of who added it.
            carl = As(service, people(service, "add", "Carl"))
            for who in (As(service, OWNER), carl):
                self.assertEqual(who.get(f"/api/v1/jobs/{job['id']}")["added_by"], "Anna")
                self.assertEqual(who.ask("GET", job["result"]["output_path"]).status_code, 200)
            self.assertEqual(carl.ask("POST", "/api/v1/queue/pause").status_code, 403)
            self.assertEqual(carl.ask("PATCH", "/api/v1/settings", json={}).status_code, 403)


class Equal(unittest.TestCase):
    def test_an_equal_photo_shares_the_result_and_tells_nothing(self):
        with Service(GPEN_TOKEN=OWNER) as service:
            anna = As(service, people(service, "add", "Anna", "--sees", "own"))
            ben = As(service, people(service, "add", "Ben", "--sees", "own"))
            first = anna.done(anna.send(photo(seed=3), name="annas secret.png"))
            second = ben.done(ben.send(photo(seed=3), name="bens.png"))
            self.assertTrue(second["cached"])
            self.assertEqual(second["result"]["output_path"], first["result"]["output_path"])
            self.assertEqual(ben.ask("GET", second["result"]["output_path"]).status_code, 200)
            for path in ("", "/report"):
                text = ben.ask("GET", f"/api/v1/jobs/{second['id']}{path}").text
                self.assertNotIn("secret", text)
                self.assertNotIn("Anna", text)
            self.assertNotIn(str(first["id"]), [str(event["job"]) for event in ben.get("/api/v1/events")["events"]])
            # Either goes without the other.
            self.assertEqual(anna.ask("DELETE", f"/api/v1/jobs/{first['id']}?for_good=1").status_code, 200)
            self.assertEqual(ben.ask("GET", f"/api/v1/jobs/{second['id']}/result").status_code, 200)
            self.assertEqual(anna.ask("GET", second["result"]["output_path"]).status_code, 404)

    def test_enhance_and_programs_are_known_by_their_token(self):
        with Service(GPEN_TOKEN=OWNER) as service:
            anna = As(service, people(service, "add", "Anna", "--sees", "own"))
            ben = As(service, people(service, "add", "Ben", "--sees", "own"))
            answer = anna.ask("POST", "/enhance", files={"image": ("e.png", photo(seed=4))}).json()
            self.assertEqual(anna.ask("GET", answer["output_path"]).status_code, 200)
            self.assertEqual(ben.ask("GET", answer["output_path"]).status_code, 404)
            self.assertEqual(anna.get("/api/v1/jobs")["jobs"][0]["added_by"], "Anna")
            owners = As(service, OWNER)
            owners.done(owners.send(photo(seed=5)))
            self.assertIsNone(owners.get("/api/v1/jobs")["jobs"][0]["added_by"])


class Withdrawn(unittest.TestCase):
    def follow(self, who, heard, ended):
        def read():
            url = who.url + "/api/v1/events/stream"
            with requests.get(url, headers=who.headers, stream=True, timeout=60) as stream:
                heard.append(stream.status_code)
                for line in stream.iter_lines():
                    if line.startswith(b"data: "):
                        heard.append(json.loads(line[6:]))
            ended.set()
        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        wait_for(lambda: heard, "the stream's beginning")
        return thread

    def test_a_withdrawn_token_is_worth_nothing_at_once(self):
        with Service(GPEN_TOKEN=OWNER) as service:
            owner = As(service, OWNER)
            for seed, by_command in enumerate((True, False)):
                token = people(service, "add", "Anna", "--sees", "all")
                anna = As(service, token)
                browser = requests.Session()
                browser.post(service.url + "/api/v1/session", data={"token": token}, allow_redirects=False)
                self.assertEqual(browser.get(service.url + "/api/v1/jobs").status_code, 200)
                heard, ended = [], threading.Event()
                self.follow(anna, heard, ended)
                if by_command:
                    people(service, "remove", "Anna")
                else:
                    listed = owner.get("/api/v1/people")["people"]
                    self.assertEqual(owner.ask("DELETE", f"/api/v1/people/{listed[0]['id']}").status_code, 200)
                self.assertEqual(anna.ask("GET", "/api/v1/jobs").status_code, 401)
                self.assertEqual(browser.get(service.url + "/api/v1/jobs").status_code, 401)
                job = owner.send(photo(seed=60 + seed))
                self.assertTrue(ended.wait(10), "the stream goes on")
                self.assertEqual(heard, [200], "events after the withdrawal")
                owner.done(job)

    def test_a_stream_tells_ones_own_photos_alone(self):
        with Service(GPEN_TOKEN=OWNER) as service:
            anna = As(service, people(service, "add", "Anna", "--sees", "own"))
            heard, ended = [], threading.Event()
            self.follow(anna, heard, ended)
            owner = As(service, OWNER)
            owner.done(owner.send(photo(seed=7)))
            own = anna.done(anna.send(photo(seed=8)))
            wait_for(lambda: any(event != 200 and event["kind"] == "finished" for event in heard), "the own event")
            self.assertEqual({event["job"] for event in heard[1:]}, {own["id"]})
            people(service, "set", "Anna", "--sees", "all")
            self.assertTrue(ended.wait(10), "what the stream shows has changed")
            self.assertEqual(len(anna.get("/api/v1/jobs")["jobs"]), 2)


class Open(unittest.TestCase):
    """A service without a token in its configuration."""

    def test_the_first_person_closes_it_without_locking_anybody_out(self):
        with Service() as service:
            everybody = As(service, "")
            everybody.done(everybody.send(photo(seed=9)))
            for wanted in ({"name": "Ben"}, {"name": "Ben", "role": "member", "sees": "own"}):
                self.assertEqual(everybody.ask("POST", "/api/v1/people", json=wanted).status_code, 409)
            self.assertIn("--manager", people(service, "add", "Ben", fails=True))
            browser = requests.Session()
            added = browser.post(service.url + "/api/v1/people", json={"name": "Mia", "role": "manager"})
            self.assertEqual(added.status_code, 201, added.text)
            mia = As(service, added.json()["token"])
            self.assertEqual(everybody.ask("GET", "/api/v1/jobs").status_code, 401)
            self.assertEqual(browser.get(service.url + "/api/v1/session").json()["person"]["name"], "Mia")
            self.assertEqual(len(mia.get("/api/v1/jobs")["jobs"]), 1, "what was there is seen by who sees all")
            self.assertFalse(mia.get("/api/v1/settings")["open_to_network"])

            ben = mia.ask("POST", "/api/v1/people", json={"name": "Ben"}).json()["person"]["id"]
            me = added.json()["person"]["id"]
            self.assertEqual(mia.ask("DELETE", f"/api/v1/people/{me}").status_code, 409)
            self.assertEqual(mia.ask("PATCH", f"/api/v1/people/{me}", json={"role": "member"}).status_code, 409)
            self.assertEqual(mia.ask("DELETE", f"/api/v1/people/{ben}").status_code, 200)
            self.assertEqual(mia.ask("DELETE", f"/api/v1/people/{me}").status_code, 409, "nobody opens it by oversight")
            service.stop()
            service.start()
            self.assertEqual(everybody.ask("GET", "/api/v1/jobs").status_code, 401, "after a restart too")
            self.assertEqual(mia.ask("DELETE", f"/api/v1/people/{me}?open_to_all=1").status_code, 200)
            self.assertEqual(everybody.ask("GET", "/api/v1/jobs").status_code, 200)

    def test_a_damaged_list_is_refused_and_not_taken_for_an_empty_one(self):
        with Service() as service:
            mia = As(service, people(service, "add", "Mia", "--manager"))
            self.assertEqual(mia.ask("GET", "/api/v1/jobs").status_code, 200)
            (service.data / "people.json").write_text("{")
            self.assertEqual(As(service, "").ask("GET", "/api/v1/jobs").status_code, 401)
            self.assertEqual(mia.ask("GET", "/api/v1/jobs").status_code, 200)
            service.stop()
            with self.assertRaisesRegex(RuntimeError, "people.json"):
                service.start()
            (service.data / "people.json").unlink()
            with self.assertRaisesRegex(RuntimeError, "people.json.lock"):
                service.start()
            (service.data / "people.json.lock").unlink()
            service.start()


class Command(unittest.TestCase):
    def test_the_owner_of_the_machine_looks_after_people(self):
        with Service(GPEN_TOKEN=OWNER) as service:
            self.assertIn("nobody", people(service, "list"))
            first = people(service, "add", "Anna", "--sees", "own")
            self.assertRegex(first, "^[0-9a-f]{32}$")
            self.assertNotIn(first, (service.data / "people.json").read_text())
            self.assertIn("already", people(service, "add", "anna", fails=True))
            second = people(service, "renew", "Anna")
            self.assertEqual(As(service, first).ask("GET", "/api/v1/jobs").status_code, 401)
            self.assertEqual(As(service, second).ask("GET", "/api/v1/jobs").status_code, 200)
            self.assertRegex(people(service, "list"), "Anna +member +sees own")
            wait_for(lambda: "never" not in people(service, "list"), "when she was seen", 10)
            people(service, "set", "Anna", "--sees", "all")
            self.assertRegex(people(service, "list"), "Anna +member +sees all")
            people(service, "remove", "Anna")
            self.assertEqual(As(service, second).ask("GET", "/api/v1/jobs").status_code, 401)
            self.assertIn("there is no Anna", people(service, "remove", "Anna", fails=True))

    def test_many_at_a_time_lose_nobody(self):
        with Service(GPEN_TOKEN=OWNER) as service:
            owner = As(service, OWNER)
            added = []

            def add(number):
                if number % 2:
                    added.append(people(service, "add", f"person {number}"))
                else:
                    answer = owner.ask("POST", "/api/v1/people", json={"name": f"person {number}"})
                    added.append(answer.json()["token"])
            threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            time.sleep(0.1)
            self.assertEqual(len(owner.get("/api/v1/people")["people"]), 12)
            for token in added:
                self.assertEqual(As(service, token).ask("GET", "/api/v1/jobs").status_code, 200)


if __name__ == "__main__":
    unittest.main()
