"""clang-format and clang-tidy of the one version that the project is held to: others judge differently."""
import re
import shutil
import subprocess

VERSION = 14


def find(name):
    """The tool's command; empty where this version of it is not to be had."""
    for command in (f"{name}-{VERSION}", name):
        if shutil.which(command) is None:
            continue
        stated = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
        if re.search(rf"version {VERSION}\.", stated):
            return command
    return ""


def say_skipped(name):
    print(f"SKIPPED: there is no {name} {VERSION} here. Debian 12 has the package {name}-{VERSION}.")
