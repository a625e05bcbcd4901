"""Libraries that are linked with and never called: small files of the same names stand in for them.

Debian's libraries can do more than this program lets them, and name other libraries for it: a third of all that the
closure would hold. A stand-in has what is named: functions that end the process with a word, but for those that are
called whatever is done, and data that is all zero. Debian's own file stays as Debian has made and mended it.
"""
import pathlib
import re
import subprocess
import tempfile
import textwrap

from elf import dynamic_symbols

LEFT_OUT = {user: re.compile(rf"lib({names})\.so\.\d+") for user, names in {
    # For scientific pictures, drawings, texts, animations and archives of tiles (src/codec/vips_runtime.cc).
    "libvips.so.42": r"archive|cairo|cfitsio|cgif|fftw3|fontconfig|gsf-1|imagequant|matio|OpenEXR-\d+_\d+|pango-1\.0|"
                     r"pangocairo-1\.0|pangoft2-1\.0|rsvg-2",
    # For other addresses than http:// and https:// and hosts not in ASCII (src/fetch/web_files.cc), for logins with
    # Kerberos, cookies and QUIC.
    "libcurl.so.4": r"gssapi_krb5|idn2|lber(-2\.5)?|ldap(-2\.5)?|nghttp3|psl|rtmp|ssh2",
    # For packing pictures that are not coded.
    "libheif.so.1": "brotlienc",
    # For lists of mounted disks and the labels of files; libvips asks for neither.
    "libgio-2.0.so.0": "mount|selinux",
    # The service speaks HTTP; what stands before it speaks TLS.
    "libmicrohttpd.so.12": "gnutls",
}.items()}

# Where a library is only begun or ended. They answer 0, which is success.
QUIET = {"gsf_init", "gsf_shutdown", "gnutls_global_init", "gnutls_global_deinit", "libssh2_init", "libssh2_exit"}

SOURCE = """
    extern long write(int, const void *, unsigned long);
    extern void abort(void) __attribute__((noreturn));
    #define EXPORTED __attribute__((visibility("default")))
    static void Refuse(const char *text, unsigned long size) {
      if (write(2, text, size) >= 0) abort();
      abort();
    }
    #define REFUSE(name) \\
      EXPORTED void name(void); \\
      void name(void) { \\
        static const char text[] = "@LIBRARY@ is left out of this package, but " #name " of it was called\\n"; \\
        Refuse(text, sizeof(text) - 1); \\
      }
    #define DO_NOTHING(name) \\
      EXPORTED int name(void); \\
      int name(void) { return 0; }
    #define ZERO(name, size) EXPORTED _Alignas(16) char name[size];
"""


def is_left_out(user, name):
    """Whether the library `name`, wanted by the file `user`, is replaced."""
    pattern = LEFT_OUT.get(user)
    return bool(pattern and pattern.fullmatch(name))


def symbols_to_stand_in(user, library):
    """What the file `user` wants of the file `library`: functions and data, or it cannot be left out."""
    wanted = {symbol.name for symbol in dynamic_symbols(user) if not symbol.defined}
    found = {symbol.name: symbol for symbol in dynamic_symbols(library) if symbol.defined and symbol.name in wanted}
    for symbol in found.values():
        if symbol.kind not in ("FUNC", "OBJECT"):
            raise ValueError(f"{library} cannot be left out: expected functions and data, but {user} wants "
                             f"{symbol.name}, which is {symbol.kind}")
    return [found[name] for name in sorted(found)]


def definition(symbol):
    if symbol.kind == "OBJECT":
        return f"ZERO({symbol.name}, {symbol.size})\n"
    return f"{'DO_NOTHING' if symbol.name in QUIET else 'REFUSE'}({symbol.name})\n"


def version_script(symbols):
    """For the linker: which version each symbol has, for users that ask for it by its version."""
    versions = sorted({symbol.version for symbol in symbols} - {""})
    return "".join(f"{version} {{ {' '.join(f'{each.name};' for each in symbols if each.version == version)} }};\n"
                   for version in versions) or "{ global: *; };\n"


def write_stand_in(user, library, name, output, triplet):
    """Writes a library `name` for `output`, by the compiler of that architecture. It needs no other library."""
    symbols = symbols_to_stand_in(user, library)
    source = textwrap.dedent(SOURCE).replace("@LIBRARY@", name) + "".join(map(definition, symbols))
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "versions")
        script.write_text(version_script(symbols))
        subprocess.run([f"{triplet}-gcc", "-x", "c", "-", "-O2", "-fPIC", "-shared", "-nostdlib", "-fvisibility=hidden",
                        "-fno-builtin", "-s", f"-Wl,-soname,{name}", f"-Wl,--version-script,{script}",
                        "-Wl,--build-id=none", "-Wl,-z,relro,-z,now", "-Wl,-z,noexecstack", "-o", output],
                       input=source, check=True, text=True)
