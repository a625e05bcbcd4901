"""Which photos `gpen restore` takes and what their results are called; what it says of bad calls."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from PIL import Image

from restore_case import GPEN, NOTHING_TO_DO, OK, SKIMAGE, SOME_FAILED, USAGE, RestoreCase, run


class NamesTest(RestoreCase):
    def gray(self, name, kind="PNG"):
        """A small photo without a face: quickly done."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.linear_gradient("L").resize((64, 48)).save(path, kind)
        return path

    def results(self):
        return [name for name in self.files() if ".restored." in name]

    def test_photos_that_share_a_name_each_get_a_result(self):
        self.gray("IMG_1.png")
        self.gray("IMG_1.jpg", "JPEG")
        result = run("restore", self.folder, "--format", "jpeg")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(self.results(), ["IMG_1.png.restored.jpg", "IMG_1.restored.jpg"])

    def test_the_plain_name_belongs_to_the_photo_that_it_fits(self):
        """Also where that photo is not in this run, in any order."""
        photo = self.gray("IMG_1.png")
        self.gray("IMG_1.JPG", "JPEG")
        self.assertEqual(run("restore", photo, "--format", "jpeg").returncode, OK)
        self.assertEqual(self.results(), ["IMG_1.png.restored.jpg"])

    def test_equal_names_from_two_folders(self):
        out = self.folder / "out"
        for folder in ("a", "b"):
            self.gray(f"{folder}/1.png")
        result = run("restore", self.folder / "a", self.folder / "b", "-d", out)
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(len(self.results()), 2)

    def test_comparisons_have_names_of_their_own_and_replace_nothing(self):
        for name, kind in (("v.jpg", "JPEG"), ("v.png", "PNG")):
            self.gray(name, kind)
        result = run("restore", self.folder, "--compare")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual([name for name in self.files() if "compare" in name],
                         ["v.compare.jpg", "v.png.compare.jpg"])
        mine = self.gray("w.compare.jpg", "JPEG").read_bytes()
        photo = self.gray("w.png")
        result = run("restore", photo, self.folder / "w.compare.jpg", "--compare")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual((self.folder / "w.compare.jpg").read_bytes(), mine)
        self.assertIn("w.png.compare.jpg", self.files())
        self.assertEqual(run("restore", photo, "--compare", "--force").returncode, OK)
        self.assertNotEqual((self.folder / "w.compare.jpg").read_bytes(), mine)

    def test_names_cannot_command_a_terminal(self):
        photo = self.gray("a\x1b]0;title\x07.png")
        for result in (run("restore", photo), run("restore", photo), run("restore", photo, "--dry-run", "--force")):
            said = result.stdout + result.stderr
            self.assertIn("a?]0;title?", said)
            self.assertNotIn("\x1b", said)

    def test_a_photo_named_twice_is_done_once(self):
        self.gray("a.png")
        result = run("restore", "a.png", "./a.png", self.folder, cwd=self.folder)
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(self.results(), ["a.restored.png"])

    def test_long_names_are_shortened(self):
        name = "é" * 124 + ".png"  # 252 bytes.
        self.gray(name)
        result = run("restore", self.folder)
        self.assertEqual(result.returncode, OK, result.stderr)
        (made,) = self.results()
        self.assertLessEqual(len(made.encode()), 255)
        self.assertTrue(made.endswith("é.restored.png"))

    def test_system_folders_are_left_out(self):
        for folder in ("#recycle", "$RECYCLE.BIN", "@eaDir", "lost+found", "Fotos.photoslibrary",
                       "Cat Previews.lrdata", "Old.aplibrary", ".hidden"):
            self.gray(f"{folder}/x.png")
        self.gray("1978/y.png")
        result = run("restore", self.folder, "-r")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertEqual(self.results(), ["1978/y.restored.png"])

    def test_subfolders_alone_suggest_r(self):
        self.gray("1978/y.png")
        result = run("restore", self.folder)
        self.assertEqual(result.returncode, NOTHING_TO_DO)
        self.assertIn("-r", result.stderr)

    def test_results_are_not_restored_again(self):
        path = self.gray("a.restored.png")
        result = run("restore", path)
        self.assertEqual(result.returncode, NOTHING_TO_DO)
        self.assertIn("--force", result.stderr)
        self.assertEqual(run("restore", path, "--force").returncode, OK)

    def test_an_output_of_another_kind_is_refused(self):
        result = run("restore", self.gray("a.png"), "-o", self.folder / "x.bmp")
        self.assertEqual(result.returncode, USAGE)
        for word in (".bmp", ".jpg", ".png", ".heic"):
            self.assertIn(word, result.stderr)
        self.assertEqual(self.files(), ["a.png"])

    def test_an_output_that_is_a_folder_is_refused(self):
        (self.folder / "out").mkdir()
        for options in ((), ("--force",)):
            result = run("restore", self.gray("a.png"), "-o", self.folder / "out", *options)
            self.assertEqual(result.returncode, USAGE)
            self.assertIn("use -d", result.stderr)
        self.assertEqual(self.files(), ["a.png"])

    def test_an_output_of_another_format_than_asked_for_is_refused(self):
        photo = self.gray("a.png")
        result = run("restore", photo, "-o", self.folder / "x.png", "--format", "jpeg")
        self.assertEqual(result.returncode, USAGE)
        self.assertIn("different formats", result.stderr)
        self.assertEqual(self.files(), ["a.png"])
        result = run("restore", photo, "-o", self.folder / "x.jpeg", "--format", "jpeg")
        self.assertEqual(result.returncode, OK, result.stderr)

    def test_folders_that_may_not_be_read_are_named(self):
        anybody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        self.gray("1978/y.png")
        self.gray("1979/z.png")
        for folder in (self.folder, self.folder / "1979"):
            folder.chmod(0o777)
        closed = self.folder / "1978"
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o755)
        result = run("restore", self.folder, "-r", "--json", **anybody)
        self.assertEqual(result.returncode, SOME_FAILED, result.stderr)
        objects = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([pathlib.Path(one["input"]).name for one in objects], ["1978", "z.png"])
        self.assertIn("permission denied", objects[0]["error"]["message"])
        self.assertIn("permission denied", run("restore", closed, **anybody).stderr)

    def test_an_output_folder_must_be_there(self):
        result = run("restore", self.gray("a.png"), "-o", self.folder / "none" / "x.png")
        self.assertEqual(result.returncode, USAGE)
        self.assertIn("none", result.stderr)
        self.assertEqual(self.files(), ["a.png"])

    def test_json_has_an_object_for_every_input(self):
        self.gray("a.png")
        self.gray("b.png")
        (self.folder / "c.png").write_bytes(b"no photo")
        self.gray("b.restored.png")
        result = run("restore", self.folder, "--json")
        self.assertEqual(result.returncode, SOME_FAILED)
        objects = [json.loads(line) for line in result.stdout.splitlines()]
        reports = {report["input"].rsplit("/", 1)[1]: report for report in objects}
        self.assertEqual(sorted(reports), ["a.png", "b.png", "c.png"])
        self.assertIn("is there already", reports["b.png"]["skipped"])
        self.assertEqual(reports["c.png"]["error"]["code"], "unsupported_format")
        for inputs, code in ((["d.png"], USAGE), (["d.png", "a.png"], SOME_FAILED)):
            result = run("restore", *(self.folder / name for name in inputs), "--json", "--force")
            self.assertEqual(result.returncode, code)
            objects = [json.loads(line) for line in result.stdout.splitlines()]
            self.assertEqual([one["input"].rsplit("/", 1)[1] for one in objects], inputs)
        refused = run("restore", self.folder / "a.png", self.folder / "b.png", "-o", self.folder / "x.bmp", "--json")
        self.assertEqual(len(refused.stdout.splitlines()), 2)
        missing = run("restore", self.folder / "d.png", "--json")
        self.assertEqual(json.loads(missing.stdout)["error"]["code"], "not_found")

    def test_restored_counts_only_what_was_restored(self):
        self.gray("a.png")
        shutil.copy(SKIMAGE / "astronaut.png", self.folder / "b.png")
        result = run("restore", self.folder)
        self.assertIn("1 restored, 0 failed, 0 not begun; in 1 nothing was to be restored", result.stderr)

    def test_plain_words_and_figures(self):
        photo = self.photo()
        plain = run("restore", photo).stdout
        self.assertIn("1 of 1 faces restored", plain)
        for word in ("score", "likeness", " ms"):
            self.assertNotIn(word, plain)
        figures = run("restore", photo, "--force", "-v").stdout
        for word in ("score", "likeness", " ms"):
            self.assertIn(word, figures)
        self.assertEqual(run("restore", photo, "--force", "-q").stdout, "")


class CommandTest(unittest.TestCase):
    def test_advice_for_what_is_no_command(self):
        for arguments, advice in ((["photo.jpg"], "gpen restore photo.jpg"), (["/tmp"], "gpen restore /tmp"),
                                  (["restor", "x.jpg"], "did you mean restore")):
            result = run(*arguments)
            self.assertEqual(result.returncode, USAGE)
            self.assertIn(advice, result.stderr)

    def test_help_and_version_are_commands_too(self):
        self.assertIn("restore", run("help").stdout)
        self.assertIn("--strength", run("help", "restore").stdout)
        self.assertEqual(run("help", "nonsense").returncode, USAGE)
        for words in ((), ("restore",), ("model", "convert")):
            self.assertIn(" ".join(("Usage: gpen", *words, "[OPTIONS]")), run("help", *words).stdout)
        version = run("version").stdout
        self.assertRegex(version, r"^GPEN-NAS \d+\.\d+\.\d+( \([0-9a-f]{7,}\))?\n$")
        self.assertEqual(run("--version").stdout, version)

    def test_an_unknown_model_lists_those_there_are(self):
        result = run("restore", SKIMAGE / "astronaut.png", "--model", "no-such", "-o", "/tmp/never.png")
        self.assertIn("gpen-lite-256", result.stderr)

    def test_the_manual_and_completions_know_every_option(self):
        manual = run("help", "manual").stdout
        self.assertIn(r"\-\-strength", manual)
        self.assertIn("GPEN model convert", manual)
        if shutil.which("man"):
            shown = subprocess.run(["man", "--warnings", "-l", "-"], input=manual, capture_output=True, text=True)
            self.assertEqual(shown.stderr, "")
        words = run("help", "restore").stdout.replace(",", " ").split()
        options = {word for word in words if word.startswith("--") and len(word) > 2}
        for shell in ("bash", "zsh", "fish"):
            script = run("help", "completion", shell).stdout
            for option in options:
                self.assertIn(f" -l {option[2:]}" if shell == "fish" else option, script)
            if shutil.which(shell):
                checked = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
                self.assertEqual(checked.stderr, "", shell)
        self.assertEqual(run("help", "completion", "tcsh").returncode, USAGE)

    def test_bash_completes_commands_and_options(self):
        script = run("help", "completion", "bash").stdout
        def complete(*words):
            quoted = " ".join(f"'{word}'" for word in words)
            asked = f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _gpen; echo ${{COMPREPLY[@]}}"
            with tempfile.TemporaryDirectory() as empty:
                return subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True,
                                      cwd=empty).stdout.split()
        self.assertEqual(complete("gpen", "resto"), ["restore"])
        self.assertEqual(complete("gpen", "restore", "--stren"), ["--strength"])
        self.assertEqual(complete("gpen", "model", "conv"), ["convert"])

    def test_settings_show_their_defaults(self):
        text = run("serve", "--show-settings").stdout
        for line in (r"server\.port .*\(7860\)", r"data\.keep_days .*\(30\)", r"keep_date .*\(true\)"):
            self.assertRegex(text, line)


if __name__ == "__main__":
    unittest.main()
