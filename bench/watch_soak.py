#!/usr/bin/env python3
"""Drops photos into a watched folder for some minutes while the service is killed again and again, then checks
that each was done exactly once, that nothing half-written stays, and that memory and open files do not grow.

    bench/watch_soak.py --minutes 10 --photos 300
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/watch"))
from watched_service import WatchedService, check_whole, picture, visible  # noqa: E402

KINDS = ("jpg", "png", "webp", "tif")


def drop(folder, name, data, chance):
    """Whole by a rename, in two halves with a rest between, or under another name first."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    way = chance.randrange(3)
    if way == 0:
        (path.parent / ".incoming").write_bytes(data)
        (path.parent / ".incoming").rename(path)
    elif way == 1:
        path.write_bytes(data[:len(data) // 2])
        time.sleep(chance.random())
        path.write_bytes(data)
    else:
        other = path.with_name("camera " + path.name)
        other.write_bytes(data)
        time.sleep(chance.random())
        other.rename(path)


def descriptors(service):
    return len(os.listdir(f"/proc/{service.process.pid}/fd"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--kill-seconds", type=float, default=45, help="between two kills, on average")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="gpen-soak-") as base:
        photos = pathlib.Path(base) / "photos"
        photos.mkdir()
        service = WatchedService([{"name": "soak", "path": photos, "cut_short_seconds": 30}])
        service.start()
        try:
            return run(service, photos, options, chance)
        finally:
            service.__exit__()


def run(service, photos, options, chance):
    begin = time.monotonic()
    seconds = options.minutes * 60
    next_kill = chance.expovariate(1 / options.kill_seconds)
    kills, expected, samples = 0, {}, []
    for i in range(options.photos):
        name, face = f"{i % 7}/photo {i}.{KINDS[i % 4]}", i % 3 != 0
        data = picture(KINDS[i % 4], i, face)
        drop(photos, name, data, chance)
        expected[name] = (data, face)
        while time.monotonic() - begin < seconds * (i + 1) / options.photos:
            time.sleep(0.1)
            if time.monotonic() - begin < next_kill or i > options.photos * 0.7:
                continue
            service.kill()
            service.start()
            kills += 1
            next_kill = time.monotonic() - begin + chance.expovariate(1 / options.kill_seconds)
        if i > options.photos * 0.7:  # The last life is left alone, to see it grow.
            samples.append((service.resident_bytes() >> 20, descriptors(service)))
    service.wait_until("soak", "the rest", seconds=600, waiting=0)
    problems = check(service, photos, expected)
    early, late = samples[len(samples) // 3], samples[-1]
    if late[0] > early[0] * 1.2 + 20:
        problems.append(f"memory grew from {early[0]} to {late[0]} MB")
    if late[1] > early[1] + 8:
        problems.append(f"open files grew from {early[1]} to {late[1]}")
    print(f"{len(expected)} photos, {kills} kills, {time.monotonic() - begin:.0f} s; "
          f"memory {early[0]} then {late[0]} MB; open files {early[1]} then {late[1]}")
    for problem in problems:
        print("PROBLEM:", problem)
    return 1 if problems else 0


def check(service, photos, expected):
    problems = []
    for name, (data, face) in expected.items():
        folder, file = name.split("/")
        path = photos / folder / "enhanced" / file
        if not path.is_file():
            problems.append(f"{name} has no result")
            continue
        content = path.read_bytes()
        check_whole(content)
        if (content != data) != face:
            problems.append(f"{name}: expected {'another' if face else 'the same'} content")
        if (photos / name).read_bytes() != data:
            problems.append(f"{name} was changed")
    wanted = sorted([*expected, *(f"{name.split('/')[0]}/enhanced/{name.split('/')[1]}" for name in expected)])
    problems += [f"{name} is there and should not be" for name in visible(photos) if name not in set(wanted)]
    problems += [f"{path} stays" for path in photos.rglob(".gpen-*")]
    runs = {}
    for job in service.jobs():
        if job["state"] == "failed":
            problems.append(f"{job['name']} failed: {job['error']}")
        if job["state"] == "done":
            key = job["name"].replace("camera ", "")
            runs[key] = runs.get(key, 0) + 1
    problems += [f"{name} was done {count} times" for name, count in runs.items() if count != 1]
    if len(runs) != len(expected):
        problems.append(f"{len(runs)} photos have a job that is done, of {len(expected)}")
    state = service.folder("soak")
    if (state["done"], state["failed"]) != (len(expected), 0):
        problems.append(f"the folder says {state}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
