"""Strays beside the program, and files that the source archive lacks, are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.doctor.findings import State
from server.doctor.source import check_source
from server.process.source_archive import MANIFEST, SourceTree


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    (tmp_path / MANIFEST).parent.mkdir(parents=True)
    (tmp_path / MANIFEST).write_text(f"pyproject.toml\nserver/serve.py\n{MANIFEST}\n")
    for name in ("pyproject.toml", "server/serve.py"):
        (tmp_path / name).touch()
    return SourceTree(tmp_path)


def test_program_alone_holds(tree: SourceTree) -> None:
    (tree.root / "server" / "__pycache__").mkdir()
    (tree.root / "server" / "__pycache__" / "serve.pyc").touch()
    assert check_source(tree).state is State.HOLDS


@pytest.mark.checklist(49)
def test_strays_are_named(tree: SourceTree) -> None:
    for name in (".env", *(f"note{number}" for number in range(6))):
        (tree.root / "server" / name).touch()
    found = check_source(tree)
    assert found.state is State.NOTED
    assert "'server/.env'" in found.sentence
    assert found.sentence.endswith("and 2 more")
    assert found.hint


def test_missing_source_is_named(tree: SourceTree) -> None:
    (tree.root / "server" / "serve.py").unlink()
    found = check_source(tree)
    assert (found.state, "'server/serve.py'" in found.sentence) == (State.NOTED, True)
