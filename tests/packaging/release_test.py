"""A whole release of this machine's build, twice: the same bits, checksums, a signature, a list of contents."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from packaged import ARCHITECTURE, PHOTO, RELEASE, bare_root, installed, needs, run_in, temporary
from product import version


@needs("buildah", "dpkg-buildpackage", "dh", "minisign", "xz", "readelf", "busybox")
class Release(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = temporary() / "release"
        cls.keys = temporary() / "key.pub", temporary() / "key"
        subprocess.run(["minisign", "-G", "-W", "-p", cls.keys[0], "-s", cls.keys[1]], check=True, capture_output=True)
        subprocess.run([sys.executable, RELEASE / "make_release.py", cls.folder, "--from", installed(), "--level", "1",
                        "--twice", "--sign", cls.keys[1]], check=True, env={**os.environ, "PYTHONPATH": ""})

    def test_everything_is_there(self):
        names = {path.name for path in self.folder.iterdir()}
        start = f"gpen-nas-{version()}"
        for end in (f"{ARCHITECTURE}.tar.xz", f"{ARCHITECTURE}.image.tar.gz", f"{ARCHITECTURE}.cdx.json",
                    f"{ARCHITECTURE}-container.spk", f"{ARCHITECTURE}-native.spk"):
            self.assertIn(f"{start}-{end}", names)
        self.assertIn(f"{start}-manifests.tar.gz", names)
        self.assertEqual(1, len([name for name in names if name.endswith(".deb")]))

    def test_the_checksums_hold_and_are_signed(self):
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=self.folder, check=True)
        listed = {line.split()[1] for line in (self.folder / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed | {"SHA256SUMS", "SHA256SUMS.minisig"}, {path.name for path in self.folder.iterdir()})
        verify = ["minisign", "-V", "-q", "-p", self.keys[0], "-m", self.folder / "SHA256SUMS"]
        self.assertEqual(subprocess.run(verify, capture_output=True).returncode, 0)
        other = temporary() / "SHA256SUMS"
        other.write_text((self.folder / "SHA256SUMS").read_text() + "0  another\n")
        shutil.copy(self.folder / "SHA256SUMS.minisig", temporary())
        self.assertNotEqual(subprocess.run([*verify[:-1], other], capture_output=True).returncode, 0)

    def test_the_list_of_contents(self):
        path, = self.folder.glob("*.cdx.json")
        told = json.loads(path.read_text())
        self.assertEqual((told["bomFormat"], told["specVersion"], told["version"]), ("CycloneDX", "1.5", 1))
        self.assertRegex(told["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertRegex(told["metadata"]["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        components = told["components"]
        self.assertTrue(all(entry["type"] and entry["name"] for entry in components))
        references = [entry["bom-ref"] for entry in components]
        self.assertEqual(len(references), len(set(references)))
        self.assertTrue([name for name in references if re.match(r"pkg:deb/debian/libc6@[^?]+\?arch=", name)])
        self.assertIn("onnxruntime-node", {entry["name"] for entry in components})
        models = {entry["name"] for entry in components if entry["type"] == "machine-learning-model"}
        self.assertLessEqual({"gpen-lite-256", "gpen-lite-512", "identity-512"}, models)

    def test_the_archive_restores_a_photo(self):
        root = bare_root("released")
        packed, = self.folder.glob("*.tar.xz")
        shutil.copy(packed, root / "opt")
        shutil.copy(PHOTO, root / "photos/photo.png")
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        told = run_in(root, "/bin/sh", "-c", f"cd /opt && tar xJf {packed.name} && cd /photos && "
                      f"/opt/{packed.name.removesuffix('.tar.xz')}/gpen restore photo.png", env=environment,
                      network=False)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertTrue((pathlib.Path(root) / "photos/photo.restored.png").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
