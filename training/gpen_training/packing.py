"""A choice of faces in so many MiB, for a machine that is reached through a narrow door."""

import pathlib

import cv2
import numpy as np

from . import faces, parsing

QUALITY = 88  # of WebP
MIB = 1 << 20


def encode(picture):
    coded = cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR),
                         [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1]
    return coded.tobytes()


def in_turns(count, random):
    """All indices in random order, but so that what is held out stays so: every place that is held out
    in the new folder takes a face that was."""
    training, held_out = map(iter, (random.permutation(part) for part in faces.split(count)))
    for place in range(count):
        turn = held_out if place % faces.HELD_OUT_EVERY == 0 else training
        yield next(turn)


def pack(source, output, mib, size, label_maps=None, seed=11):
    """Writes WebP pictures of `size`, and the label maps of those that have one into a folder `parsing`
    beside them, until `mib` are full. Returns the number of faces."""
    output = pathlib.Path(output)
    if output.exists() and any(output.iterdir()):
        raise ValueError(f"expected a new or empty folder to pack into, found {output} with something in it")
    output.mkdir(parents=True, exist_ok=True)
    paths = faces.list_pictures(source)
    maps = {path.stem: path for path in faces.list_pictures(label_maps)} if label_maps else {}
    room, count = mib * MIB, 0
    for index in in_turns(len(paths), np.random.default_rng(seed)):
        coded = encode(faces.read_face(paths[index], size))
        label_map = maps.get(paths[index].stem)
        labels = label_map.read_bytes() if label_map else b""
        room -= len(coded) + len(labels)
        if room < 0:
            break
        name = f"{count:05}-{paths[index].stem}"
        (output / f"{name}.webp").write_bytes(coded)
        if labels:
            folder = output / parsing.FOLDER
            folder.mkdir(exist_ok=True)
            (folder / f"{name}{label_map.suffix}").write_bytes(labels)
        count += 1
    if count < 2:
        raise ValueError(f"expected room for two faces or more, found {mib:g} MiB: give more")
    return count
