"""podman and crun without a machine that is set up for them: no systemd, no cgroups, perhaps in a container already."""
import pathlib
import re
import subprocess

from packaged import temporary

# crun wants `/` to be a mount point of its own, and cgroup2 alone.
PREPARE = """
mount --rbind / "$1" && (umount -l "$1/sys/fs/cgroup"; mount -t cgroup2 none "$1/sys/fs/cgroup") && cd "$1" || exit 125
shift
exec chroot . "$@"
"""


class Engine:
    def __init__(self, storage):
        self.place = pathlib.Path(storage)
        self.mount = temporary() / "mount"
        self.mount.mkdir(exist_ok=True)

    def command(self, *words):
        podman = ["podman", "--root", f"{self.place}/root", "--runroot", f"{self.place}/run", "--storage-driver", "vfs",
                  "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--runtime", "crun", *words]
        return ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "bash", "-c", PREPARE, "engine",
                str(self.mount), *podman]

    def run_command(self, image, *words, options=()):
        """As docs/install.md says that a container is run: nothing may be written but its volumes."""
        return self.command("run", "--rm", "--cgroups", "disabled", "--no-healthcheck", "--ulimit", "host",
                            "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", *options, image,
                            *words)

    def run(self, image, *words, options=()):
        return subprocess.run(self.run_command(image, *words, options=options), capture_output=True, text=True,
                              timeout=300)

    def refusal(self, image):
        """Why containers cannot be run here; empty where they can."""
        told = self.run(image, "--version", options=("--network", "none"))
        return "" if told.returncode == 0 else re.sub(r"\s+", " ", told.stderr)[-300:]
