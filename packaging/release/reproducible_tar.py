"""Tar archives whose bits follow from their contents alone."""
import gzip
import pathlib
import subprocess
import tarfile


def write_tar(file, folder, name, time):
    """The folder's files below `name` ("" for none), sorted, all of one time and of root, modes 755 and 644."""
    folder = pathlib.Path(folder)
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        for path in [folder, *sorted(folder.rglob("*"))]:
            place = pathlib.PurePosixPath(name, path.relative_to(folder).as_posix())
            if str(place) == ".":
                continue
            entry = archive.gettarinfo(path, str(place))
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = time
            entry.mode = 0o755 if path.is_dir() or entry.mode & 0o100 else 0o644
            if entry.isreg():
                with open(path, "rb") as contents:
                    archive.addfile(entry, contents)
            else:
                archive.addfile(entry)


def write_tar_xz(output, folder, name, time, level=9):
    # One thread: blocks of several compress less, and then their number is in the bits.
    with open(output, "wb") as file:
        packer = subprocess.Popen(["xz", f"-{level}", "--threads=1", "--stdout"], stdin=subprocess.PIPE, stdout=file)
        write_tar(packer.stdin, folder, name, time)
        packer.stdin.close()
        if packer.wait() != 0:
            raise RuntimeError(f"xz could not write {output}")


def write_tar_gz(output, folder, name, time, level=9):
    with open(output, "wb") as file, gzip.GzipFile("", "wb", level, file, mtime=0) as packed:
        write_tar(packed, folder, name, time)
