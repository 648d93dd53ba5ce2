"""The Tor side: launches tor, publishes onion services, keeps keys; knows nothing of chat."""

from .address import address_of
from .bootstrap import Progress
from .bridges.line import Bridge, parse_bridge
from .bridges.plan import BridgedLines, with_bridges
from .defences import Defence, defence_options
from .diagnosis.explain import explain
from .diagnosis.warnings import TorLog
from .errors import (
    BootstrapStalledError,
    BridgesUnusableError,
    ControlClosedError,
    ControlError,
    ControlRefusedError,
    DiskFullError,
    FolderError,
    KeyFileError,
    NetworkLostError,
    NoFreePortError,
    NotReachedError,
    OnionError,
    ProgramEndedError,
    ProgramMissingError,
    PublishFailedError,
    SocksError,
    ToolFailedError,
    TorDiedError,
    TorMissingError,
    TorTooOldError,
    TransportFailedError,
    TransportMissingError,
    UserTorrcError,
    WrongPassphraseError,
)
from .gather import gather
from .keyfile import (
    check_key_file,
    create_private_file,
    key_file_content,
    load_key,
    load_or_create_key,
    make_key_folder,
    overwrite_and_remove,
)
from .keys import ServiceKey
from .launch.memory import left_in_memory, memory_place
from .launch.process import OwnedProcess, run_owned, spawn_owned
from .launch.program import find_program, find_tor
from .launch.run_folder import run_folder
from .launch.torrc import Option, render_torrc, service_options
from .launch.user_torrc import read_user_torrc
from .launch.version import checked_tor
from .private import PrivateNetwork
from .probe import TorProgram, defences_missing_in, examine_tor, service_settings
from .sealed.box import seal_key
from .sealed.file import load_sealed_key
from .service import OnionService
from .service_folder import Place
from .service_state import Condition, ServiceEvent, ServiceState
from .socks import open_socks_stream
from .spec import ServiceSpec, check_socket_path
from .visit import VISIT_S

__all__ = [
    "VISIT_S",
    "BootstrapStalledError",
    "Bridge",
    "BridgedLines",
    "BridgesUnusableError",
    "Condition",
    "ControlClosedError",
    "ControlError",
    "ControlRefusedError",
    "Defence",
    "DiskFullError",
    "FolderError",
    "KeyFileError",
    "NetworkLostError",
    "NoFreePortError",
    "NotReachedError",
    "OnionError",
    "OnionService",
    "Option",
    "OwnedProcess",
    "Place",
    "PrivateNetwork",
    "ProgramEndedError",
    "ProgramMissingError",
    "Progress",
    "PublishFailedError",
    "ServiceEvent",
    "ServiceKey",
    "ServiceSpec",
    "ServiceState",
    "SocksError",
    "ToolFailedError",
    "TorDiedError",
    "TorLog",
    "TorMissingError",
    "TorProgram",
    "TorTooOldError",
    "TransportFailedError",
    "TransportMissingError",
    "UserTorrcError",
    "WrongPassphraseError",
    "address_of",
    "check_key_file",
    "check_socket_path",
    "checked_tor",
    "create_private_file",
    "defence_options",
    "defences_missing_in",
    "examine_tor",
    "explain",
    "find_program",
    "find_tor",
    "gather",
    "key_file_content",
    "left_in_memory",
    "load_key",
    "load_or_create_key",
    "load_sealed_key",
    "make_key_folder",
    "memory_place",
    "open_socks_stream",
    "overwrite_and_remove",
    "parse_bridge",
    "read_user_torrc",
    "render_torrc",
    "run_folder",
    "run_owned",
    "seal_key",
    "service_options",
    "service_settings",
    "spawn_owned",
    "with_bridges",
]
