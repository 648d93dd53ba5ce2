"""The web process gets the configuration without the bridges, and otherwise as it is."""

from __future__ import annotations

import tomllib

import pytest

from server.config.handover import for_web_process
from server.config.load import parse_config

from .test_document import example

BRIDGE = "obfs4 192.0.2.1:443 SECRET"
BRIDGES = [
    f'[tor]\nbridges = ["{BRIDGE}"]\ncircuit_ids = true\n',
    f"tor.bridges = ['''{BRIDGE}''', \"{BRIDGE}\"]\ntor.circuit_ids = true\n",
    'tor = {bridges = ["\\u006fbfs4 192.0.2.1:443 SECRET"], circuit_ids = true}\n',
]


@pytest.mark.parametrize("text", BRIDGES)
def test_bridges_are_left_out_however_they_are_written(text: str) -> None:
    handed_over = for_web_process(f"# {BRIDGE}\n{text}")
    assert "192.0.2" not in handed_over
    assert parse_config(handed_over).tor.circuit_ids
    assert parse_config(text).tor.bridges


def test_everything_else_is_handed_over_as_it_is() -> None:
    tables = tomllib.loads(example())
    del tables["tor"]["bridges"]
    assert tomllib.loads(for_web_process(example())) == tables


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a = []",
        'a = "quote \\" back \\\\ line \\n tab \\t delete \\u007f nul \\u0000 سلام \\U0001F600"',
        '"a key" = [1, -2.5, true, {b.c = ["x"], "ü" = 1}]',
        "a = 1979-05-27T07:32:00Z\nb = 07:32:00\nc = inf\nd = 1e30\ne = 2000-01-01",
        "tor = 1",
        "[[tor]]\nbridges = 1",
    ],
)
def test_every_kind_of_value_survives(text: str) -> None:
    assert tomllib.loads(for_web_process(text)) == tomllib.loads(text)
