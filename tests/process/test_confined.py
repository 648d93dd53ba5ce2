"""The served house has given up its ways out, and serves all the same; or says that it has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .house import House, running_house


def status_of(house: House) -> dict[str, str]:
    lines = Path(f"/proc/{house.process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_house_is_filtered_and_gains_no_privileges(house: House) -> None:
    told = status_of(house)
    assert (told["Seccomp"], told["NoNewPrivs"]) == ("2", "1")


@pytest.mark.checklist(25)
def test_house_leaves_no_core(house: House) -> None:
    limits = Path(f"/proc/{house.process.pid}/limits").read_text().splitlines()
    (core,) = [line.split() for line in limits if line.startswith("Max core file size")]
    assert core[4:6] == ["0", "0"]


async def test_page_says_so_when_the_ways_out_are_kept(tmp_path: Path, house: House) -> None:
    with running_house(tmp_path, "--unsealed") as unsealed:
        assert status_of(unsealed)["Seccomp"] == "0"
        for path in ("/", "/pair", "/rooms", "/help", "/privacy", "/nothing"):
            assert "without its sandbox" in (await unsealed.browser().get(path)).page.text
            assert "without its sandbox" not in (await house.browser().get(path)).page.text


def test_ended_house_removes_its_sockets(tmp_path: Path) -> None:
    with running_house(tmp_path) as house:
        assert house.socket.exists()
        house.process.terminate()
        assert house.process.wait(timeout=10) == 0
        assert not house.socket.exists()
        assert not house.admin_socket.exists()
