"""Holds every #include, and the table of docs/ARCHITECTURE.md, to the module graph of src/CMakeLists.txt.

CMake writes the graph to a file (cmake/GpenModule.cmake): GPEN_MODULE_GRAPH says which, else it is the release build's.
"""
import json
import os
import pathlib
import re
import typing
import unittest

from our_files import ROOT, name_of, our_files


class Library(typing.NamedTuple):
    """A third-party library: its header, or the header's folder, and its name in docs/ARCHITECTURE.md."""
    header: str
    name: str
    may_show: bool = False  # In headers that other modules include.


# By CMake target. A module may include a library's headers if its LIBRARIES have the target.
LIBRARIES = {
    "fmt::fmt": Library("fmt", "fmt", may_show=True),
    "OpenSSL::Crypto": Library("openssl", "OpenSSL"),
    "OpenSSL::SSL": Library("openssl", "OpenSSL"),
    "PkgConfig::SQLITE": Library("sqlite3.h", "SQLite"),
    "PkgConfig::SECCOMP": Library("seccomp.h", "libseccomp"),
    "PkgConfig::VIPS": Library("vips", "libvips"),
    "PkgConfig::HEIF": Library("libheif", "libheif"),
    "PkgConfig::JPEG": Library("jpeglib.h", "libjpeg"),
    "PkgConfig::WEBP": Library("webp", "libwebp"),
    "PkgConfig::LCMS": Library("lcms2.h", "lcms2"),
    "ZLIB::ZLIB": Library("zlib.h", "zlib"),
    "PkgConfig::HWY": Library("hwy", "Highway"),
    "onnxruntime": Library("onnxruntime_cxx_api.h", "ONNX Runtime"),
    "nlohmann_json::nlohmann_json": Library("nlohmann", "nlohmann/json"),
    "PkgConfig::MICROHTTPD": Library("microhttpd.h", "libmicrohttpd"),
    "PkgConfig::CURL": Library("curl", "libcurl"),
    "PkgConfig::TOMLPLUSPLUS": Library("toml++", "toml++"),
}
# fmt is a part of every module's language, as is tl::expected, which has headers and no target.
EVERYWHERE = {"fmt"}
WITHOUT_TARGET = {"base": ["tl::expected"]}
# apps/gpen is no module: it may use all of them, and these.
APP_LIBRARIES = {"nlohmann"}


class Include(typing.NamedTuple):
    file: str  # From the tree's root.
    line: int
    quoted: bool
    target: str


def includes_in(file, text):
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#include\s+(["<])([^">]+)[">]', line)
        if match:
            yield Include(file, number, match.group(1) == '"', match.group(2))


def read_graph(path):
    """{module: {"uses": [...], "libraries": [...]}}, in the order of src/CMakeLists.txt."""
    lines = pathlib.Path(path).read_text().splitlines()
    return {module.pop("name"): module for module in map(json.loads, lines)}


def first_part(target):
    return target.split("/")[0]


def module_of(file):
    parts = file.split("/")
    return parts[1] if parts[0] == "src" else parts[0]


def is_test(file):
    stem = pathlib.PurePosixPath(file).stem
    return stem.endswith("_test") or stem.startswith("test_")


def faults_of_includes(graph, includes):
    """Includes that the graph does not allow, as sentences."""
    by_header = {}
    for target, library in LIBRARIES.items():
        by_header.setdefault(library.header, []).append(target)
    shows = {}  # Headers of ours that show a library, and which.
    for include in includes:
        library = LIBRARIES.get(by_header.get(first_part(include.target), [None])[0])
        if include.file.endswith(".h") and not include.quoted and library and not library.may_show:
            shows[include.file.removeprefix("src/")] = library.name
    for include in includes:
        module, first = module_of(include.file), first_part(include.target)
        where = f"{include.file}:{include.line}"
        uses = graph.get(module, {"uses": list(graph), "libraries": []})
        if include.quoted:
            if first in graph and first != module and first not in uses["uses"]:
                yield f"{where}: module {module} may not use {include.target}"
            if include.target in shows and first != module:
                yield f"{where}: {include.target} shows {shows[include.target]}, which belongs inside {first}"
        elif first in by_header and first not in EVERYWHERE and not is_test(include.file):
            allowed = module == "apps" and first in APP_LIBRARIES
            if not allowed and not set(by_header[first]) & set(uses["libraries"]):
                yield f"{where}: module {module} has no {' or '.join(by_header[first])} among its LIBRARIES"


def unused_arrows(graph, includes):
    """What a module may use and does not: the graph says no more than is true."""
    used = {(module_of(include.file), first_part(include.target)) for include in includes}
    for module, row in graph.items():
        for name in row["uses"]:
            if (module, name) not in used:
                yield f"module {module} USES {name}, but includes nothing of it"
        for target in row["libraries"]:
            if target not in LIBRARIES:
                yield f"module {module}: the library {target} has no row in {pathlib.Path(__file__).name}"
            elif (module, LIBRARIES[target].header) not in used:
                yield f"module {module} has {target} among its LIBRARIES, but includes nothing of it"


def read_table(text):
    """The rows of ARCHITECTURE's table of modules: [(module, {used}, {third party})], `all above` spelled out."""
    rows = []
    for name, uses, libraries in re.findall(r"^\| `([\w/]+)` \|[^|]*\|([^|]*)\|([^|]*)\|$", text, re.MULTILINE):
        listed = {cell: {part.strip() for part in cell.split(",")} - {"-"} for cell in (uses, libraries)}
        used = {row[0] for row in rows} if uses.strip() in ("all", "all above") else listed[uses]
        rows.append((name, used, listed[libraries]))
    return rows


def faults_of_table(graph, rows):
    """Where ARCHITECTURE's table says something else than the graph."""
    rows = [row for row in rows if row[0] != "apps/gpen"]
    if [row[0] for row in rows] != list(graph):
        yield f"expected the modules {', '.join(graph)}, found {', '.join(row[0] for row in rows)}"
        return
    for name, used, libraries in rows:
        expected = {LIBRARIES[target].name for target in graph[name]["libraries"]} | set(WITHOUT_TARGET.get(name, []))
        if used != set(graph[name]["uses"]):
            yield f"{name} may use {', '.join(graph[name]['uses']) or '-'}, found {', '.join(sorted(used)) or '-'}"
        if libraries != expected:
            yield f"{name} keeps {', '.join(sorted(expected)) or '-'}, found {', '.join(sorted(libraries)) or '-'}"


class ModuleGraph(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.graph = read_graph(os.environ.get("GPEN_MODULE_GRAPH", ROOT / "build/release/module_graph.jsonl"))
        cls.includes = [include for path in our_files(".h", ".cc") if name_of(path).startswith(("src/", "apps/"))
                        for include in includes_in(name_of(path), path.read_text())]

    def test_every_include_follows_an_arrow(self):
        self.assertEqual([], list(faults_of_includes(self.graph, self.includes)))

    def test_every_arrow_is_used(self):
        self.assertEqual([], list(unused_arrows(self.graph, self.includes)))

    def test_every_folder_is_a_module(self):
        folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
        self.assertEqual(set(self.graph), folders)

    def test_the_table_says_the_same(self):
        rows = read_table((ROOT / "docs/ARCHITECTURE.md").read_text())
        self.assertEqual([], list(faults_of_table(self.graph, rows)))


class TheCheckCanFail(unittest.TestCase):
    """Each kind of fault, in a small tree that has it."""

    GRAPH = {"base": {"uses": [], "libraries": ["fmt::fmt"]},
             "codec": {"uses": ["base"], "libraries": ["PkgConfig::VIPS"]},
             "api": {"uses": ["codec", "base"], "libraries": []}}

    def faults(self, file, line, others=()):
        files = [("src/codec/photo.h", "#include <vector>"), *others, (file, line)]
        includes = [include for name, text in files for include in includes_in(name, text)]
        return list(faults_of_includes(self.GRAPH, includes))

    def test_what_is_right_passes(self):
        self.assertEqual([], self.faults("src/api/routes.cc", '#include "codec/photo.h"\n#include <fmt/format.h>'))
        self.assertEqual([], self.faults("src/codec/decode.cc", "#include <vips/vips.h>"))
        self.assertEqual([], self.faults("src/base/file_test.cc", "#include <vips/vips.h>"))
        self.assertEqual([], self.faults("apps/gpen/main.cc", '#include "api/routes.h"\n#include <nlohmann/json.hpp>'))

    def test_an_arrow_that_is_not_there(self):
        self.assertEqual(["src/base/file.cc:1: module base may not use codec/photo.h"],
                         self.faults("src/base/file.cc", '#include "codec/photo.h"'))

    def test_a_library_of_another_module(self):
        self.assertEqual(["src/api/routes.cc:1: module api has no PkgConfig::VIPS among its LIBRARIES"],
                         self.faults("src/api/routes.cc", "#include <vips/vips.h>"))
        self.assertEqual(["apps/gpen/main.cc:1: module apps has no PkgConfig::VIPS among its LIBRARIES"],
                         self.faults("apps/gpen/main.cc", "#include <vips/vips.h>"))

    def test_a_header_that_shows_a_library(self):
        shown = ("src/codec/loader.h", "#include <vips/vips.h>")
        self.assertEqual(["src/api/routes.cc:1: codec/loader.h shows libvips, which belongs inside codec"],
                         self.faults("src/api/routes.cc", '#include "codec/loader.h"', [shown]))

    def test_an_arrow_that_nobody_uses(self):
        includes = list(includes_in("src/codec/decode.cc", '#include "base/file.h"\n#include <vips/vips.h>'))
        self.assertEqual(["module base has fmt::fmt among its LIBRARIES, but includes nothing of it",
                          "module api USES codec, but includes nothing of it",
                          "module api USES base, but includes nothing of it"],
                         list(unused_arrows(self.GRAPH, includes)))

    def test_a_table_that_says_something_else(self):
        table = ("| `base` | files | - | fmt, tl::expected |\n| `codec` | photos | base | libvips |\n"
                 "| `api` | routes | {} | {} |\n| `apps/gpen` | main | all | CLI11 |\n")
        self.assertEqual([], list(faults_of_table(self.GRAPH, read_table(table.format("all above", "-")))))
        self.assertEqual(["api may use codec, base, found codec", "api keeps -, found zlib"],
                         list(faults_of_table(self.GRAPH, read_table(table.format("codec", "zlib")))))
        self.assertEqual(["expected the modules base, codec, api, found base, codec"],
                         list(faults_of_table(self.GRAPH, read_table(table)[:2])))


if __name__ == "__main__":
    unittest.main()
