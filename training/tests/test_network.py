"""The network: its names, its shapes, each precision, PyTorch against ONNX."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import torch

from gpen_training import (architecture, checkpoint, export_command, growth, onnx_network, operations,
                           restorers)
from gpen_training.discriminator import Discriminator
from gpen_training.network import Gpen
from tests import TORCH_2

BUILT = pathlib.Path(__file__).parents[2] / "build" / "release" / "apps" / "gpen" / "gpen"
PROGRAM = os.environ.get("GPEN") or (str(BUILT) if BUILT.exists() else None)
# The first is plain PyTorch. PyTorch 1.13 lacks operations in bfloat16.
PRECISIONS = [torch.float64, torch.float32, *([torch.bfloat16] if TORCH_2 else [])]
ENTRIES = {256: 144, 512: 163}  # of the reference's released state dicts


def small(unshuffle=2, size=32, seed=5):
    torch.manual_seed(seed)
    return Gpen(size, narrow=0.125, unshuffle=unshuffle, residual=unshuffle > 1)


class NetworkTest(unittest.TestCase):
    def test_reference_names(self):
        for size, entries in ENTRIES.items():
            state = Gpen(size, narrow=0.0625, residual=False).state_dict()
            self.assertEqual(len(state), entries)
            for name in ("generator.convs.0.conv.blur.kernel", "generator.to_rgbs.0.upsample.kernel",
                         "ecd1.0.0.kernel", "ecd1.0.1.weight", "generator.style.8.weight",
                         "generator.conv1.noise.weight", "final_linear.0.weight"):
                self.assertIn(name, state)

    def test_shipped_shape(self):
        network = Gpen(256, 0.25, unshuffle=2)
        self.assertEqual(sum(p.numel() for p in network.parameters()), 7_671_091)
        self.assertEqual(len(network.state_dict()), 125)

    def test_rebuilt_from_its_shapes(self):
        for unshuffle in (1, 2):
            network = small(unshuffle)
            twin = architecture.build(network.state_dict())
            photo = torch.randn(2, 3, 32, 32)
            torch.testing.assert_close(twin(photo), network(photo))

    def test_trunk_behind_unshuffle_does_what_it_did(self):
        trunk = small(1)
        whole = architecture.build(architecture.put_behind_unshuffle(trunk.state_dict()))
        # The same value in all four places of a pixel: what the trunk sees is the shrunk picture.
        photo = torch.randn(1, 3, 32, 32)
        large = photo.repeat_interleave(2, 2).repeat_interleave(2, 3)
        expected = trunk(photo).repeat_interleave(2, 2).repeat_interleave(2, 3)
        torch.testing.assert_close(whole(large) - large, expected, rtol=1e-3, atol=1e-4)

    def test_gradients_of_each_precision(self):
        for network in (small(2, 64), small(1, 64), Discriminator()):
            photo, weights = torch.rand(4, 3, 64, 64) * 2 - 1, None
            gradients = []
            for dtype in PRECISIONS:
                out = network(photo, dtype)
                out = out[0] if isinstance(out, tuple) else out
                weights = torch.randn_like(out) if weights is None else weights
                gradients.append(torch.autograd.grad((out * weights).sum(),
                                                     list(network.parameters())))
            for (name, parameter), plain, *found in zip(network.named_parameters(), *gradients):
                if parameter.numel() > 16:  # single numbers are sums that nearly cancel
                    for gradient, least in zip(found, (0.99999, 0.97)):
                        cosine = torch.cosine_similarity(plain.flatten(), gradient.flatten(), 0)
                        self.assertGreater(cosine, least, name)

    def test_folded_blurs_change_nothing(self):
        for network in (small(2, 64), small(1, 64), Discriminator()):
            photo, found = torch.rand(1, 3, 64, 64) * 2 - 1, []
            for way in ("plain", "folded"):
                with operations.forced(way):
                    out = network(photo, torch.float64)
                out = out[0] if isinstance(out, tuple) else out
                torch.manual_seed(1)
                gradients = torch.autograd.grad((out * torch.randn_like(out)).sum(),
                                                list(network.parameters()))
                found.append([out, *gradients])
            for plain, folded in zip(*found):
                self.assertLess((folded - plain).norm(), 1e-4 * plain.norm() + 1e-6)

    def test_it_grows(self):
        smaller = small(2, 32)
        with torch.no_grad():
            smaller.last_layer().mul_(0.1)  # an untrained one makes a picture far beyond its range
        larger = growth.grow(smaller)
        self.assertEqual((larger.size, larger.residual), (64, True))
        photos = [torch.nn.functional.avg_pool2d(torch.randn(4, 3, 64, 64), 5, 1, 2)
                  for _ in range(8)]
        batches = ((photos[number % 8], None, None) for number in range(400))
        at_first = growth.fit_encoder(larger, smaller, batches, 1)
        self.assertLess(growth.fit_encoder(larger, smaller, batches, 150), 0.2 * at_first)
        photo = photos[0]
        shrunk = torch.nn.functional.avg_pool2d(photo, 2)
        with torch.no_grad():
            aim = torch.nn.functional.avg_pool2d(smaller(shrunk) - shrunk, 2)
            made = torch.nn.functional.avg_pool2d(larger(photo) - photo, 4)
        likeness = torch.cosine_similarity(made.flatten(), aim.flatten(), 0)
        self.assertGreater(likeness, 0.8)

    def test_state_dict_of_another_kind(self):
        with self.assertRaisesRegex(checkpoint.CheckpointError, "expected a GPEN state dict"):
            architecture.build({"weight": torch.zeros(1)})


class OnnxTest(unittest.TestCase):
    def test_interpreter_reads_and_runs_an_exported_graph(self):
        torch.manual_seed(1)
        module = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, stride=2, padding=1), torch.nn.PReLU(8),
            torch.nn.Conv2d(8, 8, 3, padding=1, groups=8), torch.nn.ReLU(), torch.nn.Flatten(),
            torch.nn.Linear(8 * 64, 5)).eval()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "module.onnx"
            photo = torch.randn(1, 3, 16, 16)
            export_command.write_graph(module, photo, path)
            network = onnx_network.OnnxNetwork(path)
            torch.testing.assert_close(network(photo), module(photo), rtol=1e-4, atol=1e-5)
            path.write_bytes(path.read_bytes()[:-100])
            with self.assertRaisesRegex(onnx_network.OnnxError, "not a whole ONNX model"):
                onnx_network.OnnxNetwork(path)

    @unittest.skipIf(restorers.runtime() is None, "SKIPPED LOUDLY: no python3-onnxruntime")
    def test_exported_graph_agrees(self):
        for unshuffle in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "network.onnx"
                network = small(unshuffle).eval()
                export_command.write_onnx(network, path)
                self.assertLess(export_command.largest_difference(network, path), 1e-4)

    @unittest.skipIf(restorers.runtime() is None, "SKIPPED LOUDLY: no python3-onnxruntime")
    def test_a_bare_graph_says_its_size(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "network.onnx"
            export_command.write_onnx(small(1).eval(), path)
            restorer = restorers.load(path)
            self.assertEqual(restorer.size, 32)
            self.assertIsNone(restorer.template)
            self.assertEqual(restorer(np.zeros((1, 3, 32, 32), np.float32)).shape, (1, 3, 32, 32))
            with self.assertRaisesRegex(RuntimeError, "network.onnx cannot restore a picture of 32"):
                restorer(np.zeros((1, 3, 48, 48), np.float32))
            with self.assertRaisesRegex(ValueError, "64 pixels, as its manifest .* input of 32"):
                restorers.OnnxRestorer(path, {"input_size": 64}, 1)
            export_command.write_graph(torch.nn.Linear(3, 3), torch.zeros(1, 3), path)
            with self.assertRaisesRegex(ValueError, "expected a network that takes 1 x 3 x size"):
                restorers.load(path)

    @unittest.skipUnless(PROGRAM, f"SKIPPED LOUDLY: no program at {BUILT}: build it, or set GPEN to "
                         "it, to compare its conversion with PyTorch")
    @unittest.skipIf(restorers.runtime() is None, "SKIPPED LOUDLY: no python3-onnxruntime")
    def test_converted_graph_agrees(self):
        for unshuffle, half in ((1, False), (2, False), (2, True)):
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                state = small(unshuffle, 256).state_dict()
                if half:
                    state = export_command.halved(state)
                torch.save(state, folder / "network.pth")
                subprocess.run([PROGRAM, "model", "convert", folder / "network.pth", "-o",
                                folder / "network.onnx"], check=True)
                network = restorers.load(folder / "network.pth")
                converted = restorers.load(folder / "network.json")
                self.assertEqual(converted.template, network.template)
                photo = np.random.default_rng(1).uniform(-1, 1, (1, 3, 256, 256)).astype(np.float32)
                difference = np.abs(converted(photo) - network(photo)).max()
                self.assertLess(difference, 1e-4, f"unshuffle {unshuffle}, half {half}")


if __name__ == "__main__":
    unittest.main()
