"""The house has doors where the plan says so, and nowhere else.

Imports are read from the source, not by importing it, so a forbidden import fails
here even when the package it names is not installed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FORBIDDEN = {
    # folder: top-level names and house folders it must not import
    "onion": {"server", "quart", "hypercorn", "tests"},
    "server": {"tests"},
    "server/core": {"onion", "server.store", "server.web", "server.guest", "quart", "hypercorn",
                    "asyncio", "time", "datetime", "random", "logging", "os", "pathlib", "socket",
                    "threading", "subprocess", "io", "sys"},
    "server/store": {"onion", "server.web", "server.guest", "quart", "hypercorn", "stem", "h11"},
    "server/web": {"onion", "stem", "server.guest", "server.serve", "server.http.listener",
                   "server.http.connection", "hypercorn"},
    "server/guest": {"onion", "stem", "server.web", "server.store", "server.core", "server.serve"},
    # It looks at a house from outside: what the chat is made of is nothing to it.
    "server/doctor": {"stem", "server.web", "server.store", "server.guest", "server.serve",
                      "server.http.listener", "server.admin", "quart", "hypercorn"},
}  # fmt: skip

ONLY_IN = {
    # package: the only files, or folders, that may import it
    "stem": ("onion/control.py",),
    "nacl": ("onion/keys.py", "server/core/crypto/seal.py"),
    "hypercorn": ("server/http/connection.py",),
    "h11": ("server/http/connection.py", "server/demo/text_browser.py"),
    "quart": ("server/web/",),
    "werkzeug": ("server/web/",),
    "jinja2": ("server/web/render/pages.py",),
    "segno": ("server/supervisor/qrcode.py",),
    "babel": ("server/locales/language.py",),
    "server.doctor": ("server/cli.py", "server/doctor/"),
    "random": (),
    "pickle": (),
}

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40


def source_files() -> list[str]:
    found = [*ROOT.glob("onion/**/*.py"), *ROOT.glob("server/**/*.py")]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def imports(file: str) -> Iterator[str]:
    """Yield the absolute dotted name of every module that `file` imports."""
    package = list(Path(file).parent.parts)
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *([node.module] if node.module else [])]
            yield ".".join(module)
            # `from . import room` names a module too.
            yield from (".".join([*module, alias.name]) for alias in node.names)


def is_under(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


every_file = pytest.mark.parametrize("file", source_files())


@every_file
def test_file_imports_only_what_its_folder_may(file: str) -> None:
    rules = [banned for folder, banned in FORBIDDEN.items() if file.startswith(folder + "/")]
    banned = set[str]().union(*rules)
    assert not [name for name in imports(file) for b in banned if is_under(name, b)]


@every_file
def test_outside_library_is_imported_in_one_place(file: str) -> None:
    barred = [package for package, homes in ONLY_IN.items() if not file.startswith(homes or ("-",))]
    assert not [name for name in imports(file) for b in barred if is_under(name, b)]


@pytest.mark.parametrize("file", [f for f in source_files() if f.startswith("server/core/")])
def test_core_stands_on_the_standard_library_and_on_itself(file: str) -> None:
    # What may import PyNaCl is in the table above.
    allowed = set(sys.stdlib_module_names) | {"server", "nacl"}
    assert not [name for name in imports(file) if name.partition(".")[0] not in allowed]
    assert not [n for n in imports(file) if is_under(n, "server") and not core_or_top(n)]


def core_or_top(name: str) -> bool:
    return is_under(name, "server.core")


@pytest.mark.parametrize("file", [f for f in source_files() if f.startswith("server/core/")])
def test_core_waits_for_nothing(file: str) -> None:
    waits = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
    assert not [node.lineno for node in ast.walk(parsed(file)) if isinstance(node, waits)]


@every_file
def test_only_the_command_line_prints(file: str) -> None:
    if file in {"server/cli.py"}:
        return
    named = [node.func for node in ast.walk(parsed(file)) if isinstance(node, ast.Call)]
    assert not [call.lineno for call in named if isinstance(call, ast.Name) and call.id == "print"]


@every_file
def test_file_is_short_and_so_is_each_function(file: str) -> None:
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES
    functions = [
        node
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert not [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= MAX_FUNCTION_LINES]


@every_file
def test_file_says_in_its_first_line_what_it_is(file: str) -> None:
    said = ast.get_docstring(parsed(file))
    assert said
    assert said.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "manager", "misc", "base_utils"])
def test_no_file_is_a_drawer(name: str) -> None:
    assert not [file for file in source_files() if Path(file).stem == name]
