"""Packs the source of the running program into an archive, as the AGPL (section 13) requires.

The archive is made once, before the program serves, from the files that run. Only files that the
manifest names are packed, so that nothing else that lies in these folders is published: a key, a
configuration, an editor's copy. A named file is packed as it is now, also if it was modified. Names
are relative, owners and times are blank: the archive reveals nothing about the machine.

The manifest is `sources.txt`, one name a line: what git tracks. `make manifest` renews it.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import sys
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "server/process/sources.txt"
ROOT = Path(__file__).parents[2]
PACKAGES = ("onion", "server")

PRODUCTS = ("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis")
"""Folders that Python and our tools make. Neither packed nor strays."""

MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class SourceTree:
    """The files of the program: in a checkout, or where a wheel was installed."""

    root: Path

    @property
    def is_checkout(self) -> bool:
        """Whether the files lie as in the repository."""
        return (self.root / "pyproject.toml").is_file()

    def names(self) -> Sequence[str]:
        """The names that the manifest lists, in the order of the archive; at least its own."""
        try:
            text = (self.root / MANIFEST).read_text(encoding="utf-8")
        except OSError:
            text = MANIFEST
        return sorted(filter(None, text.split("\n")))

    def find(self, name: str) -> Path | None:
        """Find a named file; `None` if it is missing, or is reached by a link."""
        path = self.root.resolve() / self._place(name)
        return path if path.resolve() == path and path.is_file() else None

    def missing(self) -> Sequence[str]:
        """The names of files that cannot be packed."""
        return [name for name in self.names() if self.find(name) is None]

    def strays(self) -> Sequence[str]:
        """Everything in the folders of the source that the manifest does not name, by its path."""
        places = {self._place(name) for name in self.names()}
        top = self.root.iterdir() if self.is_checkout else ()
        found = {path.name for path in top if not path.is_dir() and path.name != ".git"}
        for folder in sorted({place.partition("/")[0] for place in places if "/" in place}):
            found.update(self._below(folder))
        return sorted(found - places)

    def _below(self, folder: str) -> Iterator[str]:
        for at, folders, files in os.walk(self.root / folder):
            here = Path(at).relative_to(self.root)
            links = [name for name in folders if (Path(at) / name).is_symlink()]
            folders[:] = [name for name in folders if name not in PRODUCTS]
            yield from ((here / name).as_posix() for name in [*files, *links])

    def _place(self, name: str) -> str:
        """Where a file lies, below the root. A wheel keeps all but its packages in `server`."""
        if self.is_checkout or name.startswith(tuple(f"{package}/" for package in PACKAGES)):
            return name
        return f"server/{name}" if name.startswith("templates/") else f"server/source/{name}"


def source_archive(name: str, tree: SourceTree | None = None) -> bytes:
    """Pack the source into a gzipped tar. A file that is missing is left out.

    Args:
        name: the top folder inside the archive.
        tree: whose files; by default those of the running program.
    """
    tree = tree or SourceTree(ROOT)
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for archive_path in tree.names():
            file = tree.find(archive_path)
            if file is None:
                continue
            info = tarfile.TarInfo(f"{name}/{archive_path}")
            content = file.read_bytes()
            info.size = len(content)
            info.mode = 0o755 if content.startswith(b"#!") else 0o644
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def warn_of_missing_sources(tree: SourceTree | None = None) -> None:
    """Warn on stderr if the archive will lack files; that stops nothing."""
    missing = (tree or SourceTree(ROOT)).missing()
    if missing:
        with contextlib.suppress(OSError):
            sys.stderr.write(
                f"sottovoce: the source archive lacks {listed(missing)}\n"
                "hint: restore these files, or renew the manifest with `make manifest`\n"
            )
            sys.stderr.flush()


def listed(names: Sequence[str]) -> str:
    """Write a few names, and how many more there are."""
    more = len(names) - MAX_NAMED
    return ", ".join(map(repr, names[:MAX_NAMED])) + (f" and {more} more" if more > 0 else "")
