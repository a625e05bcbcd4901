"""The scripts for the shells, loaded and asked as a person's TAB asks them."""
import shutil
import subprocess
import unittest

from restore_case import RestoreCase, run

ASK_BASH = """
source {script}
for line in {lines}; do
  read -ra COMP_WORDS <<< "$line"; [[ $line == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=(); _gpen
  echo "$line|${{COMPREPLY[*]}}"
done
"""
ASK_ZSH = """
autoload -U compinit; compinit -u -D
source {script}
compadd() {{ shift; print -r -- "$line|$*"; }}
_files() {{ print -r -- "$line|FILES"; }}
for line in {lines}; do
  words=(${{(s: :)line}}); [[ $line == *' ' ]] && words+=('')
  CURRENT=$#words; _gpen
done
"""
LINES = ["gpen ", "gpen re", "gpen model ", "gpen restore --mode ", "gpen restore --", "gpen restore ",
         "gpen help completion ", "gpen model convert --task "]


class CompletionTest(RestoreCase):
    def answers(self, shell, ask):
        if not shutil.which(shell):
            self.skipTest(f"no {shell} here")
        script = self.folder / "script"
        script.write_text(run("help", "completion", shell).stdout)
        lines = " ".join(f"'{line}'" for line in LINES)
        asked = subprocess.run([shell, *ask[0], ask[1].format(script=script, lines=lines)], capture_output=True,
                               text=True, cwd=self.folder, timeout=60)
        self.assertEqual(asked.stderr, "")
        return dict(line.split("|", 1) for line in asked.stdout.splitlines())

    def assert_answers(self, answers):
        self.assertIn("restore", answers["gpen "].split())
        self.assertIn("version", answers["gpen "].split())
        self.assertIn("convert", answers["gpen model "].split())
        self.assertEqual(answers["gpen restore --mode "].split(), ["natural", "strong"])
        self.assertIn("--take-damaged", answers["gpen restore --"].split())
        self.assertEqual(answers["gpen help completion "].split(), ["bash", "zsh", "fish"])
        self.assertIn("colorization", answers["gpen model convert --task "].split())

    def test_bash(self):
        (self.folder / "a photo.jpg").touch()
        answers = self.answers("bash", (["--norc", "-c"], ASK_BASH))
        self.assertEqual(answers["gpen re"], "restore")
        self.assertIn("a photo.jpg", answers["gpen restore "])
        self.assert_answers(answers)

    def test_zsh(self):
        answers = self.answers("zsh", (["-f", "-c"], ASK_ZSH))
        self.assertEqual(answers["gpen restore "], "FILES")
        self.assert_answers(answers)

    def test_fish(self):
        if not shutil.which("fish"):
            self.skipTest("no fish here")
        script = self.folder / "script"
        script.write_text(run("help", "completion", "fish").stdout)

        def answer(line):
            asked = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], text=True,
                                   capture_output=True, cwd=self.folder,
                                   env={"HOME": str(self.folder), "PATH": "/usr/bin"})
            self.assertEqual(asked.stderr, "")
            return [words.split("\t")[0] for words in asked.stdout.splitlines()]

        self.assertEqual(answer("gpen re"), ["restore"])
        self.assertEqual(answer("gpen restore --mode "), ["natural", "strong"])
        self.assertIn("--take-damaged", answer("gpen restore --"))
        self.assertIn("convert", answer("gpen model "))
        self.assertNotIn("convert", answer("gpen model convert "))

    def test_another_shell_is_refused(self):
        self.assertIn("bash, zsh or fish", run("help", "completion", "csh").stderr)


if __name__ == "__main__":
    unittest.main()
