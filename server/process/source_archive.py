"""Packs the source of the running program into an archive, as the AGPL (section 13) requires.

The archive is made once, before the program serves, from the files that run. Names are relative,
owners and times are blank: the archive reveals nothing about the machine on which it was made.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
ROOT = PACKAGE.parent
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
        name: the top folder inside the archive.
    """
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for archive_path, file in sorted(_files()):
            info = tarfile.TarInfo(f"{name}/{archive_path}")
            content = file.read_bytes()
            info.size = len(content)
            info.mode = 0o755 if content.startswith(b"#!") else 0o644
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _files() -> Iterator[tuple[str, Path]]:
    """Yield path in the archive and file, for a checkout or an installed wheel."""
    if (ROOT / "pyproject.toml").is_file():
        for folder in FOLDERS:
            yield from _files_below(ROOT / folder, folder)
        yield from ((name, ROOT / name) for name in FILES if (ROOT / name).is_file())
        return
    # A wheel contains the files from beside the packages in server/source and server/templates.
    yield from _files_below(ROOT / "onion", "onion")
    for archive_path, file in _files_below(PACKAGE, "server"):
        yield (
            archive_path.removeprefix("server/source/").replace("server/templates", "templates"),
            file,
        )


def _files_below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix in SUFFIXES and "__pycache__" not in file.parts:
            yield f"{name}/{file.relative_to(folder).as_posix()}", file
