"""The Debian package: checked by lintian, installed in a minimal root of its release, used, upgraded and purged."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from packaged import PHOTO, RELEASE, ROOTS, end, enter, installed, needs, run_in, temporary
from deb import package_version

IN_ROOT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8",
           "HOME": "/root"}


def codename():
    """Of this machine; with GPEN_PACKAGE, a package made on another release of Debian, GPEN_RELEASE names that."""
    text = pathlib.Path("/etc/os-release").read_text()
    return os.environ.get("GPEN_RELEASE") or re.search(r"VERSION_CODENAME=(\w+)", text).group(1)


def make_package(folder):
    made = subprocess.run([sys.executable, RELEASE / "deb.py", installed(), folder, "--level", "1"], check=True,
                          capture_output=True, text=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
    return pathlib.Path(made.stdout.strip().splitlines()[-1])


@functools.cache
def package():
    if "GPEN_PACKAGE" in os.environ:
        return pathlib.Path(os.environ["GPEN_PACKAGE"])
    return make_package(temporary() / "deb")


def fields():
    told = subprocess.run(["dpkg-deb", "--field", package()], check=True, capture_output=True, text=True).stdout
    return dict(re.findall(r"^(\S+): (.*)$", told, re.MULTILINE))


@needs("dh", "dpkg-buildpackage")
class Package(unittest.TestCase):
    def test_what_it_says(self):
        self.assertEqual(fields()["Package"], "gpen-nas")
        if "GPEN_PACKAGE" not in os.environ:
            self.assertEqual(fields()["Version"], package_version())
        self.assertRegex(fields()["Depends"], r"libc6 .*libvips42")

    def test_what_is_in_it(self):
        told = subprocess.run(["dpkg-deb", "--contents", package()], check=True, capture_output=True, text=True).stdout
        files = {line.split()[5].removeprefix("./") for line in told.splitlines()}
        for name in ("usr/bin/gpen", "usr/lib/gpen-nas/libonnxruntime.so.1", "usr/share/gpen/models/gpen-lite-512.onnx",
                     "usr/share/man/man1/gpen.1.gz", "usr/share/man/man5/gpen.toml.5.gz", "etc/gpen-nas/gpen.toml",
                     "usr/share/bash-completion/completions/gpen", "usr/share/doc/gpen-nas/copyright",
                     "usr/lib/sysusers.d/gpen-nas.conf"):
            self.assertIn(name, files)
        self.assertTrue([name for name in files if name.endswith("systemd/system/gpen-nas.service")])

    @needs("lintian")
    def test_lintian_is_content(self):
        told = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root", package()],
                              capture_output=True, text=True)
        self.assertEqual((told.returncode, told.stdout), (0, ""), told.stderr)

    @unittest.skipIf("GPEN_PACKAGE" in os.environ, "a package that is there already")
    def test_a_second_build_gives_the_same_bits(self):
        self.assertEqual(package().read_bytes(), make_package(temporary() / "second").read_bytes())

    @needs("systemd-analyze")
    def test_the_service_is_locked_in(self):
        told = subprocess.run(["systemd-analyze", "security", "--offline=true",
                               RELEASE.parent / "debian/gpen-nas.service"], capture_output=True, text=True)
        score = float(re.search(r"exposure level for gpen-nas.service: (\S+)", told.stdout + told.stderr).group(1))
        self.assertLessEqual(score, 1.6)


@needs("mmdebstrap", "unshare", "dh", "curl")
class InAMinimalRoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        minimal = ROOTS / f"minimal-{codename()}"
        if not minimal.exists():
            subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates", codename(),
                            minimal], check=True)
        cls.root = temporary() / "root"
        subprocess.run(["cp", "-a", minimal, cls.root], check=True)
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")

    def inside(self, *command):
        told = run_in(self.root, *command, env=IN_ROOT, timeout=900)
        self.assertEqual(told.returncode, 0, told.stdout[-3000:] + told.stderr[-3000:])
        return told

    def test_its_life(self):
        """One test, as each step needs the one before."""
        shutil.copy(package(), self.root / "tmp/gpen-nas.deb")
        self.inside("apt-get", "update", "-qq")
        self.inside("apt-get", "install", "-qq", "--no-install-recommends", "/tmp/gpen-nas.deb")
        self.settings_are_for_the_service_alone()
        self.a_photo_is_restored()
        self.the_service_restores_a_photo()
        self.an_upgrade_keeps_what_is_there()
        self.purging_keeps_photos()

    def settings_are_for_the_service_alone(self):
        told = self.inside("stat", "-c", "%U:%G %a", "/etc/gpen-nas").stdout.strip()
        self.assertEqual(told, "root:gpen 750")
        self.assertIn("gpen.toml", self.inside("dpkg-query", "-W", "-f", "${Conffiles}", "gpen-nas").stdout)

    def a_photo_is_restored(self):
        shutil.copy(PHOTO, self.root / "tmp/photo.png")
        told = self.inside("gpen", "restore", "--json", "/tmp/photo.png")
        self.assertEqual(json.loads(told.stdout)["faces_restored"], 1)
        self.assertTrue((self.root / "tmp/photo.restored.png").exists())

    def the_service_restores_a_photo(self):
        """As systemd starts it: the unit's command as its user, with its folder."""
        # Debian 12 has it below /lib, which is /usr/lib.
        unit = (self.root / "usr/lib/systemd/system/gpen-nas.service").read_text()
        command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE).group(1).split()
        self.inside("install", "-d", "-o", "gpen", "-g", "gpen", "-m", "750", "/var/lib/gpen-nas")
        service = subprocess.Popen(
            enter(self.root, "setpriv", "--reuid=gpen", "--regid=gpen", "--init-groups", "--no-new-privs",
                  "--inh-caps=-all", *command, "--host", "127.0.0.1", "--port", "0"),
            env={**IN_ROOT, "GPEN_HEAT_ENABLED": "false", "HOME": "/var/lib/gpen-nas"}, stdout=subprocess.PIPE,
            text=True)
        try:
            port = re.search(r":(\d+)/", service.stdout.readline()).group(1)
            self.inside("gpen", "health", "--config", "/etc/gpen-nas/gpen.toml", "--port", port, "--ready")
            told = subprocess.run(["curl", "-sSf", "-F", f"image=@{PHOTO}", f"http://127.0.0.1:{port}/enhance"],
                                  check=True, capture_output=True, text=True, timeout=300)
            self.assertEqual(json.loads(told.stdout)["status"], "success")
        finally:
            end(service)
        self.assertEqual(1, len(list((self.root / "var/lib/gpen-nas/outputs").iterdir())))

    def an_upgrade_keeps_what_is_there(self):
        with open(self.root / "etc/gpen-nas/gpen.toml", "a") as settings:
            settings.write("# changed by hand\n")
        self.inside("dpkg", "--install", "/tmp/gpen-nas.deb")
        self.assertIn("changed by hand", (self.root / "etc/gpen-nas/gpen.toml").read_text())
        self.assertEqual(1, len(list((self.root / "var/lib/gpen-nas/outputs").iterdir())))

    def purging_keeps_photos(self):
        told = self.inside("apt-get", "purge", "-qq", "gpen-nas")
        self.assertIn("holds photos and results", told.stderr + told.stdout)
        self.assertEqual(1, len(list((self.root / "var/lib/gpen-nas/outputs").iterdir())))
        for gone in "usr/bin/gpen", "etc/gpen-nas", "usr/lib/gpen-nas", "usr/share/gpen":
            self.assertFalse((self.root / gone).exists(), gone)
        shutil.rmtree(self.root / "var/lib/gpen-nas/outputs")
        shutil.rmtree(self.root / "var/lib/gpen-nas/uploads")
        self.inside("dpkg", "--install", "/tmp/gpen-nas.deb")
        self.inside("dpkg", "--purge", "gpen-nas")
        self.assertFalse((self.root / "var/lib/gpen-nas").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
