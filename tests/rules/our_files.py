"""Which files of the tree are ours: written by hand, and so held to the rules."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "apps", "bench", "cmake", "docs", "fuzz", "packaging", "scripts", "src", "tests", "training", "webui")
# Fetched, built, or data of a program.
NOT_OURS = {"node_modules", "corpus", "runs", "__pycache__", ".pytest_cache", "dist"}


def our_files(*suffixes):
    """Our files with one of the suffixes, sorted; the folders of ROOT and the files in it."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    waiting = [ROOT / name for name in FOLDERS]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.is_dir() and not path.is_symlink():
                if path.name not in NOT_OURS:
                    waiting.append(path)
            else:
                found.append(path)
    return sorted(path for path in found if path.suffix in suffixes)


def name_of(path):
    """As messages name it: relative to the tree's root."""
    return path.relative_to(ROOT).as_posix()
