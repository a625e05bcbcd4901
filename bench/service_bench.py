#!/usr/bin/env python3
"""Measures `gpen serve` and prints a table (Markdown).

Needs wrk, and Python's requests and PIL. Run it on an otherwise idle machine; the part "memory" may run beside
other work.
"""

import argparse
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/http"))
import requests  # noqa: E402
from PIL import Image  # noqa: E402
from nginx_test import Nginx, free_port, wait_until_it_answers  # noqa: E402
from service_under_test import GPEN, ROOT, Service, wait_for  # noqa: E402

MEGABYTE = 1 << 20
GROUP_PHOTOS = ROOT / "packaging/npm/node_modules/@vladmandic/face-api/demo"


def small_photos(count, width):
    """Copies of the group photos, each cut a little differently: no two are the same."""
    originals = [Image.open(path).convert("RGB") for path in sorted(GROUP_PHOTOS.glob("sample*.jpg"))]
    photos = []
    for i in range(count):
        original = originals[i % len(originals)]
        shift = i // len(originals)
        part = original.crop((shift, shift, original.width - shift, original.height - shift))
        data = io.BytesIO()
        part.resize((width, width * part.height // part.width)).save(data, "JPEG", quality=90)
        photos.append((f"{i:04}.jpg", data.getvalue()))
    return photos


def wrk(url, seconds):
    output = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", url],
                            capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    slowest = re.search(r"99%\s+(\S+)", output).group(1)
    return f"{rate:,.0f} requests/s, 99 % within {slowest}"


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def submit_and_wait(service, photos):
    for at in range(0, len(photos), 50):
        files = [("image", photo) for photo in photos[at:at + 50]]
        requests.post(service.url + "/api/v1/jobs", files=files).raise_for_status()

    def idle():
        counts = service.queue()["counts"]
        return counts["queued"] + counts["running"] == 0
    wait_for(idle, "the end of the queue", 7200, every=0.5)  # Asking costs the service time, too.
    counts = service.queue()["counts"]
    if counts["failed"]:
        raise RuntimeError(f"{counts['failed']} jobs failed")


def measure_requests(options):
    with Service() as service:
        yield "wrk on /healthz", wrk(service.url + "/healthz", options.seconds)
        yield "wrk on a static page", wrk(service.url + "/", options.seconds)


def measure_results(url, how, options):
    for width in (320, 1920):
        path = requests.post(url + "/enhance", files={"image": small_photos(1, width)[0]}).json()["output_path"]
        size = len(requests.get(url + path).content)
        yield f"wrk on a result of {size >> 10} KB {how}", wrk(url + path, options.seconds)


def measure_nginx(options):
    """A result by the service, and by nginx in front of it, which sends the file when the service has agreed."""
    with Service(GPEN_BEHIND_NGINX="true") as service:
        port = free_port()
        replaced = {"127.0.0.1:7860": f"127.0.0.1:{service.port}", "listen 80;": f"listen 127.0.0.1:{port};",
                    "/var/lib/gpen/": f"{service.data}/"}
        with Nginx((ROOT / "packaging/nginx/gpen.conf").read_text(), replaced):
            front = f"http://127.0.0.1:{port}"
            wait_until_it_answers(front)
            yield from measure_results(front, "through nginx", options)
    with Service() as service:
        yield from measure_results(service.url, "without nginx", options)


def measure_idle(options):
    with Service() as service:
        submit_and_wait(service, small_photos(3, 320))
        time.sleep(2)
        start, before = time.monotonic(), cpu_seconds(service.process)
        time.sleep(6 * options.seconds)
        yield "idle CPU", f"{(cpu_seconds(service.process) - before) / (time.monotonic() - start):.2%}"


def measure_throughput(options):
    photos = small_photos(options.photos, 1280)
    alone, served = [], []
    with tempfile.TemporaryDirectory() as folder:
        inputs = pathlib.Path(folder) / "in"
        inputs.mkdir()
        for name, data in photos:
            (inputs / name).write_bytes(data)
        for turn in range(options.turns):
            start = time.monotonic()
            subprocess.run([GPEN, "restore", "-d", f"{folder}/out{turn}", inputs], check=True, capture_output=True)
            alone.append(time.monotonic() - start)
            with Service() as service:
                start = time.monotonic()
                submit_and_wait(service, photos)
                served.append(time.monotonic() - start)
    yield (f"{len(photos)} photos by the service against gpen restore",
           f"{min(served):.1f} s, {min(alone):.1f} s: {min(served) / min(alone) - 1:+.1%}")


def measure_memory(options):
    photos = small_photos(options.jobs, 200)
    with Service() as service:
        submit_and_wait(service, photos[:50])
        after_50 = service.resident_bytes()
        submit_and_wait(service, photos[50:])
        after_all = service.resident_bytes()
        yield (f"memory after {options.jobs} jobs against 50",
               f"{after_all / MEGABYTE:.0f} MB, {after_50 / MEGABYTE:.0f} MB: {after_all / after_50 - 1:+.1%}")


PARTS = {"requests": measure_requests, "nginx": measure_nginx, "idle": measure_idle, "throughput": measure_throughput,
         "memory": measure_memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"of: {' '.join(PARTS)}; all")
    parser.add_argument("--photos", type=int, default=200, help="of the throughput row")
    parser.add_argument("--turns", type=int, default=1, help="of the throughput row; the quickest of each counts")
    parser.add_argument("--jobs", type=int, default=1000, help="of the memory row")
    parser.add_argument("--seconds", type=int, default=5, help="of each wrk run, and a sixth of the idle time")
    options = parser.parse_args()
    print("| measured | result |\n|---|---|", flush=True)
    for part in options.parts or PARTS:
        for name, value in PARTS[part](options):
            print(f"| {name} | {value} |", flush=True)


if __name__ == "__main__":
    main()
