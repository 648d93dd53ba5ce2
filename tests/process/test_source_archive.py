"""The source archive contains the files that its manifest names, and nothing else."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.process.source_archive import MANIFEST, SourceTree, source_archive
from server.web.views.static_pages import SOURCE_PATH

from .server_process import LaunchOptions, running_server

TOP = Path(__file__).parents[2]
BUILD_S = 120


def unpack(packed: bytes) -> dict[str, bytes]:
    """Return name -> content of an archive whose top folder is `x`."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = {info: archive.extractfile(info) for info in archive.getmembers()}
        return {info.name.removeprefix("x/"): file.read() for info, file in files.items() if file}


def make_tree(top: Path, files: Mapping[str, str], *unnamed: str) -> SourceTree:
    """Make a checkout whose manifest names `files`, with others beside them."""
    named = {"pyproject.toml": "", **files}
    manifest = "".join(f"{name}\n" for name in [*named, MANIFEST])
    for name, text in {**named, **dict.fromkeys(unnamed, "secret"), MANIFEST: manifest}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return SourceTree(top)


def test_manifest_names_what_git_tracks() -> None:
    tree = SourceTree(TOP)
    names = (TOP / MANIFEST).read_text().splitlines()
    assert names == sorted(set(names))
    assert not [name for name in names if name.startswith("/") or ".." in name.split("/")]
    assert {name for name in names if "/." in f"/{name}"} == {".ci/run", ".gitignore"}
    if (TOP / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, check=True)
        assert names == listed.stdout.decode().splitlines(), "run: make manifest"
    else:  # unpacked from an archive: then nothing else may lie here
        assert (tree.strays(), tree.missing()) == ([], [])


@pytest.mark.checklist(49)
@pytest.mark.parametrize(
    "stray",
    [
        *("server/.env", "server/onion.key", "server/notes", "server/serve.py~", "server/copy.py"),
        *("tests/trace.json", ".env", "docs/.hidden/plan.md", "server/__pycache__/a.pyc"),
    ],
)
def test_file_that_is_not_named_is_not_packed(tmp_path: Path, stray: str) -> None:
    tree = make_tree(
        tmp_path, {"server/serve.py": "serve", "docs/a.md": "", "tests/a.py": ""}, stray
    )
    packed = unpack(source_archive("x", tree))
    assert set(packed) == set(tree.names())
    assert stray not in packed
    is_product = "__pycache__" in stray
    assert tree.strays() == ([] if is_product else [stray])


@pytest.mark.checklist(49)
def test_links_are_not_followed_or_packed(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "top", {"server/a.py": "a", "server/deep/b.py": "b"})
    (tmp_path / "secret").write_text("key")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.py").write_text("key")
    (tree.root / "server" / "a.py").unlink()
    (tree.root / "server" / "a.py").symlink_to(tmp_path / "secret")
    shutil.rmtree(tree.root / "server" / "deep")
    (tree.root / "server" / "deep").symlink_to(tmp_path / "elsewhere")
    assert set(unpack(source_archive("x", tree))) == {"pyproject.toml", MANIFEST}
    assert tree.missing() == ["server/a.py", "server/deep/b.py"]
    assert tree.strays() == ["server/deep"]


def test_modified_file_is_packed_as_it_runs(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"server/serve.py": "serve"})
    (tmp_path / "server" / "serve.py").write_text("changed by the operator")
    assert unpack(source_archive("x", tree))["server/serve.py"] == b"changed by the operator"


def test_missing_file_stops_nothing_and_is_reported(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"server/serve.py": "serve", "docs/a.md": "a"})
    (tmp_path / "docs" / "a.md").unlink()
    assert "server/serve.py" in unpack(source_archive("x", tree))
    assert tree.missing() == ["docs/a.md"]
    (tmp_path / MANIFEST).unlink()
    assert unpack(source_archive("x", tree)) == {}
    assert tree.missing() == [MANIFEST]


def build_wheel(source: Path, to: Path) -> Path:
    """Build a wheel without the network, and unpack it as an installer does."""
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*pip, "--wheel-dir", to, "."],
        cwd=source,
        env=environment,
        capture_output=True,
        timeout=BUILD_S,
        check=True,
    )
    (built,) = to.glob("*.whl")
    with zipfile.ZipFile(built) as wheel:
        wheel.extractall(to / "site")  # noqa: S202 built here, from our own files
    return to / "site"


async def test_wheel_from_the_archive_serves_the_same_archive(tmp_path: Path) -> None:
    own = source_archive("x")
    with tarfile.open(fileobj=io.BytesIO(own)) as archive:
        archive.extractall(tmp_path, filter="data")
    copy = SourceTree(tmp_path / "x")
    assert (copy.missing(), copy.strays()) == ([], [])
    assert source_archive("x", copy) == own
    installed = SourceTree(build_wheel(copy.root, tmp_path))
    assert not installed.is_checkout
    assert (installed.missing(), installed.strays()) == ([], [])
    assert source_archive("x", installed) == own
    # The installed program runs, and packs itself.
    launch = LaunchOptions(cwd=installed.root, variables={"PYTHONPATH": str(installed.root)})
    with running_server(tmp_path / "run", launch=launch) as server:
        served = (await server.browser().get(SOURCE_PATH)).body
        assert len(unpack(served)) == len(installed.names())


def test_server_that_lacks_a_file_says_so_and_serves(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for name in SourceTree(TOP).names():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / name, copy / name)
    (copy / "docs" / "promises.md").unlink()
    launch = LaunchOptions(cwd=copy, variables={"PYTHONPATH": str(copy)})
    with running_server(tmp_path / "run", launch=launch) as server:
        code, out, err = server.stop()
    assert (code, '"ready"' in out) == (0, True)
    assert "the source archive lacks 'docs/promises.md'" in err
