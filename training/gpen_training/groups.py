"""Kinds of faces (age, skin, glasses, hair...), as a table of one's own tells them, and how well each is restored."""

import csv
import pathlib

from .faces import FacesError

FEWEST = 5  # Faces of a kind: of fewer a mean says nothing.


def read_groups(path, names):
    """{what is told apart: [the kind of each of `names`, None where the table does not have it]}. The table is of
    tab-separated columns: `face`, a picture's name without its suffix, and any number of others."""
    with open(pathlib.Path(path), newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        if not reader.fieldnames or reader.fieldnames[0] != "face" or len(reader.fieldnames) < 2:
            raise FacesError(f"expected tab-separated columns in {path}, 'face' and others, found "
                             f"{', '.join(reader.fieldnames or ['nothing'])}")
        rows = {row["face"]: row for row in reader}
    known = [rows.get(name) for name in names]
    if not any(known):
        raise FacesError(f"expected kinds of the faces that are judged in {path}, found none for any of them "
                         f"({', '.join(names[:3])} ...)")
    return {column: [row and row[column] for row in known] for column in reader.fieldnames[1:]}


def kinds_of(groups):
    """(what, kind, the indices of its faces), of kinds with enough faces."""
    for what, kinds in groups.items():
        for kind in sorted({kind for kind in kinds if kind}):
            chosen = [index for index, other in enumerate(kinds) if other == kind]
            if len(chosen) >= FEWEST:
                yield what, kind, chosen


def format_groups(groups, measured):
    """A table of the means of PSNR and identity for each kind; `measured` has {"psnr": [...], "identity": [...]} of
    each model."""
    keys = [key for key in ("psnr", "identity") if all(key in each for each in measured.values())]
    title = {"psnr": "PSNR dB", "identity": "identity"}
    form = {"psnr": ".2f", "identity": ".3f"}
    lines = ["| | | faces | " + " | ".join(f"{name}: {' / '.join(title[key] for key in keys)}" for name in measured) +
             " |", "|---|---|---:|" + "---:|" * len(measured)]
    for what, kind, chosen in kinds_of(groups):
        cells = [" / ".join(format(sum(float(each[key][index]) for index in chosen) / len(chosen), form[key])
                            for key in keys) for each in measured.values()]
        lines.append(f"| {what} | {kind} | {len(chosen)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
