"""The decisions in docs/adr: numbered without a gap, in one layout. The glossary: sorted. Links lead somewhere."""
import re
import unittest

from our_files import ROOT, name_of, our_files

# The parts of a decision, in this order. One that was superseded keeps what is still true.
PARTS = ["Context", "Decision", "Consequences"]


def faults_of_numbers(names):
    numbers = [name[:4] for name in sorted(names)]
    expected = [f"{number:04}" for number in range(1, len(numbers) + 1)]
    if numbers != expected:
        yield f"expected the decisions {expected[0]} to {expected[-1]}, found {', '.join(numbers)}"


def faults_of_decision(name, text):
    lines = text.splitlines()
    if not lines or not re.fullmatch(rf"# {name[:4]}: \S.*", lines[0]):
        yield f"{name}: expected a first line '# {name[:4]}: TITLE', found '{lines[0] if lines else ''}'"
    parts = re.findall(r"^## (.*)$", text, re.MULTILINE)
    if parts != PARTS:
        yield f"{name}: expected the parts {', '.join(PARTS)}, found {', '.join(parts) or 'none'}"


def glossary_words(text):
    return re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE)


def faults_of_order(words):
    keys = [re.sub(r"[^a-z0-9 ]", "", word.lower()) for word in words]
    for before, after in zip(keys, keys[1:]):
        if before >= after:
            yield f"'{after}' stands after '{before}'"


def dead_links(path, text):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not (path.parent / target).exists():
            yield f"{name_of(path)}: there is no {target}"


class Documents(unittest.TestCase):
    maxDiff = None

    def test_decisions(self):
        decisions = sorted((ROOT / "docs/adr").glob("*.md"))
        found = list(faults_of_numbers([path.name for path in decisions]))
        for path in decisions:
            found += faults_of_decision(path.name, path.read_text())
        self.assertEqual([], found)

    def test_the_glossary_is_sorted(self):
        words = glossary_words((ROOT / "docs/glossary.md").read_text())
        self.assertGreater(len(words), 10)
        self.assertEqual([], list(faults_of_order(words)))

    def test_links_lead_somewhere(self):
        self.assertEqual([], [fault for path in our_files(".md") for fault in dead_links(path, path.read_text())])


class TheCheckCanFail(unittest.TestCase):
    def test_a_gap(self):
        self.assertEqual([], list(faults_of_numbers(["0001-a.md", "0002-b.md"])))
        self.assertEqual(1, len(list(faults_of_numbers(["0001-a.md", "0003-b.md"]))))
        self.assertEqual(1, len(list(faults_of_numbers(["0001-a.md", "0001-b.md"]))))

    def test_a_decision_in_another_layout(self):
        good = "# 0001: A\n\n## Context\n\n## Decision\n\n## Consequences\n"
        self.assertEqual([], list(faults_of_decision("0001-a.md", good)))
        for bad in (good.replace("0001", "1"), good.replace("Context", "Why"), good.replace("## Decision\n", ""), ""):
            self.assertNotEqual([], list(faults_of_decision("0001-a.md", bad)), bad)

    def test_words_out_of_order(self):
        self.assertEqual(["crop", "aligned face"], glossary_words("- **crop**: a\n- **aligned face** (b): c\n"))
        self.assertEqual([], list(faults_of_order(["aligned face", "GPEN", "heat"])))
        self.assertEqual(["'aligned face' stands after 'crop'"], list(faults_of_order(["crop", "aligned face"])))

    def test_a_dead_link(self):
        text = "[a](README.md) [b](gone.md) [c](https://example.org/gone) [d](#part)"
        self.assertEqual(["README.md: there is no gone.md"], list(dead_links(ROOT / "README.md", text)))


if __name__ == "__main__":
    unittest.main()
