"""Every .cc and .h is as clang-format 14 writes it with the tree's .clang-format. `--fix` writes them so."""
import subprocess
import sys

import llvm_tool
from our_files import ROOT, name_of, our_files

SKIPPED = 77  # As ctest is told in CMakeLists.txt.


def main():
    command = llvm_tool.find("clang-format")
    if not command:
        llvm_tool.say_skipped("clang-format")
        return SKIPPED
    files = [name_of(path) for path in our_files(".cc", ".h")]
    if "--fix" in sys.argv[1:]:
        return subprocess.run([command, "-i", *files], cwd=ROOT).returncode
    # The check itself must be able to fail.
    crooked = subprocess.run([command, "--dry-run", "-Werror", "--assume-filename=src/base/crooked.cc"], cwd=ROOT,
                             input="int  main( ){return 0 ;}\n", text=True, capture_output=True)
    if crooked.returncode == 0 or len(files) < 400:
        print(f"the check sees nothing: {len(files)} files, and a crooked line passes with {crooked.returncode}")
        return 1
    checked = subprocess.run([command, "--dry-run", "-Werror", *files], cwd=ROOT)
    if checked.returncode != 0:
        print("python3 tests/rules/format_test.py --fix writes these files as they should be")
    return checked.returncode


if __name__ == "__main__":
    sys.exit(main())
