"""Label maps of faces: what each pixel shows. A map is a gray picture whose values are labels in the order of
CelebAMask-HQ, under the name of its face; some faces may have none."""

import cv2
import numpy as np

from . import faces

FOLDER = "parsing"  # of packed faces
SKIN = (1, 2, 8, 9, 17)  # the face, the nose, the ears, the neck

# What the parsing network tells apart. To the face belong ears, neck, glasses and ear-rings.
CLASS_NAMES = ("background", "face", "hair", "hats and clothes")
BACKGROUND, FACE, HAIR, COVER = range(len(CLASS_NAMES))
CLASS_OF_LABEL = np.full(256, BACKGROUND, np.uint8)
CLASS_OF_LABEL[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 17]] = FACE
CLASS_OF_LABEL[13] = HAIR
CLASS_OF_LABEL[[14, 16, 18]] = COVER


def read_labels(path, size):
    """uint8 size x size."""
    labels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if labels is None or labels.shape[0] != labels.shape[1]:
        raise faces.FacesError(f"expected a square label map of a face in {path}, found something else: "
                               "replace or remove it")
    return cv2.resize(labels, (size, size), interpolation=cv2.INTER_NEAREST)


def is_skin(path, size):
    """bool size x size."""
    return np.isin(read_labels(path, size), SKIN)


def load_classes(folder, maps_folder, size):
    """The faces that have a label map: those to train on and those held out, each as (faces, classes), uint8
    N x size x size x 3 and N x size x size."""
    maps = {path.stem: path for path in faces.list_pictures(maps_folder)}
    paths = faces.list_pictures(folder)
    parts = []
    for indices in faces.split(len(paths)):
        chosen = [paths[index] for index in indices if paths[index].stem in maps]
        if not chosen:
            raise faces.FacesError(f"expected label maps under the names of the faces of {folder} in {maps_folder}, "
                                   f"found {'none' if not parts else 'none for the faces that are held out'}")
        parts.append((np.stack([faces.read_face(path, size) for path in chosen]),
                      np.stack([CLASS_OF_LABEL[read_labels(maps[path.stem], size)] for path in chosen])))
    return parts


class SkinMaps:
    """For each of the faces in `paths`, where it shows skin; kept as single bits."""

    def __init__(self, folder, paths, size):
        maps = {path.stem: path for path in faces.list_pictures(folder)}
        self.size = size
        self.rows = [np.packbits(is_skin(maps[path.stem], size)) if path.stem in maps else None
                     for path in paths]
        self.count = sum(row is not None for row in self.rows)
        if self.count == 0:
            raise faces.FacesError(f"expected label maps under the names of the faces in {folder}, found "
                                   f"none for {paths[0].stem} and the others")

    def __getitem__(self, index):
        """uint8 size x size, 1 where there is skin; all 0 without a map."""
        shape = (self.size, self.size)
        if self.rows[index] is None:
            return np.zeros(shape, np.uint8)
        return np.unpackbits(self.rows[index], count=self.size ** 2).reshape(shape)
