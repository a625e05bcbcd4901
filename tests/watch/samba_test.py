"""50 photos through a real smbd, while the service is killed and restarted at random moments.

Each ends enhanced exactly once, photos without a face as configured, and nothing half-written is ever
read or seen. GPEN_WATCH_KILLS sets the number of kills: 5 by default, 40 for the long run.
"""

import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from watched_service import WatchedService, check_whole, picture, visible, wait_for

KILLS = int(os.environ.get("GPEN_WATCH_KILLS", "5"))
PHOTOS = 50
KINDS = ("jpg", "png", "webp", "tif")


class Samba:
    """smbd on loopback with everything it writes in a folder of its own."""

    def __init__(self, home, share):
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        for name in ("private", "lock", "state", "cache", "pid", "rpc"):
            (home / name).mkdir()
        sample = (pathlib.Path(__file__).resolve().parents[2] / "packaging/samba/smb.conf").read_text()
        share_part = sample[sample.index("\n[photos]"):].replace("/srv/photos", str(share))
        self.config = home / "smb.conf"
        self.config.write_text(f"""[global]
            interfaces = 127.0.0.1
            bind interfaces only = yes
            smb ports = {self.port}
            disable netbios = yes
            server role = standalone server
            map to guest = bad user
            guest account = {"root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")}
            load printers = no
            log file = {home}/log
            private dir = {home}/private
            lock directory = {home}/lock
            state directory = {home}/state
            cache directory = {home}/cache
            pid directory = {home}/pid
            ncalrpc dir = {home}/rpc
{share_part}
            guest ok = yes
            guest only = yes
""")
        # It ends its whole session, which is not to be ours.
        self.process = subprocess.Popen(
            ["/usr/sbin/smbd", "--foreground", "--no-process-group", f"--configfile={self.config}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for(lambda: self.process.poll() is not None or self.run("ls"), "smbd", 30)

    def run(self, *commands):
        return subprocess.run(
            ["smbclient", "//127.0.0.1/photos", "-p", str(self.port), "-N", "-s", str(self.config),
             "-c", "; ".join(commands)], capture_output=True, text=True).returncode == 0

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Observer(threading.Thread):
    """Looks at the results all the time, as a photo program would: every file that can be seen is whole,
    and is never written again."""

    def __init__(self, beside, root):
        super().__init__(daemon=True)
        self.beside = beside
        self.root = root
        self.seen = {}
        self.problems = []
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.wait(0.02):
            for path in [*self.beside.rglob("enhanced/*"), *self.root.rglob("*")]:
                if not path.name.startswith(".") and path.is_file():
                    self.look(path)

    def look(self, path):
        status = path.stat()
        identity = (status.st_ino, status.st_size, status.st_mtime_ns)
        if self.seen.setdefault(path, identity) != identity:
            self.problems.append(f"{path} was written again")
            self.seen[path] = identity
        elif status.st_size == 0:
            self.problems.append(f"{path} is empty")
        else:
            try:
                check_whole(path.read_bytes())
            except (OSError, SyntaxError, ValueError) as error:
                self.problems.append(f"{path}: {error}")


@unittest.skipUnless(shutil.which("smbd") or os.path.exists("/usr/sbin/smbd"), "needs Debian's samba")
@unittest.skipUnless(os.geteuid() == 0, "smbd needs root")
class SambaAndKills(unittest.TestCase):
    def test_each_photo_once(self):
        with tempfile.TemporaryDirectory(prefix="gpen-samba-") as name:
            home = pathlib.Path(name)
            share, selected = home / "share", home / "selected"
            (share / "all").mkdir(parents=True)
            (share / "faces only").mkdir()
            (home / "local").mkdir()
            os.chmod(home, 0o755)
            samba = Samba(home, share)
            self.addCleanup(samba.stop)
            self.assertIsNone(samba.process.poll(), "smbd ended")
            service = WatchedService([
                {"name": "all", "path": share / "all"},
                {"name": "faces", "path": share / "faces only", "output": selected, "without_faces": "skip"},
            ])
            observer = Observer(share / "all", selected)
            photos = self.make_photos(home / "local")
            writer = threading.Thread(target=self.write, args=(samba, home / "local", photos), daemon=True)
            moment = random.Random(5)
            try:
                service.start()
                observer.start()
                writer.start()
                for _ in range(KILLS):
                    time.sleep(0.2 + moment.random() * 2.5)
                    service.kill()
                    time.sleep(moment.random() * 0.5)
                    service.start()
                writer.join(120)
                self.assertFalse(writer.is_alive())
                for folder in ("all", "faces"):
                    service.wait_until(folder, f"all of {folder}", 400, done=PHOTOS // 2, waiting=0, failed=0)
                observer.stopping.set()
                observer.join()
                self.check(service, share, selected, photos)
                self.assertEqual(observer.problems, [])
                self.assertGreater(len(observer.seen), 0)
            finally:
                observer.stopping.set()
                service.__exit__()

    def make_photos(self, local):
        """{path in the share: (bytes, has a face)}"""
        photos = {}
        for i in range(PHOTOS):
            kind, face = KINDS[i % 4], i % 3 != 0
            folder = "all" if i % 2 == 0 else "faces only"
            name = f"photo {i}.{kind}"
            photos[f"{folder}/{i % 5}/{name}"] = (picture(kind, i, face), face)
            (local / name).write_bytes(photos[f"{folder}/{i % 5}/{name}"][0])
        return photos

    def write(self, samba, local, photos):
        pause = random.Random(6)
        for path in photos:
            folder, name = path.rsplit("/", 1)
            target = path.replace("/", "\\")
            # Making a folder that is there fails, which is right.
            samba.run(f'mkdir "{folder.replace("/", chr(92))}"')
            wait_for(lambda: samba.run(f'lcd "{local}"', f'put "{name}" "{target}"'), path)
            time.sleep(pause.random() * 0.1)

    def check(self, service, share, selected, photos):
        expected_all, expected_selected = [], []
        for path, (data, face) in photos.items():
            folder, rest = path.split("/", 1)
            inner, name = rest.split("/")
            if folder == "all":
                result = share / "all" / inner / "enhanced" / name
                expected_all += [f"{inner}/{name}", f"{inner}/enhanced/{name}"]
            else:
                result = selected / inner / name
                if not face:
                    self.assertFalse(result.exists(), path)
                    continue
                expected_selected.append(f"{inner}/{name}")
            content = result.read_bytes()
            self.assertEqual(content != data, face, f"{path}: enhanced where it has a face, else copied")
            self.assertEqual(check_whole(content).size, check_whole(data).size)
            self.assertEqual((share / path).read_bytes(), data, "the original is untouched")
            self.assertEqual(result.stat().st_mode & 0o777, (share / path).stat().st_mode & 0o777)
        self.assertEqual(visible(share / "all"), sorted(expected_all))
        self.assertEqual(visible(selected), sorted(expected_selected))
        hidden = [path for root in (share, selected) for path in root.rglob(".*")]
        self.assertEqual(hidden, [], "no half-written file stays")
        done = {}
        for job in service.jobs():
            self.assertEqual(job["state"], "done", job)
            done[job["name"]] = done.get(job["name"], 0) + 1
        self.assertEqual(len(done), PHOTOS)
        self.assertEqual({name: count for name, count in done.items() if count != 1}, {}, "each once")


if __name__ == "__main__":
    unittest.main(verbosity=2)
