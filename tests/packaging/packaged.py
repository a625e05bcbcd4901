"""What the tests of the packages share: the closure made of the build, made once, and roots to try things in."""
import atexit
import functools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GPEN_BUILD", ROOT / "build/release"))
PHOTO = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data/astronaut.png")
RELEASE = ROOT / "packaging/release"
ROOTS = pathlib.Path(os.environ.get("GPEN_ROOTS", "/var/tmp/gpen-roots"))  # Where in_debian.sh makes them.
sys.path[:0] = [str(RELEASE), str(ROOT / "tests/http")]

ARCHITECTURE = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()


def needs(*tools):
    """Skips a test with a clear word where a tool, or root, is missing."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        return unittest.skip(f"not installed: {', '.join(missing)}")
    if os.geteuid() != 0:
        return unittest.skip("needs root: it makes roots and enters them")
    refusal = refusal_to_enter() if "unshare" in tools else ""
    return unittest.skipIf(refusal, f"roots cannot be entered here: {refusal}")


@functools.cache
def refusal_to_enter():
    """Why this system does not let its root enter another; empty where it does."""
    told = subprocess.run(enter("/", "/bin/true"), capture_output=True, text=True)
    return "" if told.returncode == 0 else told.stderr.strip() or f"exit code {told.returncode}"


@functools.cache
def temporary():
    """A folder that goes with the process."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gpen-packaging-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def installed():
    """What `cmake --install` makes of the build; GPEN_INSTALLED names one that is there already."""
    if "GPEN_INSTALLED" in os.environ:
        return pathlib.Path(os.environ["GPEN_INSTALLED"])
    tree = temporary() / "installed"
    subprocess.run(["cmake", "--install", BUILD, "--strip", "--prefix", tree], check=True, stdout=subprocess.DEVNULL)
    return tree


@functools.cache
def closure():
    tree = temporary() / "closure"
    subprocess.run([sys.executable, RELEASE / "closure.py", installed(), tree, "--arch", ARCHITECTURE], check=True)
    return tree


def enter(root, *command, network=True, user=0):
    """Runs a command inside a root with /proc and /dev of its own; without `network` it has not even loopback."""
    spaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
    as_user = f"--userspec={user}:{user}" if user else ""  # With it chroot asks the system's services for names.
    prepare = ('mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && root=$0 && '
               f'exec chroot {as_user} "$root" "$@"')
    return [*spaces, "sh", "-c", prepare, str(root), *command]


def run_in(root, *command, network=True, **options):
    options = {"capture_output": True, "text": True, "timeout": 300, **options}
    return subprocess.run(enter(root, *command, network=network), **options)


def bare_root(name):
    """A root with busybox and nothing else."""
    root = temporary() / name
    for folder in ("bin", "proc", "dev", "tmp", "photos", "opt"):
        (root / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox" if os.path.exists("/bin/busybox") else shutil.which("busybox"), root / "bin/busybox")
    subprocess.run(["chroot", root, "/bin/busybox", "--install", "-s", "/bin"], check=True)
    return root


def descendants(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in children for found in [int(child), *descendants(int(child))]]


def programs(process):
    """The ids of gpen's processes below one that we started."""
    return [pid for pid in descendants(process.pid) if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "gpen"]


def end(process):
    """Ends what enter() started. Its programs first: one that became another user outlives its parent's end."""
    for pid in reversed(descendants(process.pid)):
        os.kill(pid, signal.SIGKILL)
    process.kill()
    process.wait()
    process.stdout.close()
