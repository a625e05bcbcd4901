"""Folders of models for tests: those of the build, and more under other names."""

import shutil
import subprocess

from service_under_test import GPEN, ROOT


def copy_models(folder):
    """The installed models. No links: the process for photos reads nothing but the folder."""
    shutil.copytree(ROOT / "models", folder, ignore=shutil.ignore_patterns("*.pth", "*.md", "*.tmp"))


def add_model(folder, name, weights, *options):
    # In full precision it is another file than ours.
    subprocess.run([GPEN, "model", "add", ROOT / "models" / f"{weights}.pth", "--name", name, "--models", folder,
                    *options], check=True, capture_output=True)
