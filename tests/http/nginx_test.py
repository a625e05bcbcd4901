"""packaging/nginx/gpen.conf with a real nginx in front of a real service."""

import getpass
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

import requests

from service_under_test import ROOT, Service, photo, wait_for


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """A real nginx of `text`, in which each key of `replaced` stands and becomes its value."""

    def __init__(self, text, replaced):
        for old, new in replaced.items():
            if old not in text:
                raise AssertionError(f"{old} is not in the configuration")
            text = text.replace(old, new)
        self.folder = tempfile.TemporaryDirectory(prefix="gpen-nginx-")
        folder = self.folder.name
        user = "user root;" if getpass.getuser() == "root" else ""
        temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                              ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.configuration = pathlib.Path(folder) / "nginx.conf"
        self.configuration.write_text(f"{user} pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
                                      f"http {{ access_log off; {temporary}\n{text} }}")

    def __enter__(self):
        subprocess.run(["nginx", "-t", "-c", self.configuration], check=True, capture_output=True)
        self.process = subprocess.Popen(["nginx", "-c", self.configuration, "-g", "daemon off;"],
                                        stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *ignored):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def wait_until_it_answers(url, **how):
    def answers():
        try:
            return requests.get(url + "/healthz", **how).status_code == 200
        except requests.ConnectionError:
            return False
    wait_for(answers, "nginx's answer")


@unittest.skipIf(shutil.which("nginx") is None, "nginx is not installed")
class NginxTest(unittest.TestCase):
    plain = (ROOT / "packaging/nginx/gpen.conf").read_text()

    def test_results_uploads_and_events(self):
        with Service(GPEN_BEHIND_NGINX="true") as service:
            port = free_port()
            replaced = {"127.0.0.1:7860": f"127.0.0.1:{service.port}", "listen 80;": f"listen 127.0.0.1:{port};",
                        "/var/lib/gpen/": f"{service.data}/"}
            with Nginx(self.plain, replaced):
                self.check(f"http://127.0.0.1:{port}")

    @unittest.skipIf(shutil.which("openssl") is None, "openssl is not installed")
    def test_tls(self):
        secret = "a-secret-of-sixteen-letters"
        with Service(GPEN_BEHIND_NGINX="true", GPEN_TOKEN=secret) as service, \
                tempfile.TemporaryDirectory(prefix="gpen-tls-") as folder:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-subj", "/CN=nas", "-addext", "subjectAltName=IP:127.0.0.1",
                            "-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"],
                           check=True, capture_output=True)
            upstream = self.plain[:self.plain.index("server {\n    listen")]
            plain, port = free_port(), free_port()
            replaced = {"127.0.0.1:7860": f"127.0.0.1:{service.port}", "listen 80;": f"listen 127.0.0.1:{plain};",
                        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl", "/etc/ssl/gpen/": f"{folder}/",
                        "/var/lib/gpen/": f"{service.data}/"}
            url, certificate = f"https://127.0.0.1:{port}", f"{folder}/fullchain.pem"
            with Nginx(upstream + (ROOT / "packaging/nginx/gpen-tls.conf").read_text(), replaced):
                wait_until_it_answers(url, verify=certificate)
                moved = requests.get(f"http://127.0.0.1:{plain}/page?x=1", allow_redirects=False)
                self.assertEqual((moved.status_code, moved.headers["Location"]), (301, "https://127.0.0.1/page?x=1"))
                session = requests.Session()
                session.trust_env, session.verify = False, certificate
                session.headers["X-Requested-With"] = "x"
                self.assertEqual(session.get(url + "/api/v1/jobs").status_code, 401)
                login = session.post(url + "/api/v1/session", data={"token": secret},
                                     allow_redirects=False)
                self.assertIn("; Secure", login.headers["Set-Cookie"])
                self.assertIn("max-age", login.headers["Strict-Transport-Security"])
                path = session.post(url + "/enhance", files={"image": photo(seed=1)}).json()["output_path"]
                self.assertEqual(session.get(url + path).headers["Content-Type"], "image/png")
                self.assertEqual(requests.get(url + path, verify=certificate).status_code, 401)

    def check(self, url):
        wait_until_it_answers(url)
        with requests.get(url + "/api/v1/events/stream", stream=True, timeout=30) as stream:
            lines = stream.iter_lines()
            self.assertEqual(next(lines), b": connected")  # Not held back.
            path = requests.post(url + "/enhance", files={"image": photo(seed=1)}).json()["output_path"]
            self.assertTrue(any(line == b"event: finished" for line in lines))
        result = requests.get(url + path)
        self.assertEqual((result.status_code, result.headers["Content-Type"]), (200, "image/png"))
        self.assertTrue(re.match("nginx", result.headers["Server"]))
        self.assertNotIn("X-Accel-Redirect", result.headers)
        self.assertEqual(requests.get(url + path, headers={"Range": "bytes=1-3"}).content, b"PNG")
        self.assertEqual(requests.get(url + "/internal-" + path[1:]).status_code, 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
