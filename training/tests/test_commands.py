"""Every other command as a person runs it: once well, and on bad input (test_train_command.py has training)."""

import contextlib
import io
import json
import unittest

import torch

from gpen_training import checkpoint, face_networks
from gpen_training.__main__ import COMMANDS, main
from gpen_training.faces import read_picture
from gpen_training.network import Gpen
from tests import takes_minutes
from tests.command_case import TRAIN, WITHOUT, CommandCase, command
from tests.drawn_faces import write_faces


class CommandsTest(CommandCase):
    def test_degrade(self):
        sheet = self.folder / "sheet.png"
        made = command("degrade", self.faces, sheet, "--size", 32, "--columns", 3)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(read_picture(sheet).shape[0], 9 * 32)
        self.fails("expected a picture to write", "degrade", self.faces, self.folder / "sheet")
        self.fails("expected a folder of face pictures", "degrade", self.folder / "none", sheet,
                   "--size", 32)
        self.fails("cannot write the picture", "degrade", self.faces, self.folder / "none" / "a.png",
                   "--size", 32)
        for flag, value in (("--columns", 0), ("--rows", 0), ("--size", 7), ("--seed", -1)):
            self.refused(f"argument {flag}: expected a number of", "degrade", self.faces, sheet, flag,
                         value)

    def test_mix(self):
        first, second, wider = (self.folder / f"{name}.pth" for name in ("first", "second", "wider"))
        networks = [Gpen(32, narrow, unshuffle=2) for narrow in (0.125, 0.125, 0.25)]
        for path, network in zip((first, second, wider), networks):
            torch.save(network.state_dict(), path)
        mixed = command("mix", first, second, 1.5, self.folder / "mixed.pt")
        self.assertEqual(mixed.returncode, 0, mixed.stderr)
        weights = torch.load(self.folder / "mixed.pt", weights_only=True)["average"]
        for name, value in networks[0].named_parameters():
            expected = value + 1.5 * (networks[1].get_parameter(name) - value)
            torch.testing.assert_close(weights[name], expected.detach(), rtol=1e-3, atol=1e-4)
        self.fails("networks of the same shape", "mix", first, wider, 1, self.folder / "mixed.pt")
        self.fails("no such file", "mix", first, self.folder / "none", 1, self.folder / "mixed.pt")
        self.fails("expected a number as the share", "mix", first, second, "nan",
                   self.folder / "mixed.pt")
        self.refused("argument share: invalid float", "mix", first, second, "x", "mixed.pt")
        torch.save({"images": 3}, self.folder / "plain.pt")
        self.fails("expected the weights of a network", "mix", first, self.folder / "plain.pt", 1,
                   self.folder / "mixed.pt")
        for name, residual in (("first", True), ("second", False)):
            torch.save({"average": networks[0].state_dict(), "residual": residual},
                       self.folder / f"{name}.pt")
        self.fails("found that one adds its input", "mix", self.folder / "first.pt",
                   self.folder / "second.pt", 1, self.folder / "mixed.pt")
        self.fails(str(self.folder / "none"), "mix", first, second, 1,
                   self.folder / "none" / "mixed.pt")

    @takes_minutes
    def test_export_half(self):
        torch.manual_seed(3)
        network = Gpen(32, 0.125, unshuffle=2)
        torch.save(network.state_dict(), self.folder / "network.pth")
        half = self.folder / "half.pth"
        exported = command("export", self.folder / "network.pth", half, "--half")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        state = torch.load(half, weights_only=True)
        self.assertEqual({tensor.dtype for tensor in state.values()}, {torch.float16})
        for name, tensor in checkpoint.weights(state).items():
            torch.testing.assert_close(tensor, network.state_dict()[name], rtol=2 ** -11, atol=1e-7)
        self.assertLess(half.stat().st_size, 0.6 * (self.folder / "network.pth").stat().st_size)
        started = command("train", self.faces, "--start", half, "--output", self.folder / "run",
                          "--images", 4, *TRAIN)
        self.assertEqual(started.returncode, 0, started.stderr)
        average = checkpoint.load(self.folder / "run" / "checkpoint.pt")["average"]
        self.assertEqual({tensor.dtype for tensor in average.values()}, {torch.float32})
        with torch.no_grad():
            network.final_linear[0].bias[0] = 1e6
        torch.save(network.state_dict(), self.folder / "network.pth")
        self.fails("found final_linear.0.bias outside", "export", self.folder / "network.pth", half,
                   "--half")

    def test_export_on_bad_input(self):
        other = self.folder / "other.pth"
        other.write_bytes(b"no checkpoint")
        self.fails("cannot read", "export", other, self.folder / "out.pth")
        self.fails("ends in .pth", "export", other, self.folder / "out")
        torch.save({"weight": torch.zeros(1)}, other)
        self.fails("expected a GPEN state dict", "export", other, self.folder / "out.pth")

    def test_every_command_has_help(self):
        for name in COMMANDS:
            with self.subTest(name), contextlib.redirect_stdout(io.StringIO()) as told, \
                    self.assertRaises(SystemExit) as end:
                main([name, "--help"])
            self.assertEqual(end.exception.code, 0)
            self.assertIn(f"gpen_training {name}", told.getvalue())

    def test_evaluate_on_bad_input(self):
        without = ["--size", 32, *WITHOUT, "--landmark-network", "none"]
        self.fails("cannot read the manifest", "evaluate", self.faces, self.folder / "none.json",
                   *without)
        self.fails("expected a manifest (.json), .onnx, .pth or .pt", "evaluate", self.faces,
                   self.folder / "none", *without)
        self.fails("the template ffhq alone", "evaluate", self.faces, "--size", 32, "--template",
                   "gpen", "--landmark-network", self.folder / "x.onnx")
        for flag, value in (("--columns", 0), ("--threads", 0), ("--size", 0), ("--seed", -1)):
            self.refused(f"argument {flag}: expected a number of", "evaluate", self.faces, flag,
                         value)
        groups = self.folder / "groups.tsv"
        groups.write_text("face\tage\nnobody\told\n")
        self.fails("found none for any of them", "evaluate", self.faces, "--groups", groups, *without)
        photos = self.folder / "photos"
        photos.mkdir()
        write_faces(photos, 1, 32)
        self.fails("expected a photo for every face", "evaluate", self.faces, "--photos", photos,
                   *without)
        self.fails("an ONNX file", "evaluate", self.faces, "--size", 32, "--identity-network",
                   self.folder / "none.onnx")

    @unittest.skipUnless(face_networks.IDENTITY.exists(), "scripts/setup.sh installs the identity network")
    def test_likeness_of_a_network_that_changes_nothing(self):
        network = Gpen(32, 0.125, unshuffle=2)
        weights = {name: torch.zeros_like(value) for name, value in network.state_dict().items()}
        torch.save(weights, self.folder / "network.pth")
        made = command("likeness", self.faces, self.folder / "network.pth", "--size", 32, "--times", 1, "--output",
                       self.folder / "out")
        self.assertEqual(made.returncode, 0, made.stderr)
        pairs = json.loads((self.folder / "out/pairs.json").read_text())
        # Three of 51 faces are held out, each degraded in five ways.
        self.assertEqual([len(values) for values in pairs.values()], [15] * 5)
        for likeness, before, after in zip(*(pairs[name] for name in ("likeness", "photo_truth", "restored_truth"))):
            self.assertAlmostEqual(likeness, 1, 4)
            self.assertAlmostEqual(before, after, 4)
        self.assertIn("| steadiness |", (self.folder / "out/table.md").read_text())
        self.fails("leave out --identity-network none", "likeness", self.faces, self.folder / "network.pth", *WITHOUT)
        self.fails("no such file", "likeness", self.faces, self.folder / "none.pth", "--size", 32)

    def test_prepare(self):
        self.fails("expected the program", "prepare", self.faces, "--output", self.folder / "out",
                   "--gpen", self.folder / "none")
        program = self.folder / "gpen"
        program.write_text("#!/bin/sh\necho unknown command >&2\nexit 2\n")
        program.chmod(0o755)
        self.fails("exit code 2", "prepare", self.faces, "--output", self.folder / "out", "--gpen",
                   program)
        self.fails("new or empty folder", "prepare", self.faces, "--output", self.faces, "--gpen",
                   program)
        self.fails("found none at", "prepare", self.folder / "none", "--output",
                   self.folder / "out", "--gpen", program)
        self.refused("argument --size: expected a number of 64", "prepare", self.faces, "--output",
                     self.folder / "out", "--size", 0)

    def program(self, ending):
        """Stands for the program: checks the order of the arguments, writes a face and ends so."""
        program = self.folder / "gpen"
        program.write_text('#!/bin/sh\n[ "$1 $2 $4 $5 $7 $9" = "faces extract --recursive -o --size '
                           '--template" ] || exit 2\nmkdir -p "$6" && cp "$3/face-000.png" "$6"\n'
                           + ending)
        program.chmod(0o755)
        return program

    def prepare(self, ending, *arguments):
        return command("prepare", self.faces, "--output", self.folder / "out", "--gpen",
                       self.program(ending), *arguments)

    def test_prepare_with_photos_that_cannot_be_read(self):
        made = self.prepare('echo "bad.jpg: no photo" >&2; touch "$6/left-out.tsv"; exit 1\n')
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("1 faces", made.stdout)
        self.assertRegex(made.stderr, "(?s)bad.jpg: no photo.*warning: photos that could not be read")
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["face-000.png", "left-out.tsv"])
        again = self.prepare('touch "$6/left-out.tsv"\n')
        self.assertIn("new or empty folder", again.stderr)  # this one was whole

    def test_prepare_goes_on(self):
        for ending in ("exit 130\n", "exit 1\n", "kill -9 $$\n"):  # at each the table is not there yet
            broken = self.prepare(ending)
            self.assertNotEqual(broken.returncode, 0)
        self.assertIn("goes on", self.prepare("exit 130\n").stderr)
        self.assertIn("the interrupted prepare", self.prepare("", "--size", 128).stderr)
        whole = self.prepare('touch "$6/left-out.tsv"\n')
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.assertIn("going on after an interruption", whole.stdout)
        self.assertIn("1 faces", whole.stdout)

    def test_prepare_without_a_face_that_is_kept(self):
        none = self.prepare('rm "$6/face-000.png"; touch "$6/left-out.tsv"; exit 3\n')
        self.assertEqual(none.returncode, 1)
        self.assertIn("left-out.tsv says why", none.stderr)


if __name__ == "__main__":
    unittest.main()
