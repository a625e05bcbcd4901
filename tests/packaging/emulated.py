"""A root of 64 bit ARM that this machine enters: its program is started by an emulator that lies in the root."""
import os
import pathlib
import shutil
import unittest

from arm_boards import write_system_files
from packaged import ROOTS
from elf import read_elf

PLACE = "qemu"
PROGRAM = f"/{PLACE}/gpen"


def static_emulator():
    """qemu's emulation of programs, which needs no library: Debian 13's, or that of the root that builds for ARM."""
    found = [shutil.which("qemu-aarch64-static"), shutil.which("qemu-aarch64"), ROOTS / "trixie/usr/bin/qemu-aarch64"]
    for path in found:
        if path and os.path.exists(path) and not read_elf(path).needed:
            return pathlib.Path(path)
    raise unittest.SkipTest("no qemu-aarch64 that needs no libraries: install qemu-user-static")


def add_emulator(root, board, program):
    """PROGRAM in the root then starts `program` as on the board, and is named as what starts it again."""
    place = root / PLACE
    place.mkdir()
    shutil.copy(static_emulator(), place / "qemu-aarch64")
    shutil.copy(shutil.which("busybox"), place / "busybox")
    write_system_files(place / "board", board)
    launcher = root / PROGRAM.lstrip("/")
    launcher.write_text(f"#!/{PLACE}/busybox sh\nexport GPEN_LAUNCHER={PROGRAM}\n"
                        f'exec /{PLACE}/qemu-aarch64 -cpu {board.processor} -L /{PLACE}/board {program} "$@"\n')
    launcher.chmod(0o755)
    for folder in "proc", "dev":
        (root / folder).mkdir(exist_ok=True)
