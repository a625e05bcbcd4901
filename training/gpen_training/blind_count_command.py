"""blind-count: how often the new network was chosen on the sheets of blind-pairs."""

import pathlib

from .blind_pairs_command import KEY
from .errors import TrainingError


def add_arguments(parser):
    parser.add_argument("output", help="folder that blind-pairs wrote")
    parser.add_argument("answers", help="file of lines: number, tab, and A, B or same")


def read_answers(path, allowed):
    answers = {}
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        pair, _, answer = line.partition("\t")
        if not pair.isdecimal() or answer not in allowed or int(pair) in answers:
            raise TrainingError(f"expected the number of another pair, a tab and {', '.join(allowed)} in line {number} "
                                f"of {path}, found {line!r}")
        answers[int(pair)] = answer
    return answers


def run(arguments):
    key = read_answers(pathlib.Path(arguments.output) / KEY, ("A", "B"))
    answers = read_answers(arguments.answers, ("A", "B", "same"))
    if answers.keys() != key.keys():
        raise TrainingError(f"expected an answer for each of {len(key)} pairs in {arguments.answers}, found "
                            f"{len(answers)}; first difference: pair {min(answers.keys() ^ key.keys())}")
    chosen = [answer == key[pair] for pair, answer in answers.items() if answer != "same"]
    left = sum(answer == "A" for answer in answers.values())
    print(f"new {sum(chosen)}, old {len(chosen) - sum(chosen)}, neither {len(answers) - len(chosen)}; A was chosen "
          f"{left} times and is the new one {sum(side == 'A' for side in key.values())} times")
