"""Every warning that the sources write about a photo is known to the page, so that it is shown in the person's
language (webui/src/lib/warnings.ts), and every text that the page has for one exists in each language. So are the
reasons why another machine gets no photos (webui/src/lib/machine_reasons.ts)."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATEMENT = re.compile(r"(?:warnings|losses|blended\.warnings)(?:->|\.)(?:emplace_back|push_back|Add)\((.*?);", re.S)
# What builds a warning for others to add.
BUILDER = re.compile(r"(?:std::string (?:LeftOut|TakenAsItIs)\(|"
                     r"constexpr std::string_view (?:kCredentialsLoss|kDamagedInside)\b)(.*?);", re.S)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def warnings():
    """(file, text) of each: its literals one after the other, as the compiler joins them."""
    for folder in ("codec", "restore"):
        for path in sorted((ROOT / "src" / folder).glob("*")):
            if path.suffix not in (".cc", ".h") or "_test" in path.name or "testing" in path.name:
                continue
            source = path.read_text()
            for found in [*STATEMENT.finditer(source), *BUILDER.finditer(source)]:
                text = "".join(LITERAL.findall(found.group(1)))
                if " " in text and not re.search(r"\b(LeftOut|TakenAsItIs)\(", found.group(1)):
                    yield path.name, text


def patterns():
    source = (ROOT / "webui/src/lib/warnings.ts").read_text()
    shown = re.search(r"SHOWN_BY_FACES = /(.*)/;", source).group(1)
    known = re.findall(r"\[/(.*)/, '(\w+)'\]", source)
    return shown, known


class PageWarnings(unittest.TestCase):
    def test_the_page_knows_each(self):
        shown, known = patterns()
        every = list(warnings())
        self.assertGreater(len(every), 25, "the warnings are no longer found in the sources")
        unknown = [f"{name}: {text}" for name, text in every
                   if not re.search("|".join([shown, *(pattern for pattern, _ in known)]), text)]
        self.assertEqual(unknown, [])

    def test_each_is_said_in_every_language(self):
        keys = {key for _, key in patterns()[1]}
        for path in sorted((ROOT / "webui/src/i18n").glob("*.json")):
            self.assertEqual(set(json.loads(path.read_text())["warnings"]), keys, path.name)

    def test_the_page_knows_why_a_machine_gets_nothing(self):
        source = (ROOT / "webui/src/lib/machine_reasons.ts").read_text()
        known = dict(re.findall(r"\[/(.*)/, '(\w+)'\]", source))
        said = []
        for name in ("exchange.cc", "web_exchange.cc", "handouts.cc"):
            body = re.search(r"::WhyNot\(.*?\n}\n", (ROOT / "src/remote" / name).read_text(), re.S).group()
            said += [text for text in LITERAL.findall(body) if " " in text]
        self.assertEqual(len(said), 4)
        for text in said:
            self.assertRegex(text, "|".join(known))
        for path in sorted((ROOT / "webui/src/i18n").glob("*.json")):
            self.assertEqual(set(json.loads(path.read_text())["machines"]["reasons"]), set(known.values()), path.name)


if __name__ == "__main__":
    unittest.main()
