"""A service is rendered as the options that tor expects, or refused."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from onion.defences import Defence, defence_options
from onion.spec import MAX_SOCKET_PATH_BYTES, ServiceSpec


def test_options_name_folder_port_and_socket_before_the_defences() -> None:
    spec = ServiceSpec(PurePosixPath("/run/chat/web.sock"))
    service = [
        ("HiddenServiceDir", "/run/tor/service-x"),
        ("HiddenServicePort", '80 unix:"/run/chat/web.sock"'),
    ]
    folder = PurePosixPath("/run/tor/service-x")
    assert spec.options(folder) == [*service, *defence_options()]
    assert spec.options(folder, frozenset(Defence)) == service


def test_longest_valid_socket_path_is_accepted() -> None:
    ServiceSpec(PurePosixPath("/" + "a" * (MAX_SOCKET_PATH_BYTES - 1)))
    with pytest.raises(ValueError, match="107"):
        ServiceSpec(PurePosixPath("/" + "a" * MAX_SOCKET_PATH_BYTES))


def test_path_length_is_counted_in_bytes() -> None:
    with pytest.raises(ValueError, match="107"):
        ServiceSpec(PurePosixPath("/" + "é" * 54))


@pytest.mark.parametrize(
    "path",
    ["web.sock", "./web.sock", "/a\tb", "/a\nDEL_ONION x", "/a\r", "/a\x00b", "/a\x7fb",
     "/a\u00a0b", "/a\u200cb", "/a\u2028b", "/a=b", "/a\udcff"],
)  # fmt: skip
def test_path_that_tor_or_stem_cannot_take_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="socket path"):
        ServiceSpec(PurePosixPath(path))


def test_path_with_what_would_end_it_is_quoted_for_tor() -> None:
    spec = ServiceSpec(PurePosixPath('/é خ/a #1/"b"/c\\d\'e'))
    assert dict(spec.options(PurePosixPath("/x")))["HiddenServicePort"] == (
        '80 unix:"/é خ/a #1/\\"b\\"/c\\\\d\'e"'
    )


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match="65535"):
        ServiceSpec(PurePosixPath("/web.sock"), virtual_port=port)
