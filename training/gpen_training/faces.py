"""The training faces: a folder of aligned square pictures, and the part of it that is held out."""

import pathlib

import cv2
import numpy as np

from .errors import TrainingError

HELD_OUT_EVERY = 25
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


class FacesError(TrainingError):
    """Bad pictures; the message says what to do."""


def list_pictures(folder):
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise FacesError(f"expected a folder of face pictures, found none at {folder}")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise FacesError(f"expected face pictures ({', '.join(sorted(SUFFIXES))}) in {folder}, "
                         "found none: make them with the command prepare")
    return paths


def read_picture(path):
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FacesError(f"cannot read {path} as a picture: remove or replace it")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def write_picture(path, picture):
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise FacesError(f"cannot write the picture {path}: check the folder and the suffix")


def read_face(path, size):
    picture = read_picture(path)
    if picture.shape[0] != picture.shape[1] or picture.shape[0] < size:
        raise FacesError(f"expected square faces of {size} pixels or more, found "
                         f"{picture.shape[1]}x{picture.shape[0]} in {path}: cut them with "
                         "the command prepare")
    if picture.shape[0] != size:
        picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    return picture


def load_faces(folder, size):
    """All faces as one uint8 array N x size x size x 3, in the order of their names."""
    paths = list_pictures(folder)
    faces = np.empty((len(paths), size, size, 3), np.uint8)
    for index, path in enumerate(paths):
        faces[index] = read_face(path, size)
    return faces


def split(count):
    """(for training, held out), as indices: every 25th face is never trained on."""
    indices = np.arange(count)
    held_out = indices % HELD_OUT_EVERY == 0
    return indices[~held_out], indices[held_out]
