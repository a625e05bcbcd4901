"""`blind-pairs` and `blind-count`: the key says who is who, and answers are counted by it."""

import contextlib
import io
import unittest

import numpy as np
import torch

from gpen_training import faces, held_out
from gpen_training.__main__ import main
from gpen_training.batches import to_pictures, to_tensor
from gpen_training.evaluate_command import restore
from gpen_training.network import Gpen
from tests import takes_minutes
from tests.command_case import CommandCase, command


class BlindPairsTest(CommandCase):
    @takes_minutes
    def test_the_key_says_which_side_is_the_new_network(self):
        for seed, name in enumerate(("old", "new")):
            torch.manual_seed(seed)
            torch.save(Gpen(32, 0.125, unshuffle=2).state_dict(), self.folder / f"{name}.pth")
        made = command("blind-pairs", self.faces, self.folder / "old.pth", self.folder / "new.pth", "--size", 32,
                       "--output", self.folder / "blind")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("3 pairs", made.stdout)
        sheet = faces.read_picture(self.folder / "blind" / "sheet-01.png")
        self.assertEqual(sheet.shape, (3 * 32, 3 * 32, 3))
        _, a, b = sheet.reshape(3, 32, 3, 32, 3).transpose(2, 0, 1, 3, 4)
        key = dict(line.split("\t") for line in (self.folder / "blind" / "key.tsv").read_text().splitlines())
        self.assertEqual(list(key), ["1", "2", "3"])
        truth = faces.load_faces(self.faces, 32)[faces.split(51)[1]]
        photos = held_out.make_pairs(truth, held_out.SEED)[0]
        new = to_pictures(restore(self.folder / "new.pth", to_tensor(photos), 1, "ffhq", lambda count: None)[0])
        for number, side in key.items():
            mine, other = (a, b) if side == "A" else (b, a)
            at = int(number) - 1
            self.assertTrue(np.array_equal(mine[at], new[at]))
            self.assertFalse(np.array_equal(other[at], new[at]))


class BlindCountTest(CommandCase):
    def setUp(self):
        super().setUp()
        (self.folder / "key.tsv").write_text("1\tA\n2\tB\n3\tB\n")
        self.answers = self.folder / "answers.tsv"

    def test_counts(self):
        self.answers.write_text("2\tB\n1\tB\n3\tsame\n")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(main(["blind-count", str(self.folder), str(self.answers)]), 0)
        self.assertIn("new 1, old 1, neither 1; A was chosen 0 times and is the new one 1 times", said.getvalue())

    def test_bad_answers(self):
        for text, complaint in (("1\tA\n2\tB\n", "first difference: pair 3"), ("1\tC\n", "in line 1"),
                                ("1\tA\n1\tB\n", "the number of another pair"), ("one\tA\n", "found 'one\\tA'")):
            self.answers.write_text(text)
            self.fails(complaint, "blind-count", self.folder, self.answers)


if __name__ == "__main__":
    unittest.main()
