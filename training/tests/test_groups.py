"""The kinds of faces that `evaluate --groups` tells apart."""

import pathlib
import tempfile
import unittest

from gpen_training.faces import FacesError
from gpen_training.groups import FEWEST, format_groups, read_groups


class Groups(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "groups.tsv"

    def test_kinds_are_read_by_name(self):
        self.file.write_text("face\tage\thair\nb\told\tlong\na\tchild\tshort\n")
        self.assertEqual(read_groups(self.file, ["a", "unknown", "b"]),
                         {"age": ["child", None, "old"], "hair": ["short", None, "long"]})

    def test_a_file_of_other_columns_or_faces_is_refused(self):
        for text in ("", "name\tage\na\told\n", "face\na\n"):
            self.file.write_text(text)
            with self.assertRaisesRegex(FacesError, "expected tab-separated columns in .*groups.tsv"):
                read_groups(self.file, ["a"])
        self.file.write_text("face\tage\nz\told\n")
        with self.assertRaisesRegex(FacesError, "found none for any of them"):
            read_groups(self.file, ["a"])

    def test_each_kind_has_its_own_means(self):
        kinds = ["old", None, "child"] * FEWEST + ["rare"]
        psnr = [20.0, 99.0, 30.0] * FEWEST + [99.0]
        measured = {"photo": {"psnr": psnr, "identity": [0.5] * len(psnr)},
                    "network": {"psnr": [value + 1 for value in psnr], "identity": [0.75] * len(psnr)}}
        lines = format_groups({"age": kinds}, measured).splitlines()
        self.assertIn("photo: PSNR dB / identity | network: PSNR dB / identity", lines[0])
        self.assertEqual(lines[2:], [f"| age | child | {FEWEST} | 30.00 / 0.500 | 31.00 / 0.750 |",
                                     f"| age | old | {FEWEST} | 20.00 / 0.500 | 21.00 / 0.750 |"])

    def test_without_an_identity_network_there_is_psnr_alone(self):
        table = format_groups({"age": ["old"] * FEWEST}, {"photo": {"psnr": [20.0] * FEWEST}})
        self.assertIn(f"| age | old | {FEWEST} | 20.00 |", table)


if __name__ == "__main__":
    unittest.main()
