"""Tor's warnings reach the operator: each kind once, few in all, nothing that moves a cursor."""

from __future__ import annotations

from onion.diagnosis.warnings import AGAIN_S, BURST, KEPT_LINES, MAX_KINDS, REFILL_S, TorLog
from tests.fakes import FakeClock

WORDS = [f"{a}{b} failed" for a in ("disk", "relay", "guard") for b in "abcdefgh"]


def line(text: str, level: str = "warn") -> str:
    return f"Nov 21 04:02:10.990 [{level}] {text}"


class Heard:
    """A log, its clock, and what it passed on."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.texts: list[str] = []
        self.log = TorLog(self.texts.append, clock=self.clock)

    def note(self, *texts: str) -> list[str]:
        """Log warnings and return what is passed on of them."""
        self.texts.clear()
        for text in texts:
            self.log.note(line(text))
        return list(self.texts)


def test_warning_is_passed_on_in_tors_words() -> None:
    assert Heard().note("The disk is slow.") == ["The disk is slow"]


def test_line_that_says_nothing_is_not_passed_on() -> None:
    heard = Heard()
    assert not heard.note(
        "You are running Tor as root. You don't need to.",
        "Maximum streams per circuit limit reached on rendezvous circuit 28178.",
        " 3 connections died in state connect()ing with SSL state (No SSL object)",
        "Bug:     /usr/bin/tor(log_backtrace_impl+0x5b) [0x56080bd2968b] (on Tor 0.4.9.11 )",
        "Only one bridge (transport: 'obfs4') is configured. You should have at least two.",
    )
    heard.log.note(line("Opening a port", "notice"))
    heard.log.note("no line of tor's log")
    assert not heard.texts


def test_same_warning_with_other_numbers_is_passed_on_once_an_hour() -> None:
    heard = Heard()
    assert heard.note("Stuck at 5% (count 1; host " + "A" * 40 + ' at "x":1)') != []
    assert heard.note("Stuck at 9% (count 2; host " + "B" * 40 + ' at "y":2)') == []
    heard.clock.advance(AGAIN_S)
    assert len(heard.note("Stuck at 9% (count 2; host " + "C" * 40 + ' at "y":2)')) == 1


def test_flood_of_warnings_is_limited_and_counted() -> None:
    heard = Heard()
    assert len(heard.note(*WORDS)) == BURST
    heard.clock.advance(REFILL_S)
    left_out = len(WORDS) - BURST
    assert heard.note("another", "one more") == [f"another ({left_out} other warnings left out)"]


def test_kinds_that_are_remembered_are_bounded() -> None:
    heard = Heard()
    for number in range(MAX_KINDS + 5):
        heard.note("".join(chr(97 + int(digit)) for digit in str(number)))
        heard.clock.advance(REFILL_S)
    assert len(heard.log._said_s) == MAX_KINDS


def test_nothing_is_kept_unless_it_is_wanted() -> None:
    texts: list[str] = []
    log = TorLog(texts.append, keeps_lines=False)
    log.note(line("The disk is slow."))
    assert (texts, log.lines) == (["The disk is slow"], [])


def test_last_lines_are_kept_without_control_characters() -> None:
    heard = Heard()
    assert heard.note("a \x1b[31mred\x1b[0m\x9b word") == ["a  [31mred [0m  word"]
    for number in range(KEPT_LINES + 5):
        heard.log.note(line(str(number), "notice"))
    assert len(heard.log.lines) == KEPT_LINES
    assert heard.log.lines[-1] == line(str(KEPT_LINES + 4), "notice")
