"""The parsing network: its examples, its shape, and the commands."""

import unittest

import cv2
import numpy as np
import torch

from gpen_training import checkpoint, parsing, parsing_examples, parsing_network
from tests import takes_minutes
from tests.command_case import CommandCase, command
from tests.drawn_faces import draw_face, write_faces

SIZE = 64


def draw_labels(size=256):
    """CelebAMask-HQ's labels of draw_face(): a hat over hair, skin, an eye with glasses, clothes."""
    labels = np.zeros((256, 256), np.uint8)
    cv2.ellipse(labels, (128, 120), (82, 108), 0, 0, 360, 13, -1)
    cv2.ellipse(labels, (128, 140), (64, 86), 0, 0, 360, 1, -1)
    cv2.ellipse(labels, (97, 120), (13, 7), 0, 0, 360, 3, -1)
    labels[:30] = 14
    labels[245:] = 18
    return cv2.resize(labels, (size, size), interpolation=cv2.INTER_NEAREST)


class LabelsTest(unittest.TestCase):
    def test_ears_neck_and_glasses_are_face(self):
        classes = parsing.CLASS_OF_LABEL[np.arange(19)]
        self.assertEqual(set(np.flatnonzero(classes == parsing.FACE)), {*range(1, 13), 15, 17})
        self.assertEqual(list(np.flatnonzero(classes == parsing.HAIR)), [13])
        self.assertEqual(list(np.flatnonzero(classes == parsing.COVER)), [14, 16, 18])


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        self.faces = np.stack([draw_face(number) for number in range(4)])
        self.classes = np.stack([parsing.CLASS_OF_LABEL[draw_labels()]] * 4)

    def batch(self, number):
        return parsing_examples.make_batch(self.faces, self.classes, 8, 3, number)

    def test_a_batch_depends_on_its_number_alone(self):
        for one, other in zip(self.batch(5), self.batch(5)):
            np.testing.assert_array_equal(one, other)
        self.assertGreater(np.abs(self.batch(5)[1] - self.batch(6)[1]).max(), 0.5)

    def test_shares_are_whole_and_lie_where_the_face_does(self):
        photos, shares = self.batch(1)
        side = parsing_network.SIDE
        self.assertEqual(photos.shape, (8, side, side, 3))
        np.testing.assert_allclose(shares.sum(1), 1, atol=1e-5)
        middle = shares[:, parsing.FACE, side // 2:side * 3 // 4, side * 3 // 8:side * 5 // 8]
        self.assertGreater(middle.mean(), 0.6)
        self.assertLess(shares[:, parsing.FACE, :side // 10].mean(), 0.15)

    def test_a_neighbour_and_a_hand_are_background(self):
        random = np.random.default_rng(4)
        face, classes = self.faces[0], self.classes[0]
        covered = beside = 0
        for _ in range(20):
            picture, labels = parsing_examples.with_neighbour(face, classes, self.faces[1], self.classes[1], random)
            changed = np.abs(picture.astype(int) - face).max(2) > 0
            beside += changed[classes == parsing.BACKGROUND].sum()
            self.assertFalse(((labels != classes) & (labels != parsing.BACKGROUND)).any())
            picture, labels = parsing_examples.with_cover(face, classes, self.faces[1], random)
            covered += ((labels == parsing.BACKGROUND) & (classes == parsing.FACE)).sum()
            self.assertFalse(((labels != classes) & (labels != parsing.BACKGROUND)).any())
        self.assertGreater(beside, 10000)
        self.assertGreater(covered, 10000)


class NetworkTest(unittest.TestCase):
    def test_its_shape_follows_from_its_weights(self):
        network = parsing_network.ParsingNetwork(16, 8)
        found = parsing_network.build(network.state_dict())
        self.assertEqual(found.parameter_count, network.parameter_count)
        crops = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
        self.assertTrue(torch.equal(found(crops), network(crops)))
        self.assertEqual(found(crops).shape, (2, parsing_network.CLASSES, SIZE, SIZE))

    def test_it_knows_where_a_pixel_lies(self):
        network = parsing_network.ParsingNetwork(16, 8)
        scores = network(torch.zeros(1, 3, 128, 128))
        self.assertGreater(float((scores[..., 60:64, 40:44] - scores[..., 60:64, 84:88]).abs().max()), 1e-3)

    def test_its_size(self):
        self.assertTrue(50_000 < parsing_network.ParsingNetwork().parameter_count < 300_000)


class CommandsTest(CommandCase):
    def setUp(self):
        super().setUp()
        self.faces = self.folder / "portraits"
        self.maps = self.folder / "maps"
        for folder in (self.faces, self.maps):
            folder.mkdir()
        write_faces(self.faces, 27)
        for path in sorted(self.faces.iterdir())[:-1]:
            cv2.imwrite(str(self.maps / path.name), draw_labels())

    def train(self, output, *more):
        return command("train-parsing", self.faces, self.maps, "--output", output, "--batch", 4, *more)

    @takes_minutes
    def test_trains_stops_and_goes_on_to_the_same_weights(self):
        whole, parts = self.folder / "whole", self.folder / "parts"
        # --minutes beyond what the steps take: the rate must not depend on the time here.
        for output, steps in ((whole, 4), (parts, 2), (parts, 2)):
            run = self.train(output, "--steps", steps, "--minutes", 1e9)
            self.assertEqual(run.returncode, 0, run.stderr)
        states = [checkpoint.load(folder / "checkpoint.pt") for folder in (whole, parts)]
        self.assertEqual([state["step"] for state in states], [4, 4])
        for one, other in zip(states[0]["network"].values(), states[1]["network"].values()):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
        self.assertTrue((whole / "held-out.png").exists())
        self.assertIn("iou_mask", (whole / "curve.csv").read_text())
        path = self.folder / "network.pth"
        exported = command("export-parsing", whole / "checkpoint.pt", path)
        self.assertEqual(exported.returncode, 0, exported.stderr)
        network = parsing_network.build(checkpoint.weights(checkpoint.load(path)))
        self.assertEqual(network.parameter_count, parsing_network.ParsingNetwork().parameter_count)

    def test_says_what_it_expects(self):
        empty = self.folder / "empty"
        empty.mkdir()
        cv2.imwrite(str(empty / "other.png"), draw_labels())
        self.fails("expected label maps under the names", "train-parsing", self.faces, empty, "--output",
                   self.folder / "out")
        other = self.folder / "other.pth"
        checkpoint.save({"weight": torch.zeros(1)}, other)
        self.fails("expected a network for parsing", "export-parsing", other, self.folder / "x.pth")
        self.fails("expected a network for parsing", "train-parsing", self.faces, self.maps, "--start", other,
                   "--output", self.folder / "out")


if __name__ == "__main__":
    unittest.main()
