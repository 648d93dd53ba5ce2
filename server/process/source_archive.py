"""The running program's source as an archive, as the AGPL (section 13) asks.

Made once, before the program serves, from the files that run. Names are relative, owners and
times are blank: the archive says nothing about the machine it was made on.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
TOP = PACKAGE.parent
FOLDERS = ("onion", "server", "templates", "tests", "bench", "docs", "requirements")
FILES = (
    ".ci/run",
    "LICENSE",
    "Makefile",
    "README.md",
    "pyproject.toml",
    "setup.sh",
    "torrc.example",
)
SUFFIXES = frozenset(
    {".py", ".html", ".css", ".md", ".po", ".pot", ".json", ".lock", ".sh", ".toml", ".cfg", ""}
)


def source_archive(name: str) -> bytes:
    """Pack the source into a gzipped tar.

    Args:
        name: the folder that everything stands in.
    """
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for inside, file in sorted(_files()):
            info = tarfile.TarInfo(f"{name}/{inside}")
            content = file.read_bytes()
            info.size = len(content)
            info.mode = 0o755 if content.startswith(b"#!") else 0o644
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def _files() -> Iterator[tuple[str, Path]]:
    """Yield path in the archive and file, of a checkout or of an installed wheel."""
    if (TOP / "pyproject.toml").is_file():
        for folder in FOLDERS:
            yield from _below(TOP / folder, folder)
        yield from ((name, TOP / name) for name in FILES if (TOP / name).is_file())
        return
    # In a wheel, what stood beside the packages travels in server/source and server/templates.
    yield from _below(TOP / "onion", "onion")
    for inside, file in _below(PACKAGE, "server"):
        yield inside.removeprefix("server/source/").replace("server/templates", "templates"), file


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix in SUFFIXES and "__pycache__" not in file.parts:
            yield f"{name}/{file.relative_to(folder).as_posix()}", file
