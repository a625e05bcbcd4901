"""What is released: packaging/product.toml, the version, and the time that stands for it in every artefact."""
import pathlib
import re
import subprocess
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def read_product():
    return tomllib.loads((PACKAGING / "product.toml").read_text())


def unset_addresses(product):
    """What of product.toml a publisher has yet to state."""
    return [key for key in ("email", "homepage") if not product[key]]


def version():
    """As CMakeLists.txt states it."""
    found = re.search(r"^project\(gpen_nas VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)
    return found.group(1)


def git(*words):
    return subprocess.run(["git", "-C", ROOT, *words], check=True, capture_output=True, text=True).stdout.strip()


def release_time(environment):
    """Seconds since 1970: SOURCE_DATE_EPOCH, or else the last commit's. Every file of an artefact has it."""
    return int(environment.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct"))


def native_architecture():
    """This machine's, as Debian calls it."""
    told = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True)
    return told.stdout.strip()
