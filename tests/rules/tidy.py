"""Runs clang-tidy with the tree's .clang-tidy over what goes into the program: src/ and apps/, without tests.

    tests/rules/tidy.py BUILD_FOLDER [FILE...]      after the build, whose generated files and dependencies it needs

Without FILEs all of them: 3 to 7 seconds of a core each, some ten minutes of two. A file is left out where it, its
headers of ours, its compile command, .clang-tidy and the version of clang-tidy are those of a run that found nothing:
BUILD_FOLDER/tidy holds a mark for each.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import llvm_tool
from our_files import ROOT, name_of, our_files

CROOKED = "#include <string>\nint F(std::string a) { std::string b = std::move(a); return int(a.size() + b.size()); }\n"


def wanted(names):
    return [name_of(path) for path in our_files(".cc") if name_of(path).startswith(("src/", "apps/"))
            and not path.stem.endswith("_test") and (not names or name_of(path) in names)]


def read_dependencies(build):
    """{object: [files of ours that it was made of]}, as ninja noted them."""
    told = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    dependencies, files = {}, []
    for line in told.splitlines():
        if line.startswith("    "):
            path = pathlib.Path(os.path.normpath(build / line.strip()))
            if path.is_relative_to(ROOT) and path.is_file():
                files.append(path)
        elif ": #deps" in line and "(VALID)" in line:
            files = dependencies.setdefault(line.split(":")[0], [])
        else:
            files = []
    return dependencies


class Marks:
    """Which files were clean, and as what."""

    def __init__(self, build, version):
        self.folder = build / "tidy"
        self.folder.mkdir(exist_ok=True)
        self.common = version + (ROOT / ".clang-tidy").read_text()
        self.dependencies = read_dependencies(build)
        commands = json.loads((build / "compile_commands.json").read_text())
        self.commands = {os.path.relpath(each["file"], ROOT): each for each in commands}

    def of(self, name):
        """The mark's path; None where the file was never built, so that nobody knows its headers."""
        command = self.commands[name]["command"]
        files = self.dependencies.get(re.search(r" -o (\S+)", command).group(1))
        if not files:
            return None
        digest = hashlib.sha256(self.common.encode() + command.replace(str(ROOT), "").encode())
        for path in sorted(files):
            digest.update(name_of(path).encode() + b"\0" + path.read_bytes())
        return self.folder / digest.hexdigest()


def can_fail(command):
    with tempfile.TemporaryDirectory() as folder:
        crooked = pathlib.Path(folder) / "crooked.cc"
        crooked.write_text(CROOKED)
        arguments = [command, "--quiet", f"--config-file={ROOT / '.clang-tidy'}", crooked, "--", "-std=c++20"]
        return subprocess.run(arguments, capture_output=True).returncode != 0


def check(command, build, marks, name):
    """What clang-tidy finds in the file; empty if nothing."""
    if name not in marks.commands:
        return f"{name} is not in {build / 'compile_commands.json'}: configure and build again"
    mark = marks.of(name)
    if mark is not None and mark.exists():
        return ""
    ran = subprocess.run([command, "-p", build, "--quiet", name], cwd=ROOT, capture_output=True, text=True)
    if ran.returncode == 0:
        if mark is not None:
            mark.touch()
        return ""
    return ran.stdout or ran.stderr


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    build = pathlib.Path(sys.argv[1]).resolve()
    command = llvm_tool.find("clang-tidy")
    if not command:
        llvm_tool.say_skipped("clang-tidy")
        return 0
    if not can_fail(command):
        print("the check sees nothing: clang-tidy takes a use after a move")
        return 1
    begin = time.monotonic()
    marks = Marks(build, subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout)
    files = wanted(sys.argv[2:])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = []
        for text in pool.map(lambda name: check(command, build, marks, name), files):
            if text:
                print(text, flush=True)
                found.append(text)
    print(f"clang-tidy: {len(files) - len(found)} files are clean, {len(found)} are not "
          f"({time.monotonic() - begin:.0f} s)")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
