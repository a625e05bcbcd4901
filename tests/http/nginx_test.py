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


@unittest.skipIf(shutil.which("nginx") is None, "nginx is not installed")
class Nginx(unittest.TestCase):
    def test_results_uploads_and_events(self):
        with Service(GPEN_BEHIND_NGINX="true") as service, tempfile.TemporaryDirectory(prefix="gpen-nginx-") as folder:
            port = free_port()
            text = (ROOT / "packaging/nginx/gpen.conf").read_text()
            for old, new in [("127.0.0.1:7860", f"127.0.0.1:{service.port}"),
                             ("listen 80;", f"listen 127.0.0.1:{port};"),
                             ("/var/lib/gpen/", f"{service.data}/")]:
                self.assertIn(old, text)
                text = text.replace(old, new)
            user = f"user {getpass.getuser()};" if getpass.getuser() == "root" else ""
            temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                                  ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            configuration = pathlib.Path(folder) / "nginx.conf"
            configuration.write_text(f"{user} pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
                                     f"http {{ access_log off; {temporary}\n{text} }}")
            subprocess.run(["nginx", "-t", "-c", configuration], check=True, capture_output=True)
            nginx = subprocess.Popen(["nginx", "-c", configuration, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
            try:
                self.check(f"http://127.0.0.1:{port}")
            finally:
                nginx.terminate()
                nginx.wait()

    def check(self, url):
        def answers():
            try:
                return requests.get(url + "/healthz").status_code == 200
            except requests.ConnectionError:
                return False
        wait_for(answers, "nginx's answer")
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
