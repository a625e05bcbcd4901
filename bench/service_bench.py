#!/usr/bin/env python3
"""Measures `gpen serve` and prints a table (Markdown). Long: see --help for the sizes.

Needs wrk and Python's requests. Run it on an otherwise idle machine.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/http"))
import requests  # noqa: E402
from service_under_test import GPEN, Service, photo, wait_for  # noqa: E402

MEGABYTE = 1 << 20


def wrk(url, seconds):
    output = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}s", url], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)
    return f"{float(rate):,.0f} requests/s"


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(service):
    def idle():
        counts = requests.get(service.url + "/api/v1/queue").json()["counts"]
        return counts["queued"] + counts["running"] == 0
    wait_for(idle, "the end of the queue", 7200)


def submit(service, photos):
    for at in range(0, len(photos), 50):
        files = [("image", (name, data)) for name, data in photos[at:at + 50]]
        requests.post(service.url + "/api/v1/jobs", files=files).raise_for_status()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=pathlib.Path, help="folder of photos for the throughput row")
    parser.add_argument("--count", type=int, default=200, help="photos of it to use")
    parser.add_argument("--jobs", type=int, default=1000, help="jobs of the memory row")
    parser.add_argument("--seconds", type=int, default=5, help="of each wrk run, and a sixth of the idle time")
    options = parser.parse_args()
    rows = []
    with Service() as service:
        rows.append(("wrk on /healthz", wrk(service.url + "/healthz", options.seconds)))
        rows.append(("wrk on a static page", wrk(service.url + "/", options.seconds)))
        submit(service, [(f"{i}.png", photo(seed=i)) for i in range(50)])
        wait_until_idle(service)
        after_50 = service.resident_bytes()
        submit(service, [(f"{i}.png", photo(seed=i % 250, side=96 + i // 250)) for i in range(50, options.jobs)])
        wait_until_idle(service)
        after_all = service.resident_bytes()
        rows.append((f"memory after {options.jobs} jobs against 50",
                     f"{after_all / MEGABYTE:.0f} MB, {after_50 / MEGABYTE:.0f} MB: {after_all / after_50 - 1:+.1%}"))
        start, before = time.monotonic(), cpu_seconds(service.process)
        time.sleep(6 * options.seconds)
        rows.append(("idle CPU", f"{(cpu_seconds(service.process) - before) / (time.monotonic() - start):.2%}"))
    if options.photos:
        photos = sorted(p for p in options.photos.iterdir() if p.suffix == ".jpg")[:options.count]
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            subprocess.run([GPEN, "restore", "-d", folder, *photos], check=True, capture_output=True)
            alone = time.monotonic() - start
        with Service() as service:
            start = time.monotonic()
            submit(service, [(p.name, p.read_bytes()) for p in photos])
            wait_until_idle(service)
            served = time.monotonic() - start
        rows.append((f"batch of {len(photos)} photos against gpen restore",
                     f"{served:.1f} s, {alone:.1f} s: {served / alone - 1:+.1%}"))
    print("| measured | result |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
