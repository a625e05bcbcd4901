"""The program is built so that a fault in a parser is hard to use: what the compiler and the linker can do is on."""

import os
import re
import subprocess
import unittest

GPEN = os.environ["GPEN_BINARY"]


def readelf(*options):
    return subprocess.run(["readelf", "--wide", *options, GPEN], capture_output=True, text=True, check=True).stdout


class Hardened(unittest.TestCase):
    def test_its_addresses_are_not_known(self):
        self.assertRegex(readelf("--file-header"), r"Type:\s+DYN")

    def test_its_tables_cannot_be_written(self):
        self.assertIn("GNU_RELRO", readelf("--program-headers"))
        self.assertRegex(readelf("--dynamic"), r"BIND_NOW|Flags:.*NOW")

    def test_its_stack_is_no_program(self):
        self.assertRegex(readelf("--program-headers"), re.compile(r"GNU_STACK.* RW ", re.M))

    def test_its_stack_and_copies_are_checked(self):
        symbols = readelf("--dyn-syms")
        self.assertIn("__stack_chk_fail", symbols)
        self.assertRegex(symbols, r"__\w+_chk@")


if __name__ == "__main__":
    unittest.main(verbosity=2)
