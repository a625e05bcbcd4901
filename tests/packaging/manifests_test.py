"""The manifests of each kind of NAS: they agree with packaging/product.toml, and keep to their formats' rules."""
import configparser
import json
import re
import shutil
import subprocess
import tarfile
import unittest
import xml.etree.ElementTree

from packaged import ARCHITECTURE, bare_root, closure, needs, run_in, temporary
from manifests import Manifests, write_manifests
from product import read_product, version
from spk import Package

try:
    import yaml
except ImportError:
    yaml = None

PRODUCT = read_product()
SERVICE = PRODUCT["service"]
COMPOSE = {"compose/compose.yaml": "compose", "casaos/docker-compose.yml": "casaos", "truenas/compose.yaml": "truenas"}


def made():
    folder = temporary() / "manifests"
    if not folder.exists():
        write_manifests(folder)
    return folder


@unittest.skipIf(yaml is None, "python3-yaml is not installed")
class Compose(unittest.TestCase):
    def check(self, text, platform):
        gpen = yaml.safe_load(text)["services"]["gpen"]
        where = PRODUCT["platforms"][platform]
        self.assertEqual(gpen["image"], f"gpen-nas:{version()}")
        self.assertEqual(gpen["user"], where["user"])
        self.assertTrue(gpen["ports"][0].endswith(f":{SERVICE['port']}"), gpen["ports"])
        self.assertEqual(gpen["volumes"][:2], [f"{where['data']}:{SERVICE['data']}",
                                               f"{where['photos']}:{SERVICE['photos']}"])
        self.assertTrue(gpen["read_only"])
        self.assertEqual((gpen["cap_drop"], gpen["security_opt"]), (["ALL"], ["no-new-privileges:true"]))

    def test_all_say_the_same(self):
        for name, platform in COMPOSE.items():
            with self.subTest(name):
                self.check((made() / name).read_text(), platform)
        with self.subTest("synology"):
            self.check(Manifests().compose_file("synology/compose.yaml", "synology"), "synology")

    def test_casaos_finds_its_service(self):
        file = yaml.safe_load((made() / "casaos/docker-compose.yml").read_text())
        about = file["x-casaos"]
        self.assertRegex(file["name"], r"^[a-z0-9-]+$")
        self.assertIn(about["main"], file["services"])
        self.assertEqual(about["port_map"], str(SERVICE["port"]))
        self.assertEqual(set(about["architectures"]), set(PRODUCT["architectures"]))
        inside = [volume["container"] for volume in file["services"]["gpen"]["x-casaos"]["volumes"]]
        self.assertEqual(inside, [SERVICE["data"], SERVICE["photos"]])

    @needs("docker-compose")
    def test_compose_takes_it_with_and_without_profiles(self):
        for words in [], ["--profile", "nginx", "--profile", "samba"]:
            told = subprocess.run(["docker-compose", *words, "config", "--services"], cwd=made() / "compose",
                                  capture_output=True, text=True)
            self.assertEqual(told.returncode, 0, told.stderr)
            self.assertEqual(set(told.stdout.split()), {"gpen", "nginx", "samba"})

    @needs("nginx")
    def test_nginx_takes_its_configuration(self):
        folder = temporary() / "nginx"
        folder.mkdir()
        server = (made() / "compose/nginx.conf").read_text().replace("server gpen:", "server 127.0.0.1:")
        self.assertIn(f"alias {SERVICE['data']}/outputs/;", server)
        paths = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                          ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(f"pid {folder}/pid; error_log stderr; events {{}}\n"
                                           f"http {{ access_log off; {paths}\n{server} }}")
        told = subprocess.run(["nginx", "-t", "-c", folder / "nginx.conf"], capture_output=True, text=True)
        self.assertEqual(told.returncode, 0, told.stderr)

    @needs("testparm")
    def test_samba_takes_its_configuration(self):
        told = subprocess.run(["testparm", "-s", made() / "compose/samba/smb.conf"], capture_output=True, text=True)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn(f"path = {SERVICE['photos']}", told.stdout)
        self.assertNotIn("Unknown parameter", told.stderr)


class Unraid(unittest.TestCase):
    def test_it_says_the_same(self):
        file = xml.etree.ElementTree.parse(made() / "unraid/gpen-nas.xml").getroot()
        self.assertEqual((file.tag, file.get("version")), ("Container", "2"))
        self.assertEqual(file.findtext("Repository"), f"gpen-nas:{version()}")
        self.assertEqual(file.findtext("WebUI"), f"http://[IP]:[PORT:{SERVICE['port']}]/")
        where = PRODUCT["platforms"]["unraid"]
        found = {entry.get("Target"): (entry.get("Type"), entry.text) for entry in file.findall("Config")}
        self.assertEqual(found, {str(SERVICE["port"]): ("Port", str(SERVICE["port"])),
                                 SERVICE["data"]: ("Path", where["data"]),
                                 SERVICE["photos"]: ("Path", where["photos"])})
        self.assertIn(f"--user={where['user']} ", file.findtext("ExtraParams"))


class Qnap(unittest.TestCase):
    def test_it_says_the_same(self):
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        parser.read_string("[qpkg]\n" + (made() / "qnap/qpkg.cfg").read_text())
        said = {key: value.strip('"') for key, value in parser["qpkg"].items()}
        self.assertEqual((said["QPKG_NAME"], said["QPKG_VER"]), ("gpen-nas", version()))
        self.assertEqual(said["QPKG_WEB_PORT"], str(SERVICE["port"]))
        self.assertTrue((made() / "qnap/shared" / said["QPKG_SERVICE_PROGRAM"]).exists())


class Scripts(unittest.TestCase):
    def test_they_parse(self):
        found = list(made().rglob("*.sh"))
        self.assertGreater(len(found), 1)
        for path in found:
            self.assertEqual(subprocess.run(["sh", "-n", path], capture_output=True, text=True).stderr, "", path)

    def test_a_word_without_a_value_is_an_error(self):
        with self.assertRaisesRegex(KeyError, "@NOBODY@"):
            Manifests().fill("a @NOBODY@ b")


def spk(kind, source):
    folder = temporary() / f"spk {kind}"
    folder.mkdir(exist_ok=True)
    tree = folder / "tree"
    if not tree.exists():
        packed = Package(ARCHITECTURE, 1_700_000_000).make(kind, folder, source, level=1)
        with tarfile.open(packed) as archive:
            archive.extractall(tree)
    return tree


def image_of_a_test():
    path = temporary() / "image.tar.gz"
    path.write_bytes(b"an image")
    return path


class Synology(unittest.TestCase):
    """The rules are those of Synology's developer's guide for DSM 7."""

    def info(self, tree):
        return dict(re.findall(r'^(\w+)="(.*)"$', (tree / "INFO").read_text(), re.MULTILINE))

    def check_frame(self, tree):
        said = self.info(tree)
        for field in "package", "version", "os_min_ver", "description", "arch", "maintainer":
            self.assertTrue(said.get(field), field)
        self.assertNotRegex(said["package"], r"[:/><|=]")
        self.assertRegex(said["version"], r"^[0-9]+([._-][0-9]+)*-[0-9]+$")
        self.assertTrue(said["version"].startswith(version() + "-"))
        build = [int(number) for number in re.split(r"[.-]", said["os_min_ver"])]
        self.assertGreaterEqual(build[-1], 40000)
        self.assertGreaterEqual(build[0], 7)
        self.assertEqual(said["adminport"], str(SERVICE["port"]))
        self.assertEqual(json.loads((tree / "conf/privilege").read_text()), {"defaults": {"run-as": "package"}})
        for name in ("preinst", "postinst", "preuninst", "postuninst", "preupgrade", "postupgrade",
                     "start-stop-status"):
            self.assertTrue((tree / "scripts" / name).stat().st_mode & 0o100, name)
        for name in "package.tgz", "PACKAGE_ICON.PNG", "PACKAGE_ICON_256.PNG":
            self.assertTrue((tree / name).exists(), name)
        share, = json.loads((tree / "conf/resource").read_text())["data-share"]["shares"]
        key, = re.findall(r"\{\{(\w+)\}\}", share["name"])
        wizard = json.loads((tree / "WIZARD_UIFILES/install_uifile").read_text())
        self.assertEqual(wizard[0]["items"][0]["subitems"][0]["key"], key)
        self.assertEqual(share["permission"], {"rw": [said["package"]]})
        return said

    def test_the_containers_package(self):
        tree = spk("container", image_of_a_test())
        said = self.check_frame(tree)
        self.assertEqual(said["install_dep_packages"], "ContainerManager>=1432")
        project = json.loads((tree / "conf/resource").read_text())["docker-project"]
        with tarfile.open(tree / "package.tgz") as payload:
            names = payload.getnames()
        self.assertIn(project["preload-image"], names)
        self.assertIn(f"{project['projects'][0]['path']}/compose.yaml", names)

    def test_the_containers_package_says_who_and_where(self):
        tree = spk("container", image_of_a_test())
        target = temporary() / "target"
        (target / "gpen").mkdir(parents=True)
        subprocess.run(["sh", tree / "scripts/postinst"], check=True, env={
            "PATH": "/usr/bin:/bin", "SYNOPKG_PKGDEST": str(target), "SYNOPKG_PKGVAR": "/var/packages/gpen-nas/var",
            "SYNOPKG_PKGNAME": "gpen-nas", "wizard_share": "family"})
        said = dict(line.split("=", 1) for line in (target / "gpen/.env").read_text().splitlines())
        wanted = set(re.findall(r"\$\{(\w+)\}", " ".join(PRODUCT["platforms"]["synology"].values())))
        self.assertEqual(set(said), wanted)
        self.assertEqual(said["PHOTOS"], "/var/packages/gpen-nas/shares/family")

    @needs("busybox", "unshare", "readelf")
    def test_the_native_package_starts_and_stops(self):
        tree = spk("native", closure())
        self.check_frame(tree)
        root = bare_root("dsm")
        target = root / "var/packages/gpen-nas/target"
        target.mkdir(parents=True)
        with tarfile.open(tree / "package.tgz") as payload:
            payload.extractall(target)
        shutil.copytree(tree / "scripts", root / "scripts")
        told = run_in(root, "/bin/sh", "-c", """
            ip link set lo up; export SYNOPKG_PKGVAR=/data
            /scripts/start-stop-status status; echo "before $?"
            /scripts/start-stop-status start; echo "started $?"
            /scripts/start-stop-status status; echo "running $?"
            /scripts/start-stop-status start; echo "again $?"
            /scripts/start-stop-status stop; echo "stopped $?"
            /scripts/start-stop-status status; echo "after $?" """,
                      network=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        self.assertEqual(told.stdout.split("\n")[:-1],
                         ["before 3", "started 0", "running 0", "again 0", "stopped 0", "after 3"], told.stderr)
        self.assertTrue((root / "data/outputs").is_dir())


if __name__ == "__main__":
    unittest.main(verbosity=2)
