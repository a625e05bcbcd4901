"""The length of files and lines, and whether shell scripts parse. C++ lines are clang-format's (format_test.py)."""
import subprocess
import unittest

from our_files import ROOT, name_of, our_files

MOST_LINES = 400
MOST_COLUMNS = 120

SOURCES = (".cc", ".h", ".py", ".sh", ".mjs", ".ts", ".js", ".svelte", ".css", ".cmake")
# No .svelte: a break in its markup adds whitespace to the page.
HELD_TO_COLUMNS = (".py", ".sh", ".mjs", ".ts", ".js", ".css", ".cmake", ".md", ".txt")

# Longer by a reason. A file that is shorter again leaves this list.
LONG_FILES = {
    "src/jobs/job_store_contract_testing.h": "one list of what every store must do, run against each of them",
    "src/watch/ledger.cc": "every statement on one table",
    "webui/src/api/types.ts": "made from openapi.json",
    "tests/cli/model_test.py": "the commands of `gpen model` share the networks that the class makes once",
}


def too_long(lines_by_name, allowed):
    for name, count in lines_by_name.items():
        if count > MOST_LINES and name not in allowed:
            yield f"{name} has {count} lines, at most {MOST_LINES} are wanted: split it by concept"
    for name in allowed:
        if lines_by_name.get(name, 0) <= MOST_LINES:
            yield f"{name} is listed as long, but has no more than {MOST_LINES} lines: take it off the list"


def too_wide(name, text):
    """Lines that could have been broken: no row of a table, no single long word such as an address."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        is_table = name.endswith(".md") and line.startswith("|")
        if len(line) > MOST_COLUMNS and not is_table and len(words) > 1:
            yield f"{name}:{number} has {len(line)} columns, at most {MOST_COLUMNS} are wanted"


class Form(unittest.TestCase):
    maxDiff = None

    def test_no_file_is_too_long(self):
        lines = {name_of(path): len(path.read_text().splitlines()) for path in our_files(*SOURCES)}
        self.assertGreater(len(lines), 400, "the tree was not read")
        self.assertEqual([], list(too_long(lines, LONG_FILES)))

    def test_no_line_is_too_wide(self):
        wide = [fault for path in our_files(*HELD_TO_COLUMNS) for fault in too_wide(name_of(path), path.read_text())]
        self.assertEqual([], wide)

    def test_shell_scripts_parse(self):
        for path in [*our_files(".sh"), ROOT / ".ci/run"]:
            with self.subTest(path.name):
                parsed = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
                self.assertEqual((0, ""), (parsed.returncode, parsed.stderr))


class TheCheckCanFail(unittest.TestCase):
    def test_long_files(self):
        found = list(too_long({"a.cc": 401, "b.cc": 400, "c.cc": 500}, {"c.cc": "a reason", "gone.cc": "a reason"}))
        self.assertEqual(2, len(found), found)
        self.assertIn("a.cc has 401 lines", found[0])
        self.assertIn("gone.cc is listed as long", found[1])

    def test_wide_lines(self):
        wide = "two words " * 13
        self.assertEqual(1, len(list(too_wide("a.md", f"short\n{wide}\n| {wide} |\n{'x' * 130}\n"))))
        self.assertEqual(2, len(list(too_wide("a.py", f"{wide}\n| {wide} |\n"))))


if __name__ == "__main__":
    unittest.main()
