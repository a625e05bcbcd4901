"""The trainer's own tests (training/tests), where this Python has what they need; else exit code 77,
which ctest reports as skipped. With PyTorch 1.13 (Debian 12) they leave out what takes minutes."""

import importlib
import pathlib
import subprocess
import sys

SKIPPED = 77
TRAINING = pathlib.Path(__file__).parents[1] / "training"
NEEDED = {"torch": "python3-torch", "numpy": "python3-numpy", "cv2": "python3-opencv",
          "pytest": "python3-pytest"}


def missing():
    """What is lacking, as a sentence for a person; empty if nothing."""
    for module, package in NEEDED.items():
        try:
            importlib.import_module(module)
        except ImportError:
            return f"there is no {module}: install {package}"
    return ""


if __name__ == "__main__":
    reason = missing()
    if reason:
        print(f"SKIPPED LOUDLY, the trainer is not tested: {reason}")
        sys.exit(SKIPPED)
    sys.exit(subprocess.run([sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
                             "tests"], cwd=TRAINING).returncode)
