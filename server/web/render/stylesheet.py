"""The one stylesheet: read once, squeezed, under a URL that changes with it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


def squeeze(text: str) -> str:
    """Take comments and needless white space out of a stylesheet: a reader pays for each byte."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,>])\s*", r"\1", text)
    return re.sub(r":\s+", ":", text).replace(";}", "}").strip()


class Stylesheet:
    """What the browser keeps for as long as the session: the same for everybody."""

    def __init__(self, file: Path) -> None:
        self.body = squeeze(file.read_text(encoding="utf-8")).encode()
        self.path = f"/{hashlib.blake2b(self.body, digest_size=4).hexdigest()}.css"
