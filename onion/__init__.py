"""Tor's side: services, descriptors, circuits, keys; never rooms or messages."""

from .address import address_of
from .bootstrap import Progress
from .errors import (
    BootstrapStalledError,
    ControlRefusedError,
    DiskFullError,
    FolderError,
    KeyFileError,
    NoFreePortError,
    OnionError,
    ProgramMissingError,
    PublishFailedError,
    SocksError,
    TorDiedError,
    TorMissingError,
    TorTooOldError,
    UserTorrcError,
)
from .gather import gather
from .health import Health
from .keyfile import check_key_file, load_or_create
from .keys import ServiceKey
from .launch.process import OwnedProcess, run_owned, spawn_owned
from .launch.program import find_program, find_tor
from .launch.run_folder import run_folder
from .launch.torrc import Option, render_torrc
from .launch.user_torrc import read_user_torrc
from .launch.version import checked_tor
from .private import PrivateNetwork
from .probe import TorProgram, examine_tor, service_settings
from .service import OnionService
from .socks import open_through
from .spec import ServiceSpec

__all__ = [
    "BootstrapStalledError",
    "ControlRefusedError",
    "DiskFullError",
    "FolderError",
    "Health",
    "KeyFileError",
    "NoFreePortError",
    "OnionError",
    "OnionService",
    "Option",
    "OwnedProcess",
    "PrivateNetwork",
    "ProgramMissingError",
    "Progress",
    "PublishFailedError",
    "ServiceKey",
    "ServiceSpec",
    "SocksError",
    "TorDiedError",
    "TorMissingError",
    "TorProgram",
    "TorTooOldError",
    "UserTorrcError",
    "address_of",
    "check_key_file",
    "checked_tor",
    "examine_tor",
    "find_program",
    "find_tor",
    "gather",
    "load_or_create",
    "open_through",
    "read_user_torrc",
    "render_torrc",
    "run_folder",
    "run_owned",
    "service_settings",
    "spawn_owned",
]
