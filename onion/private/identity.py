"""Generates the keys of a directory authority, with tor's own tools."""

from __future__ import annotations

import os
from pathlib import Path

from onion.errors import ToolFailedError
from onion.launch.folder import make_private_folder
from onion.launch.process import run_owned
from onion.launch.torrc import data_folder

from .plan import Authority, parse_fingerprint, parse_identity

# The lifetime of the certificate. A private network runs for hours.
_MONTHS = "12"
# Any value will do: tor requires a DirAuthority before it reads a torrc of a testing network.
_DUMMY = "none orport=1 127.0.0.1:1 " + "F" * 40


async def make_authority(
    tor: Path, gencert: Path, folder: Path, nickname: str, or_port: int, dir_port: int
) -> Authority:
    """Generate the relay keys and the signing certificate of an authority, in its folder.

    Takes about half a second of CPU time.

    Raises:
        ToolFailedError: if one of the tools fails.
        FolderError, DiskFullError: if the folder cannot be created.
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
            nickname, or_port, dir_port, parse_identity(certificate), parse_fingerprint(printed)
        )
    except ValueError as error:
        raise ToolFailedError("the key generation", 0, str(error)) from None


async def _certify(gencert: Path, keys: Path, dir_port: int) -> str:
    certificate = keys / "authority_certificate"
    # A fixed passphrase is enough: the key is deleted with the network, within hours.
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
