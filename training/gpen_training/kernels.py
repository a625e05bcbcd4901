"""Builds kernels.cc for this machine once and binds it. Without a compiler the plain PyTorch
operations do the same work, more slowly."""

import ctypes
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).with_name("kernels.cc")
FLAGS = ["-O3", "-march=native", "-std=c++17", "-fopenmp", "-shared", "-fPIC",
         "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"]


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "gpen-training"


def build(compiler):
    """The shared library's path; its name holds a hash of everything that it depends on."""
    version = subprocess.run([compiler, "--version"], capture_output=True, check=True).stdout
    target = subprocess.run([compiler, "-march=native", "-Q", "--help=target"],
                            capture_output=True, check=True).stdout
    key = hashlib.sha256(SOURCE.read_bytes() + version + target + " ".join(FLAGS).encode())
    library = cache_folder() / f"kernels-{key.hexdigest()[:16]}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=library.parent, suffix=".so", delete=False) as file:
            unfinished = file.name
        try:
            result = subprocess.run([compiler, *FLAGS, str(SOURCE), "-o", unfinished],
                                    capture_output=True, text=True)
            if result.returncode != 0:
                raise RuntimeError(f"{compiler} could not build {SOURCE}:\n{result.stderr}")
            os.replace(unfinished, library)
        finally:
            if os.path.exists(unfinished):
                os.unlink(unfinished)
    return library


@functools.cache
def library():
    """The bound library, or None (said once on stderr) where there is no C++ compiler."""
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    if compiler is None:
        print("training: no g++ found; the network runs on plain PyTorch operations, several "
              "times slower. Install g++ to change that.", file=sys.stderr)
        return None
    return ctypes.CDLL(str(build(compiler)))


def call(name, *arguments):
    """Calls a kernel: tensors pass as their data pointers, ints as int64_t, floats as float."""
    converted = []
    for argument in arguments:
        if isinstance(argument, int):
            converted.append(ctypes.c_int64(argument))
        elif isinstance(argument, float):
            converted.append(ctypes.c_float(argument))
        else:
            converted.append(ctypes.c_void_p(argument.data_ptr()))
    getattr(library(), name)(*converted)
