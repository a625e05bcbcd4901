"""A real `gpen serve` with watched folders, and small photos with and without a face."""

import io
import json
import pathlib
import random
import sys
import tempfile

import requests
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "http"))
from service_under_test import Service, wait_for  # noqa: E402

ASTRONAUT = "/usr/lib/python3/dist-packages/skimage/data/astronaut.png"
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF"}


def picture(kind, seed, face):
    """Bytes of a small photo that is different for each seed."""
    if face:
        image = Image.open(ASTRONAUT).convert("RGB").crop((130, 0, 330, 200)).resize((144, 144))
    else:
        image = Image.linear_gradient("L").resize((120, 90)).convert("RGB")
    shade = random.Random(seed)
    for x in range(image.width):  # One line that nobody sees makes the content its own.
        image.putpixel((x, image.height - 1), tuple(shade.randrange(256) for _ in range(3)))
    data = io.BytesIO()
    image.save(data, FORMATS[kind], **({"quality": 90} if kind in ("jpg", "webp") else {}))
    return data.getvalue()


def check_whole(data):
    """Decodes every pixel: half a photo raises."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


class WatchedService(Service):
    """`folders`: the [[watch]] tables, as dictionaries."""

    def __init__(self, folders, **environment):
        self.home = tempfile.TemporaryDirectory(prefix="gpen-watch-")
        home = pathlib.Path(self.home.name)
        quick = {"settle_seconds": 0.1, "stable_seconds": 0.5, "poll_seconds": 0.5, "cut_short_seconds": 1}
        self.folders = [{**quick, **folder} for folder in folders]
        self.config = home / "gpen.toml"
        self.write_config()
        super().__init__(home, GPEN_CONFIG=str(self.config), **environment)

    def write_config(self):
        text = ""
        for folder in self.folders:
            text += "[[watch]]\n"
            for key, value in folder.items():
                plain = value if isinstance(value, (bool, int, float)) else str(value)
                text += f"{key} = {json.dumps(plain, ensure_ascii=False)}\n"
        self.config.write_text(text)

    def folder(self, name):
        folders = requests.get(self.url + "/api/v1/watch", timeout=30).json()["folders"]
        return next(folder for folder in folders if folder["name"] == name)

    def wait_until(self, name, what, seconds=120, **values):
        """Waits until the folder shows these values, and returns it."""
        last = {}

        def look():
            last.update(self.folder(name))
            return last if all(last[key] == value for key, value in values.items()) else None
        try:
            return wait_for(look, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {last}") from error

    def jobs(self):
        found, before = [], 0
        while True:
            page = requests.get(f"{self.url}/api/v1/jobs?limit=500" + (f"&before={before}" if before else ""),
                                timeout=30).json()
            found += page["jobs"]
            if not page["next_before"]:
                return found
            before = page["next_before"]

    def start(self):
        try:
            return super().start()
        except RuntimeError:
            self.home.cleanup()
            raise

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self.home.cleanup()


def visible(folder):
    """Relative paths of all files beneath `folder` that are not hidden."""
    folder = pathlib.Path(folder)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if path.is_file() and not path.name.startswith("."))
