#!/usr/bin/env python3
"""Two workers against one at a real redis-server: how much faster, what the queue adds to a photo, and what a waiting
task takes of Redis.

GPEN_BINARY names the program, GPEN_PHOTOS how many photos each run has. Each worker has one thread.
"""

import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/celery"))

from worker_under_test import Album, Broker, Worker, client_of  # noqa: E402
from service_under_test import group_photo, photo  # noqa: E402

PHOTOS = int(os.environ.get("GPEN_PHOTOS", "12"))


def run(workers, photos):
    """Seconds from the first photo's end to the last one's, by photo; and what the queue adds, in ms."""
    broker, album = Broker(), Album()
    started = [Worker(broker.url(), album.path, name=f"gpen@{i}", options=["--threads", "1"]) for i in range(workers)]
    try:
        for worker in started:
            worker.start()
        app = client_of(broker, results=0)
        for _ in range(workers):  # The networks are loaded by then.
            app.send_task("gpen.restore", args=[album.reference(photos[0])]).get(300)
        began = time.monotonic()
        tasks = [app.send_task("gpen.restore", args=[album.reference(data)]) for data in photos[1:]]
        results = [task.get(600) for task in tasks]
        seconds = time.monotonic() - began
        return seconds / len(tasks), statistics.median(result["seconds"] for result in results)
    finally:
        for each in (*started, album, broker):
            each.close()


def bytes_of_a_waiting_task(count=2000):
    broker = Broker()
    try:
        app, redis = client_of(broker, results=0), broker.client()
        before = redis.info("memory")["used_memory"]
        for i in range(count):
            app.send_task("gpen.restore", args=[f"album:2001/summer/photo {i}.jpg"], ignore_result=True)
        return (redis.info("memory")["used_memory"] - before) / count
    finally:
        broker.close()


def main():
    small = [photo(seed=seed) for seed in range(PHOTOS + 1)]
    # Five faces each, and each another file.
    faces = [group_photo() + bytes([seed]) for seed in range(PHOTOS + 1)]
    one, _ = run(1, faces)
    two, _ = run(2, faces)
    print(f"photos of five faces: two workers are {one / two:.2f} times as fast as one ({one:.1f} and {two:.1f} s)")
    each, inside = run(1, small)
    print(f"photos of {inside * 1000:.0f} ms: the way through queue and files adds {(each - inside) * 1000:.0f} ms")
    print(f"a waiting task takes {bytes_of_a_waiting_task():.0f} bytes of Redis")


if __name__ == "__main__":
    main()
