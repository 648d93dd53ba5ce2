"""The stylesheet: loaded once, minified, under a URL that contains its hash."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


def minify(text: str) -> str:
    """Remove comments and redundant white space from a stylesheet, because bytes are costly."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,>+])\s*", r"\1", text)
    return re.sub(r":\s+", ":", text).replace(";}", "}").strip()


class Stylesheet:
    """The stylesheet's body and path, the same for all visitors; browsers may cache it."""

    def __init__(self, file: Path) -> None:
        self.body = minify(file.read_text(encoding="utf-8")).encode()
        self.path = f"/{hashlib.blake2b(self.body, digest_size=4).hexdigest()}.css"
