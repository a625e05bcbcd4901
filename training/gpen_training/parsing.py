"""Label maps of faces: which pixels show skin. A map is a gray picture whose values are labels in the
order of CelebAMask-HQ, under the name of its face; some faces may have none."""

import cv2
import numpy as np

from . import faces

FOLDER = "parsing"  # of packed faces
SKIN = (1, 2, 8, 9, 17)  # the face, the nose, the ears, the neck


def is_skin(path, size):
    """bool size x size."""
    labels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if labels is None or labels.shape[0] != labels.shape[1]:
        raise faces.FacesError(f"expected a square label map of a face in {path}, found something else: "
                               "replace or remove it")
    labels = cv2.resize(labels, (size, size), interpolation=cv2.INTER_NEAREST)
    return np.isin(labels, SKIN)


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
