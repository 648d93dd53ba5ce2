"""Packages import downwards only, each library is imported in one place, the core does no I/O.

Imports are read from the source, not by importing it, so a forbidden import fails here even when
the package it names is not installed. The tree is parsed once for all rules.

`docs/architecture.md` draws the same table; the last test here holds that it does.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARCHITECTURE = ROOT / "docs" / "architecture.md"

PACKAGES: dict[str, tuple[str, ...]] = {
    # package: those that it may import. Each stands above all that it imports.
    "server/__main__.py": ("server/cli.py",),
    "server/cli.py": (
        *("server/serve.py", "server/admin.py", "server/doctor", "server/supervisor"),
        "server/first_start",
        *("server/demo", "server/config", "server/sandbox", "server/core", "onion"),
    ),
    "server/doctor": (
        *("server/supervisor", "server/process", "server/sandbox", "server/core", "onion"),
    ),
    "server/first_start": (
        *("server/supervisor", "server/config", "server/sandbox", "server/locales"),
        *("server/core", "onion"),
    ),
    "server/demo": (
        *("server/supervisor", "server/admin.py", "server/sandbox", "server/core", "onion"),
    ),
    "server/supervisor": (
        *("server/config", "server/process", "server/sandbox", "server/core", "onion"),
    ),
    "server/serve.py": (
        *("server/admin.py", "server/web", "server/config", "server/store/memory"),
        *("server/store/contract", "server/stream", "server/http", "server/process"),
        *("server/sandbox", "server/locales", "server/core"),
    ),
    "server/admin.py": ("server/web", "server/process", "server/core"),
    "server/web": (
        *("server/store/contract", "server/stream", "server/http", "server/locales"),
        "server/core",
    ),
    "server/store/memory": ("server/store/contract", "server/stream", "server/core"),
    "server/store/contract": ("server/stream", "server/core"),
    "server/http": ("server/stream", "server/core"),
    "server/stream": ("server/core",),
    "server/config": ("server/locales", "server/core"),
    "server/locales": (),
    "server/process": ("server/core",),
    "server/sandbox": ("server/core",),
    "server/core": (),
    "onion": (),
}

ONLY_IN = {
    # package: the only files, or folders, that may import it
    "stem": ("onion/control.py",),
    "nacl": ("onion/keys.py", "onion/sealed/box.py", "server/core/crypto/seal.py"),
    "hypercorn": ("server/http/connection.py",),
    "h11": ("server/http/connection.py", "server/http/ready.py", "server/demo/text_browser.py"),
    "quart": ("server/web/",),
    "werkzeug": ("server/web/",),
    "jinja2": ("server/web/render/pages.py",),
    "segno": ("server/supervisor/terminal/qrcode.py",),
    "rich": ("server/supervisor/live_status.py",),
    "babel": ("server/locales/language.py",),
    "random": (),
    "pickle": (),
}

NOT_IN_THE_CORE = frozenset({
    "asyncio", "time", "datetime", "random", "logging", "os", "pathlib", "socket", "threading",
    "subprocess", "io", "sys",
})  # fmt: skip
"""Modules of the standard library that read a clock, wait, or reach outside of the process."""

PRINTS = frozenset({"server/cli.py"})
DRAWERS = frozenset({"utils", "helpers", "common", "manager", "misc", "base_utils"})
MAX_LOOSE_MODULES = 20
"""Modules in one folder, and packages in the table."""


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the program by its path, parsed once."""
    files = sorted([*ROOT.glob("onion/**/*.py"), *ROOT.glob("server/**/*.py")])
    return {
        str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in files
    }


@cache
def imports(file: str) -> tuple[str, ...]:
    """The absolute dotted names that a file imports; of `from a import b` both `a` and `a.b`."""
    return tuple(_imports(file))


def _imports(file: str) -> Iterator[str]:
    package = list(Path(file).parent.parts)
    for node in ast.walk(trees()[file]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *([node.module] if node.module else [])]
            yield ".".join(module)
            yield from (".".join([*module, alias.name]) for alias in node.names)


def file_of(name: str) -> str | None:
    """The file of a module of ours; `None` for what is none."""
    path = name.replace(".", "/")
    return next((file for file in (f"{path}.py", f"{path}/__init__.py") if file in trees()), None)


def imported_files(file: str) -> set[str]:
    """The modules of ours that a file imports."""
    return {found for name in imports(file) if (found := file_of(name))} - {file}


def package_of(file: str) -> str | None:
    """The package of the table that a file is in; `None` for an `__init__.py` above them."""
    return next(
        (package for package in PACKAGES if file == package or file.startswith(f"{package}/")), None
    )


def is_under(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_every_module_is_in_a_package_of_the_table() -> None:
    homeless = {file for file in trees() if package_of(file) is None}
    assert homeless == {"server/__init__.py", "server/store/__init__.py"}


def test_packages_import_what_the_table_allows() -> None:
    forbidden = [
        f"{file} imports {found}"
        for file in trees()
        for found in imported_files(file)
        if (here := package_of(file)) and (there := package_of(found))
        if there != here and there not in PACKAGES[here]
    ]
    assert not forbidden


def test_packages_have_an_order() -> None:
    order = list(PACKAGES)
    upwards = [
        (package, below)
        for package, allowed in PACKAGES.items()
        for below in allowed
        if order.index(below) <= order.index(package)
    ]
    assert not upwards, "a package may import only those that stand below it in the table"


def test_modules_do_not_import_in_a_circle() -> None:
    done, path = set[str](), list[str]()

    def visit(file: str) -> None:
        assert file not in path, [*path[path.index(file) :], file]
        if file in done:
            return
        path.append(file)
        for found in sorted(imported_files(file)):
            # Importing a module runs its packages' `__init__.py`; those only hand names on.
            if not file.endswith("__init__.py") and not found.endswith("__init__.py"):
                visit(found)
        done.add(path.pop())

    for file in trees():
        visit(file)


def test_library_is_imported_in_one_place() -> None:
    elsewhere = [
        f"{file} imports {name}"
        for file in trees()
        for package, homes in ONLY_IN.items()
        for name in imports(file)
        if is_under(name, package) and not file.startswith(homes or ("-",))
    ]
    assert not elsewhere


def core_files() -> list[str]:
    return [file for file in trees() if file.startswith("server/core/")]


def test_core_stands_on_the_standard_library_and_on_itself() -> None:
    # What may import PyNaCl is in the table above.
    allowed = (set(sys.stdlib_module_names) | {"server", "nacl"}) - NOT_IN_THE_CORE
    assert not [
        f"{file} imports {name}"
        for file in core_files()
        for name in imports(file)
        if name.partition(".")[0] not in allowed
    ]


def test_core_waits_for_nothing() -> None:
    waits = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
    assert not [
        f"{file}:{node.lineno}"
        for file in core_files()
        for node in ast.walk(trees()[file])
        if isinstance(node, waits)
    ]


def test_program_does_not_import_its_tests() -> None:
    assert not [file for file in trees() for name in imports(file) if is_under(name, "tests")]


def test_only_the_command_line_prints() -> None:
    assert not [
        f"{file}:{call.lineno}"
        for file in trees().keys() - PRINTS
        for call in ast.walk(trees()[file])
        if isinstance(call, ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id == "print"
    ]


def test_module_says_in_its_first_line_what_it_is() -> None:
    silent = []
    for file, tree in trees().items():
        first, *_ = (ast.get_docstring(tree) or "").splitlines() or [""]
        if not first.endswith((".", ":")):
            silent.append(file)
    assert not silent


def test_no_module_is_a_drawer() -> None:
    assert not [file for file in trees() if Path(file).stem in DRAWERS]


def test_folders_hold_few_modules() -> None:
    loose = Counter(str(Path(file).parent) for file in trees() if Path(file).name != "__init__.py")
    assert not {folder: count for folder, count in loose.items() if count > MAX_LOOSE_MODULES}
    assert len(PACKAGES) <= MAX_LOOSE_MODULES


def test_architecture_document_has_the_same_table() -> None:
    drawn = {
        row[1]: set(re.findall(r"`([\w/.]+?)/?`", row[2]))
        for row in re.finditer(
            r"^\| `([\w/.]+?)/?` \|[^|]*\|([^|]*)\|$",
            ARCHITECTURE.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    assert drawn == {package: set(allowed) for package, allowed in PACKAGES.items()}
