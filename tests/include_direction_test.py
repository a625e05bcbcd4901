"""Reads every #include under src/ and apps/ and fails on an arrow that docs/ARCHITECTURE.md forbids."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Module -> modules that it may use.
ALLOWED = {
    "base": set(),
    "image": {"base"},
    "codec": {"image", "base"},
    "kernels": set(),
    "nn": {"kernels", "base"},
    "converter": {"nn", "base"},
    "face": {"nn", "image", "base"},
    "restore": {"face", "nn", "codec", "image", "base"},
    "heat": {"base"},
    "jobs": {"base"},
    "watch": {"base"},
    "http": {"base"},
    "webui": set(),
    "photos": {"jobs", "restore", "nn", "codec", "base"},
    "watching": {"photos", "watch", "jobs", "restore", "codec", "base"},
    "api": {"watching", "photos", "http", "watch", "jobs", "heat", "webui", "restore", "codec", "base"},
    "service": {"api", "watching", "photos", "http", "watch", "jobs", "heat", "restore", "nn", "codec", "base"},
}

# First part of a third-party header -> modules that may include it, and whether it must stay hidden: in
# .cc files, or in headers that no other module includes.
THIRD_PARTY = {
    "opencv2": ({"image"}, True),
    "vips": ({"codec"}, True),
    "libheif": ({"codec"}, True),
    "lcms2.h": ({"codec"}, True),
    "zlib.h": ({"codec", "http", "api"}, True),
    "exiv2": ({"codec"}, True),
    "hwy": ({"kernels"}, True),
    "onnxruntime_cxx_api.h": ({"nn"}, True),
    "onnxruntime_c_api.h": ({"nn"}, True),
    "openssl": ({"base"}, True),
    "sqlite3.h": ({"base"}, True),
    "microhttpd.h": ({"http"}, True),
    "toml++": ({"service"}, True),
    "nlohmann": ({"nn", "converter", "restore", "photos", "api", "service", "apps"}, True),
    "CLI": ({"apps"}, False),
    "tl": ({"base"}, False),
}


def private_headers():
    """Headers that show a library which must stay inside the module."""
    for path in ROOT.glob("src/*/*.h"):
        for first in re.findall(r"#include\s+<([^/>]+)", path.read_text()):
            if THIRD_PARTY.get(first, (None, False))[1]:
                yield path.relative_to(ROOT / "src").as_posix()


def faults():
    hidden = set(private_headers())
    for path in sorted([*ROOT.glob("src/*/*"), *ROOT.glob("apps/**/*")]):
        if path.suffix not in {".h", ".cc"}:
            continue
        parts = path.relative_to(ROOT).parts
        module = parts[1] if parts[0] == "src" else "apps"
        is_test = path.stem.endswith("_test") or path.stem.startswith("test_")
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#include\s+(["<])([^">]+)[">]', line)
            if not match:
                continue
            quoted, target = match.group(1) == '"', match.group(2)
            first = target.split("/")[0]
            where = f"{path.relative_to(ROOT)}:{number}"
            if quoted and module != "apps" and first != module and first not in ALLOWED[module]:
                yield f"{where}: module {module} may not use {target}"
            if quoted and target in hidden and first != module:
                yield f"{where}: {target} shows a library that belongs inside {first}"
            if not quoted and first in THIRD_PARTY and not is_test:
                modules, _ = THIRD_PARTY[first]
                if module not in modules:
                    yield f"{where}: {target} belongs inside {', '.join(sorted(modules))}"


def main():
    found = list(faults())
    for fault in found:
        print(fault)
    # The check itself must be able to fail.
    seen = sum(1 for _ in ROOT.glob("src/*/*.cc"))
    if seen < 20:
        found.append(f"only {seen} sources were read")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
