"""The commands `keys` ask in a terminal without showing what is typed; elsewhere they refuse."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from onion import load_or_create_key, load_sealed_key, seal_key
from onion.sealed.box import MIN_COST
from server.supervisor.key.sealing import make_sealed
from server.supervisor.paths import Paths
from tests.e2e.terminal import Terminal
from tests.e2e.workspace import TOP, Workspace, command, sentence_and_hint

pytestmark = pytest.mark.slow

END_S = 60.0
PASSPHRASE = "vier Wörter und خانه"  # noqa: S105


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("k"))


@pytest.fixture
def paths(workspace: Workspace) -> Paths:
    return Paths(workspace.folder / "s")


def sealed_cheaply(paths: Paths) -> bytes:
    make_sealed(paths, lambda: PASSPHRASE, partial(seal_key, cost=MIN_COST))
    return paths.sealed_key.read_bytes()


def test_key_is_sealed_with_what_was_typed_twice_the_same(
    workspace: Workspace, paths: Paths
) -> None:
    address = load_or_create_key(paths.key).address
    with Terminal(workspace, "keys", "seal", "--folder", str(paths.folder)) as terminal:
        for question, typed in (
            ("New passphrase: ", "one thing"),
            ("The same again: ", "another thing"),
            ("New passphrase: ", PASSPHRASE),
            ("The same again: ", PASSPHRASE),
        ):
            terminal.wait_for(question, bound_s=END_S)
            terminal.press(f"{typed}\r")
        terminal.wait_for(
            f"the key is sealed: {paths.sealed_key}",
            "A disk may keep what was deleted",
            "Without the passphrase the address is lost",
            bound_s=END_S,
        )
        assert terminal.process.wait(END_S) == 0
        assert terminal.mode == terminal.initial_mode
        assert not any(typed in terminal.output for typed in ("thing", PASSPHRASE))
    assert [path.name for path in paths.folder.iterdir()] == ["onion.key.sealed"]
    assert load_sealed_key(paths.sealed_key, lambda: PASSPHRASE, 1).address == address


@pytest.mark.parametrize("arguments", [("keys", "open"), ("up",)], ids=["open", "up"])
def test_interrupted_question_changes_nothing(
    workspace: Workspace, paths: Paths, arguments: tuple[str, ...]
) -> None:
    before = sealed_cheaply(paths)
    with Terminal(workspace, *arguments, "--folder", str(paths.folder)) as terminal:
        terminal.wait_for("Passphrase of the key: ", bound_s=END_S)
        # A signal that comes in the moment before Python begins to read is seen with the next key.
        for _ in range(int(END_S)):
            terminal.press("\x03")
            with suppress(subprocess.TimeoutExpired):
                terminal.process.wait(1)
                break
        terminal.wait_for("sottovoce: ended without a passphrase; nothing was changed")
        assert (terminal.process.returncode, terminal.mode) == (1, terminal.initial_mode)
        assert "Traceback" not in terminal.output
    assert [path.read_bytes() for path in paths.folder.iterdir()] == [before]


def test_without_a_terminal_nobody_is_asked_and_nothing_is_changed(
    workspace: Workspace, paths: Paths
) -> None:
    before = sealed_cheaply(paths)
    folder = ("--folder", paths.folder)
    refused = workspace.run("keys", "open", *folder)
    assert sentence_and_hint(refused)[0] == "there is no terminal to ask for the passphrase"
    sentence, hint = sentence_and_hint(workspace.run("up", *folder))
    assert sentence.startswith(f"the key in {paths.folder} is sealed, and there is no terminal")
    assert "--passphrase-fd" in hint
    sentence, _ = sentence_and_hint(workspace.run("up", *folder, "--passphrase-fd", "0"))
    assert sentence == "the passphrase is empty"
    assert [path.read_bytes() for path in paths.folder.iterdir()] == [before]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (f"{PASSPHRASE}\n", "/nowhere/torrc cannot be read"),
        ("other\n", "this passphrase does not open the key"),
    ],
    ids=["right", "wrong"],
)
def test_start_goes_on_only_with_the_passphrase_that_it_reads(
    workspace: Workspace, paths: Paths, typed: str, sentence: str
) -> None:
    sealed_cheaply(paths)
    # A file with torrc lines that does not exist ends the start after the key was opened.
    arguments = ("up", "--folder", paths.folder, "--torrc", Path("/nowhere/torrc"))
    ran = subprocess.run(
        command(*arguments, "--passphrase-fd", "0"),
        cwd=TOP,
        env=workspace.environment(),
        input=typed,
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )
    assert sentence in sentence_and_hint(ran)[0]
