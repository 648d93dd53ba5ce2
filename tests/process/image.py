"""Read the memory of a running process from outside, as an attacker who has the machine could.

The search runs in another process, so that the needles never enter the searched memory.

    python -m tests.process.image PID NEEDLE...
"""

from __future__ import annotations

import base64
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote_plus

CAP_SYS_PTRACE = 19
"""The capability to read a process that is not dumpable. Source: `linux/capability.h`."""

FORMS = "UTF-8, UTF-16, UTF-32 and percent-encoded; secrets raw, in base64url and hexadecimal"

KERNEL_MAPPINGS = ("[vvar", "[vsyscall]")
"""Name prefixes of mappings that belong to the kernel and cannot be read."""

Needle = str | bytes
"""Text that a visitor typed, or the bytes of a secret."""


@dataclass(frozen=True, slots=True)
class Image:
    """What was searched, and what was found."""

    mappings: int
    size_bytes: int
    needles: int
    found: Counter[Needle]
    """How often each needle was found, in any form."""

    def __str__(self) -> str:
        return (
            f"searched {self.size_bytes / 2**20:.0f} MiB in {self.mappings} mappings for "
            f"{self.needles} needles ({FORMS}): {self.found.total()} found{self._named()}"
        )

    def _named(self) -> str:
        """Name the found needles; a secret is not printed."""
        names = {needle: needle if isinstance(needle, str) else "a secret" for needle in self.found}
        return "".join(f", {names[needle]} {times} times" for needle, times in self.found.items())


def image(pid: int, needles: Collection[Needle]) -> Image:
    """Search the whole memory of a process.

    Raises:
        PermissionError: if the kernel does not allow it.
    """
    wanted = [(needle, form) for needle in needles for form in forms(needle)]
    found: Counter[Needle] = Counter()
    mappings = size_bytes = 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end in _mappings(pid):
            data = _read(memory, start, end)
            mappings, size_bytes = mappings + 1, size_bytes + len(data)
            for needle, form in wanted:
                found[needle] += data.count(form)
    return Image(mappings, size_bytes, len(needles), +found)


def below_the_stack(pid: int, between: range) -> bytes:
    """Read below the used part of a process's stack, while the process waits.

    Args:
        pid: of the process.
        between: distance below the stack pointer in bytes: from, to.

    Raises:
        PermissionError: if the kernel does not allow it.

    Source:
        proc(5), `syscall`: the stack pointer is the second word from the end.
    """
    while len(words := Path(f"/proc/{pid}/syscall").read_text().split()) < 3:
        pass  # the process is running; it soon waits again
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        top = int(words[-2], 16)
        return _read(memory, top - between.stop, top - between.start)


def forms(needle: Needle) -> set[bytes]:
    """Return the forms in which a needle can be in memory."""
    if isinstance(needle, bytes):
        return {needle, base64.urlsafe_b64encode(needle).rstrip(b"="), needle.hex().encode()}
    percent = quote_plus(needle)
    texts = {needle, percent, percent.lower()}
    return {text.encode() for text in texts} | {needle.encode(f"utf-{n}-le") for n in (16, 32)}


def can_read_memory() -> bool:
    """Whether this process may read the memory of one that is not dumpable."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (capabilities,) = [line.split()[1] for line in lines if line.startswith("CapEff:")]
    return bool(int(capabilities, 16) >> CAP_SYS_PTRACE & 1)


def _mappings(pid: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each readable mapping."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        where, rights, *rest = line.split(maxsplit=5)
        name = rest[3] if len(rest) > 3 else ""
        if rights.startswith("r") and not name.startswith(KERNEL_MAPPINGS):
            start, _, end = where.partition("-")
            yield int(start, 16), int(end, 16)


def _read(memory: BinaryIO, start: int, end: int) -> bytes:
    """Read all bytes of a mapping."""
    memory.seek(start)
    parts = []
    while start < end and (part := memory.read(end - start)):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


if __name__ == "__main__":
    sys.stdout.write(f"{image(int(sys.argv[1]), sys.argv[2:])}\n")
