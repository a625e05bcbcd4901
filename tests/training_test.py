"""The trainer's own tests (training/tests), where this Python has what they need; else exit code 77,
which ctest reports as skipped."""

import importlib
import pathlib
import subprocess
import sys

SKIPPED = 77
TRAINING = pathlib.Path(__file__).parents[1] / "training"
NEEDED = {"torch": "python3-torch", "numpy": "python3-numpy", "cv2": "python3-opencv",
          "pytest": "python3-pytest"}
WHERE = "Debian 13 has it; on Debian 12 training/README.md says how to get it"


def missing():
    """What is lacking, as a sentence for a person; empty if nothing."""
    for module, package in NEEDED.items():
        try:
            found = importlib.import_module(module)
        except ImportError:
            return f"there is no {module}: install {package} ({WHERE})"
        if module == "torch" and int(found.__version__.split(".")[0]) < 2:
            return f"expected PyTorch 2 or later, found {found.__version__} ({WHERE})"
    return ""


if __name__ == "__main__":
    reason = missing()
    if reason:
        print(f"SKIPPED LOUDLY, the trainer is not tested: {reason}")
        sys.exit(SKIPPED)
    sys.exit(subprocess.run([sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
                             "tests"], cwd=TRAINING).returncode)
