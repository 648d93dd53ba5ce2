"""Cells are counted for each circuit from tor's bandwidth events."""

from __future__ import annotations

import asyncio

import pytest

from bench.meter import Meter, parse_joined, parse_read

EVENT = (
    "CIRC_BW ID={} READ={} WRITTEN=509 TIME=2026-11-21T14:18:40.614 DELIVERED_READ=498 "
    "OVERHEAD_READ=0 DELIVERED_WRITTEN=0 OVERHEAD_WRITTEN=498 SS=0 LOCAL_SS=0"
)
STATUS = """1 BUILT $4B~a BUILD_FLAGS=ONEHOP_TUNNEL PURPOSE=GENERAL
4 BUILT $4B~a,$62~b PURPOSE=HS_CLIENT_REND HS_STATE=HSCR_JOINED REND_QUERY=p4in
5 BUILT $4B~a,$62~b PURPOSE=CIRCUIT_PADDING REND_QUERY=p4in
12 BUILT $4B~a PURPOSE=HS_CLIENT_HSDIR HS_STATE=HSCI_CONNECTING"""


@pytest.mark.parametrize(("read", "cells"), [(0, 0), (509, 1), (4_072, 8)])
def test_event_is_parsed_to_a_circuit_and_its_cells(read: int, cells: int) -> None:
    assert parse_read(EVENT.format(4, read)) == ("4", cells)


def test_joined_rendezvous_circuit_is_found() -> None:
    assert parse_joined(STATUS) == ["4"]


async def test_cost_counts_the_cells_of_one_circuit_only() -> None:
    meter = Meter(tick_s=0.01)
    meter.note(EVENT.format(4, 509))

    async def cause() -> None:
        for circuit, read in ((4, 1_018), (5, 509), (4, 509)):
            meter.note(EVENT.format(circuit, read))

    assert await meter.cost_of("4", cause) == 3


async def test_wait_for_cells_times_out() -> None:
    meter = Meter()

    async def cause() -> None:
        meter.note(EVENT.format(5, 509))

    with pytest.raises(TimeoutError):
        await meter.cost_of("4", cause, within_s=0.01)


async def test_cells_of_a_period_are_counted_for_one_circuit() -> None:
    meter = Meter()
    meter.note(EVENT.format(4, 509))
    watching = asyncio.ensure_future(meter.within("4", 0.01))
    await asyncio.sleep(0)
    for circuit, read in ((4, 1_018), (5, 509)):
        meter.note(EVENT.format(circuit, read))
    assert await watching == 2
