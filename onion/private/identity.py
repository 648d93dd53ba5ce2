"""Makes the keys of a directory authority, with tor's own tools."""

from __future__ import annotations

import os
from pathlib import Path

from onion.errors import TorDiedError
from onion.launch.folder import make_private_folder
from onion.launch.process import run_owned
from onion.launch.torrc import data_folder

from .plan import Authority, parse_identity, parse_listed

# The certificate's life. A network of this kind lives for hours.
_MONTHS = "12"
# Any authority will do: tor wants one before it reads a torrc of a testing network.
_DUMMY = "none orport=1 127.0.0.1:1 " + "F" * 40


async def make_authority(
    tor: Path, gencert: Path, folder: Path, nickname: str, or_port: int, dir_port: int
) -> Authority:
    """Make relay keys and a signing certificate inside an authority's folder.

    About half a second of a core.

    Raises:
        TorDiedError: if one of the tools fails.
        FolderError, DiskFullError: if the folder cannot be made.
    """
    data = Path(data_folder(folder))
    keys = make_private_folder(make_private_folder(data) / "keys")
    certificate = await _certify(gencert, keys, dir_port)
    printed = await run_owned(
        [
            str(tor), "--list-fingerprint", "--ignore-missing-torrc", "-f", str(folder / "none"),
            "--defaults-torrc", os.devnull, "--DataDirectory", str(data), "--Nickname", nickname,
            "--ORPort", str(or_port), "--DirAuthority", _DUMMY, "--Log", "warn stdout",
        ]
    )  # fmt: skip
    try:
        return Authority(
            nickname, or_port, dir_port, parse_identity(certificate), parse_listed(printed)
        )
    except ValueError as error:
        raise TorDiedError(0, str(error), program="the key making") from None


async def _certify(gencert: Path, keys: Path, dir_port: int) -> str:
    certificate = keys / "authority_certificate"
    # The passphrase protects a key that is thrown away in an hour; there is nothing to choose.
    reading, writing = os.pipe()
    try:
        os.write(writing, b"none\n")
        os.close(writing)
        await run_owned(
            [
                str(gencert), "--create-identity-key", "--passphrase-fd", "0", "-m", _MONTHS,
                "-a", f"127.0.0.1:{dir_port}", "-i", str(keys / "authority_identity_key"),
                "-s", str(keys / "authority_signing_key"), "-c", str(certificate),
            ],
            stdin=reading,
        )  # fmt: skip
    finally:
        os.close(reading)
    return certificate.read_text(encoding="ascii")
