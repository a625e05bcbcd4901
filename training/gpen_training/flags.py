"""Types of flags: argparse refuses what they refuse, and names the flag."""

import argparse
import math


def at_least(least, kind=int):
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value < math.inf:
            raise argparse.ArgumentTypeError(f"expected a number of {least} or more, found {text}")
        return value
    return parse
