"""The face networks that serve as losses and measures, the templates, and the way between them."""

import pathlib
import re
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch

from gpen_training import checkpoint, face_networks, restorers, templates
from gpen_training.alignment import Recrop
from gpen_training.batches import make_batch, to_tensor
from gpen_training.identity import Identity
from gpen_training.landmarks import Landmarks
from gpen_training.network import Gpen
from gpen_training.onnx_file import read_graph
from gpen_training.onnx_network import OnnxNetwork
from gpen_training.settings import Settings
from gpen_training.trainer import Trainer
from tests import reads_checkpoints
from tests.drawn_faces import draw_face

SOURCE = pathlib.Path(__file__).parents[2] / "src" / "face"
INSTALLED = face_networks.IDENTITY.exists() and face_networks.LANDMARKS.exists()
MISSING = f"SKIPPED LOUDLY: {face_networks.FOLDER} is empty: run scripts/setup.sh"


def numbers_of(file, name):
    """The points of a FivePoints constant in a C++ source."""
    text = (SOURCE / file).read_text()
    body = re.search(rf"constexpr FivePoints {name} =(.*?);", text, re.DOTALL)[1]
    return [tuple(map(float, pair)) for pair in re.findall(r"\{([\d.]+), ([\d.]+)\}", body)]


def spot(place, size=256):
    """A light spot on black, N x 3 x size x size in [-1, 1]."""
    y, x = np.mgrid[:size, :size]
    light = np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / (2 * 4.0 ** 2))
    return np.broadcast_to(2 * light - 1, (1, 3, size, size)).astype(np.float32).copy()


def place_of(pictures):
    """The centre of the light in the first picture."""
    light = np.clip((np.asarray(pictures)[0, 0] + 1) / 2, 0, None)
    y, x = np.mgrid[:light.shape[0], :light.shape[1]]
    return (x * light).sum() / light.sum(), (y * light).sum() / light.sum()


class Recorder:
    """Stands for a network: gives back what it sees, a little lighter."""

    def __init__(self, template, size=256):
        self.template, self.size = template, size

    def __call__(self, photo):
        self.seen = photo
        return photo + 0.1


class TemplatesTest(unittest.TestCase):
    def test_they_are_those_of_the_program(self):
        self.assertEqual(templates.TEMPLATES, {"ffhq": numbers_of("alignment.cc", "kFfhq512"),
                                               "gpen": numbers_of("alignment.cc", "kGpen512")})
        self.assertEqual(templates.IDENTITY, numbers_of("identity.cc", "kTemplate"))

    def test_recrop_brings_points_to_their_places(self):
        # All five, since a similarity that fits them best meets none of them exactly.
        for template in templates.TEMPLATES:
            recrop = Recrop(template, 256, templates.IDENTITY, 112)
            found = [place_of(recrop(torch.from_numpy(spot(point))))
                     for point in templates.points(template, 256)]
            self.assertLess(np.abs(np.array(found) - templates.IDENTITY).max(), 3, template)
            self.assertLess(np.abs((np.array(found) - templates.IDENTITY).mean(0)).max(), 0.05)

    def test_recrop_averages_what_it_reduces(self):
        # Stripes of a pixel are gray from afar, and every pixel's gradient is much like its neighbour's.
        for size in (256, 512):
            recrop = Recrop("ffhq", size, templates.IDENTITY, 112)
            stripes = (torch.arange(size) % 2 * 2.0 - 1).expand(1, 3, size, size).clone().requires_grad_()
            seen = recrop(stripes)
            self.assertLess(seen.abs().mean().item(), 0.15, size)
            recrop(stripes)[..., 56, 56].sum().backward()
            counted = stripes.grad[0, 0][stripes.grad[0, 0] > 0]
            self.assertGreater(len(counted), (size / 512 * 3.4) ** 2, size)
            self.assertLess(counted.max().item(), 0.5)

    def test_recrop_to_its_own_place_changes_nothing(self):
        face = to_tensor(draw_face(1, 64)[None])
        recrop = Recrop("ffhq", 64, templates.points("ffhq", 64), 64)
        torch.testing.assert_close(recrop(face), face, rtol=0, atol=1e-4)

    def test_a_network_for_another_template_gets_the_face_cut_anew(self):
        for own, other in (("ffhq", "gpen"), ("gpen", "ffhq")):
            network = Recorder(other)
            fitted = restorers.Fitted(network, own)
            expected = templates.points(other, 256)
            found = []
            for point in templates.points(own, 256):
                result = fitted(spot(point))
                found.append(place_of(network.seen))
                self.assertLess(np.abs(np.subtract(place_of((result - 0.1).clip(-1)), point)).max(),
                                0.1, own)  # it comes back to its place
            self.assertLess(np.abs(np.array(found) - expected).max(), 4, own)
            self.assertLess(np.abs((np.array(found) - expected).mean(0)).max(), 0.05, own)

    def test_what_the_other_crop_does_not_hold_stays_the_photo(self):
        face = to_tensor(draw_face(1)[None]).numpy()
        inner = restorers.Fitted(Recorder("ffhq"), "gpen")(face)  # sees less than the face shows
        np.testing.assert_allclose(inner[..., 0, :], face[..., 0, :], atol=1e-6)
        self.assertAlmostEqual(float((inner - face)[..., 110:150, 110:150].mean()), 0.1, places=2)
        outer = restorers.Fitted(Recorder("gpen"), "ffhq")(face)  # sees more than the face shows
        self.assertGreater(float((outer - face).mean((0, 1)).min()), -0.5)
        self.assertAlmostEqual(float((outer - face).mean()), 0.1, places=2)

    def test_the_same_template_changes_nothing(self):
        face = to_tensor(draw_face(1, 64)[None]).numpy()
        for template in ("ffhq", None):  # None: nobody says
            network = Recorder(template, 64)
            np.testing.assert_array_equal(restorers.Fitted(network, "ffhq")(face), face + 0.1)
            np.testing.assert_array_equal(network.seen, face)


@unittest.skipUnless(INSTALLED, MISSING)
class FaceNetworksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.identity, cls.landmarks = Identity(face_networks.IDENTITY), Landmarks(
            face_networks.LANDMARKS)
        cls.faces = to_tensor(np.stack([draw_face(1), draw_face(2)]))
        cls.blurred = torch.nn.functional.avg_pool2d(cls.faces, 5, 1, 2)

    @unittest.skipIf(restorers.runtime() is None, "SKIPPED LOUDLY: no python3-onnxruntime")
    def test_they_run_as_in_onnx_runtime(self):
        random = np.random.default_rng(3)
        for path in (face_networks.IDENTITY, face_networks.LANDMARKS):
            session = restorers.runtime().InferenceSession(str(path))
            entry = session.get_inputs()[0]
            picture = random.uniform(0, 1, entry.shape).astype(np.float32)
            expected = session.run(None, {entry.name: picture})[0]
            found = OnnxNetwork(path)(torch.from_numpy(picture)).numpy()
            self.assertLess(np.abs(found - expected).max() / np.abs(expected).max(), 1e-3, path.name)

    def test_gradients_against_finite_differences(self):
        # In flat parts the maps agree but for rounding, where an absolute value has no gradient.
        torch.manual_seed(5)
        face, start = self.faces[:1], self.blurred[:1] + 0.1 * torch.randn(1, 3, 256, 256)
        pictures = start.clone().requires_grad_()
        losses = self.identity.compare(pictures, face, torch.float64)
        for number, name in enumerate(("identity", "perceptual")):
            gradient, = torch.autograd.grad(losses[number], pictures, retain_graph=True)
            direction = gradient / gradient.norm()
            reach = 0.005
            ahead, behind = (self.identity.compare(start + sign * reach * direction, face,
                                                   torch.float64)[number].item()
                             for sign in (1, -1))
            self.assertAlmostEqual((ahead - behind) / (2 * reach) / gradient.norm().item(), 1,
                                   delta=0.05, msg=name)

    def test_bfloat16_gradients(self):
        values, gradients = [], []
        for dtype in (torch.float32, torch.bfloat16):
            pictures = self.blurred.clone().requires_grad_()
            losses = self.identity.compare(pictures, self.faces, dtype)
            values.append([loss.item() for loss in losses])
            gradients.append([torch.autograd.grad(loss, pictures, retain_graph=True)[0].flatten()
                              for loss in losses])
        for number, name in enumerate(("identity", "perceptual")):
            self.assertAlmostEqual(values[1][number] / values[0][number], 1, delta=0.05, msg=name)
            plain, fast = gradients[0][number], gradients[1][number]
            self.assertGreater(torch.cosine_similarity(plain, fast, 0).item(), 0.9, name)
            self.assertAlmostEqual((fast.norm() / plain.norm()).item(), 1, delta=0.1, msg=name)

    def test_zeroed_denormals_change_nothing_that_counts(self):
        count = 0
        own = self.identity.describe(self.faces)[0]
        network = OnnxNetwork(face_networks.IDENTITY)
        for name, array in read_graph(face_networks.IDENTITY).constants.items():
            if name in network.places:
                held = getattr(network, network.places[name])
                bits = array.view(np.uint32) & 0x7fffffff  # this thread takes the values for zero
                small = (bits > 0) & (bits < 0x00800000)
                count += small.sum()
                self.assertFalse(held.numpy().view(np.uint32)[small].any())
                held.copy_(torch.from_numpy(array))  # as they lie in the file
        self.assertGreater(count, 1000)
        torch.set_flush_denormal(False)
        self.addCleanup(torch.set_flush_denormal, True)
        with mock.patch.object(self.identity, "network", network):
            original = self.identity.describe(self.faces)[0]
        self.assertLess((own - original).abs().max().item(), 1e-6)

    def test_they_are_computed_where_the_pictures_are(self):
        identity = Identity(face_networks.IDENTITY).to("meta")
        pictures = torch.empty(2, 3, 256, 256, device="meta")
        for loss in identity.compare(pictures, pictures):
            self.assertTrue(loss.is_meta)

    def test_they_tell_a_face_from_another(self):
        likeness, distance = self.identity.compare(self.faces, self.faces)
        self.assertAlmostEqual(likeness.item(), 0, places=4)
        self.assertAlmostEqual(distance.item(), 0, places=6)
        own = self.identity.similarity(self.blurred, self.faces)
        other = self.identity.similarity(self.faces.flip(0), self.faces)
        self.assertEqual(own.shape, (2,))
        self.assertTrue((own > other).all(), (own, other))

    def test_similarity_of_many_is_that_of_each(self):
        pictures, faces = (values.repeat(5, 1, 1, 1) for values in (self.blurred, self.faces))
        expected = self.identity.similarity(self.blurred, self.faces).repeat(5)
        torch.testing.assert_close(self.identity.similarity(pictures, faces), expected, rtol=1e-4,
                                   atol=1e-4)

    def test_landmarks_lie_on_the_drawn_features(self):
        drawn = torch.tensor([[84.0, 120], [172, 120], [125, 157], [100, 186], [156, 186]])
        corner = torch.tensor([128 - 75.0, 138 - 75])  # of the square that the network sees
        found = self.landmarks.find(self.faces)[:, [36, 45, 30, 48, 54]] + corner
        self.assertLess((found - drawn).norm(dim=2).max().item(), 20)
        self.assertEqual(self.landmarks.distance(self.faces, self.faces).max().item(), 0)
        near, far = (self.landmarks.distance(torch.roll(self.faces, shift, 3), self.faces).mean()
                     for shift in (2, 8))
        self.assertGreater(far, 2 * near)

    @reads_checkpoints
    def test_resumes_bit_by_bit_with_them(self):
        drawn = np.stack([draw_face(number, 64) for number in range(4)])
        identity = Identity(face_networks.IDENTITY, crop_size=64)

        def make():
            torch.manual_seed(2)
            return Trainer(Gpen(64, 0.125, unshuffle=2), Settings(
                batch=4, warmup=8, texture=2.0, identity=0.4, perceptual=0.3), identity)

        def run(trainer, steps):
            return [trainer.step(*map(to_tensor, make_batch(drawn, 4, 1, trainer.step_number)))
                    for _ in range(steps)]
        unbroken, broken, resumed = make(), make(), make()
        expected = run(unbroken, 2)
        run(broken, 1)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "checkpoint.pt"
            checkpoint.save(broken.state(), path)
            resumed.load(checkpoint.load(path))
        self.assertEqual(run(resumed, 1), expected[1:])
        self.assertGreater(expected[0]["identity"], 0)
        self.assertGreater(expected[0]["perceptual"], 0)
        for own, other in zip(resumed.average, unbroken.average):
            self.assertTrue(torch.equal(own, other))


if __name__ == "__main__":
    unittest.main()
