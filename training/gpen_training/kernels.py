"""Builds kernels.cc for this machine once for each type of the images and binds it. Without a compiler
the plain PyTorch operations do the same work, more slowly."""

import ctypes
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch

SOURCE = pathlib.Path(__file__).with_name("kernels.cc")
ELEMENTS = {torch.bfloat16: "Bfloat16", torch.float32: "float"}
FLAGS = ["-O3", "-march=native", "-std=c++17", "-fopenmp", "-shared", "-fPIC",
         "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"]


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "gpen-training"


def build(compiler, element):
    """The shared library's path; its name holds a hash of everything that it depends on."""
    version = subprocess.run([compiler, "--version"], capture_output=True, check=True).stdout
    target = subprocess.run([compiler, "-march=native", "-Q", "--help=target"],
                            capture_output=True, check=True).stdout
    flags = [*FLAGS, f"-DELEMENT={element}"]
    key = hashlib.sha256(SOURCE.read_bytes() + version + target + " ".join(flags).encode())
    library = cache_folder() / f"kernels-{key.hexdigest()[:16]}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=library.parent, suffix=".so", delete=False) as file:
            unfinished = file.name
        try:
            result = subprocess.run([compiler, *flags, str(SOURCE), "-o", unfinished],
                                    capture_output=True, text=True)
            if result.returncode != 0:
                raise RuntimeError(f"{compiler} could not build {SOURCE}:\n{result.stderr}")
            os.replace(unfinished, library)
        finally:
            if os.path.exists(unfinished):
                os.unlink(unfinished)
    return library


@functools.cache
def find_compiler():
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    if compiler is None:
        print("training: no g++ found; the network runs on plain PyTorch operations, several "
              "times slower. Install g++ to change that.", file=sys.stderr)
    return compiler


@functools.cache
def library(dtype):
    """The bound library for images of this type, or None: there is no C++ compiler (said once on
    stderr), or no kernel for the type."""
    if dtype not in ELEMENTS or find_compiler() is None:
        return None
    return ctypes.CDLL(str(build(find_compiler(), ELEMENTS[dtype])))


def call(name, *arguments):
    """Calls a kernel for the first argument's type: tensors pass as their data pointers, ints as
    int64_t, floats as float."""
    converted = []
    for argument in arguments:
        if isinstance(argument, int):
            converted.append(ctypes.c_int64(argument))
        elif isinstance(argument, float):
            converted.append(ctypes.c_float(argument))
        else:
            converted.append(ctypes.c_void_p(argument.data_ptr()))
    getattr(library(arguments[0].dtype), name)(*converted)
