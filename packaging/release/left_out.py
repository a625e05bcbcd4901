"""Libraries that are linked with and never called: small files of the same names stand in for them.

Debian's libvips opens many more kinds of pictures than this program lets it (src/codec/vips_runtime.cc), and names a
library for each of them: a seventh of all that the closure would hold. A stand-in has the functions that are named, and
each of them ends the process with a word. Debian's own file stays as Debian has made and mended it.
"""
import re
import subprocess
import textwrap

from elf import dynamic_symbols

# For scientific pictures, drawings, texts, animations and archives of tiles.
LEFT_OUT = {"libvips.so.42": re.compile(
    r"lib(archive|cairo|cfitsio|cgif|fftw3|fontconfig|imagequant|matio|OpenEXR-\d+_\d+|pango-1\.0|pangocairo-1\.0|"
    r"pangoft2-1\.0|rsvg-2)\.so\.\d+")}

SOURCE = """
    extern long write(int, const void *, unsigned long);
    extern void abort(void) __attribute__((noreturn));
    static void Refuse(const char *text, unsigned long size) {
      if (write(2, text, size) >= 0) abort();
      abort();
    }
    #define REFUSE(name) \\
      __attribute__((visibility("default"))) void name(void); \\
      void name(void) { \\
        static const char text[] = "@LIBRARY@ is left out of this package, but " #name " of it was called\\n"; \\
        Refuse(text, sizeof(text) - 1); \\
      }
"""


def is_left_out(user, name):
    """Whether the library `name`, wanted by the file `user`, is replaced."""
    pattern = LEFT_OUT.get(user)
    return bool(pattern and pattern.fullmatch(name))


def functions_to_stand_in(user, library):
    """Names of what the file `user` wants of the file `library`: plain functions, or it cannot be left out."""
    wanted = {symbol.name: symbol for symbol in dynamic_symbols(user) if not symbol.defined}
    names = set()
    for symbol in dynamic_symbols(library):
        if symbol.defined and symbol.name in wanted:
            if symbol.kind != "FUNC" or wanted[symbol.name].version:
                raise ValueError(f"{library} cannot be left out: expected plain functions, but {user} wants "
                                 f"{symbol.name}, which is {symbol.kind} {wanted[symbol.name].version}".rstrip())
            names.add(symbol.name)
    return sorted(names)


def write_stand_in(user, library, name, output, triplet):
    """Writes a library `name` for `output`, by the compiler of that architecture. It needs no other library."""
    source = textwrap.dedent(SOURCE).replace("@LIBRARY@", name)
    source += "".join(f"REFUSE({function})\n" for function in functions_to_stand_in(user, library))
    subprocess.run([f"{triplet}-gcc", "-x", "c", "-", "-O2", "-fPIC", "-shared", "-nostdlib", "-fvisibility=hidden",
                    "-fno-builtin", "-s", f"-Wl,-soname,{name}", "-Wl,--build-id=none", "-Wl,-z,relro,-z,now",
                    "-Wl,-z,noexecstack", "-o", output], input=source, check=True, text=True)
