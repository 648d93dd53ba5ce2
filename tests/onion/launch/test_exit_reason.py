"""The last lines of tor's log explain why it exited."""

from __future__ import annotations

import pytest

from onion.launch.exit_reason import cause_of, hint_for

pytestmark = pytest.mark.checklist(31)

START = [
    "Nov 21 04:02:10.990 [notice] Tor 0.4.9.11 running on Linux",
    "Nov 21 04:02:10.991 [warn] You are running Tor as root. You don't need to.",
]
END = "Nov 21 04:02:10.992 [err] Reading config failed--see warnings above."


def test_taken_port_is_named() -> None:
    cause = cause_of(
        [
            *START,
            "Nov 21 04:02:10.992 [warn] Could not bind to 127.0.0.1:23456: Address already in use. "
            "Is Tor already running?",
            "Nov 21 04:02:10.992 [warn] Failed to parse/validate config: Failed to bind one of the "
            "listener ports.",
            END,
        ]
    )
    assert cause.startswith("Could not bind to 127.0.0.1:23456: Address already in use")
    assert "another program" in hint_for(cause)


def test_full_disk_is_named() -> None:
    cause = cause_of(
        [
            *START,
            'Nov 21 04:02:10.000 [warn] Error writing to "/x/state": No space left on device',
            "Nov 21 04:02:10.000 [warn] Error creating control cookie authentication file.",
            "Nov 21 04:02:10.000 [err] set_options(): Bug: Acting on config options left us in a "
            "broken state. Dying. (on Tor 0.4.9.11 )",
            END,
        ]
    )
    assert cause == 'Error writing to "/x/state": No space left on device'
    assert "space" in hint_for(cause)


def test_cause_that_concerns_the_onion_service_is_named() -> None:
    cause = cause_of(
        [
            *START,
            "Nov 30 18:14:11.740 [warn] Permissions on directory /x/service-a are too permissive.",
            "Nov 30 18:14:11.740 [warn] Failed to parse/validate config: Failed to configure "
            "rendezvous options. See logs for details.",
            END,
        ]
    )
    assert cause == "Permissions on directory /x/service-a are too permissive"
    assert "0700" in hint_for(cause)
    cause = cause_of(
        [
            *START,
            "Nov 30 18:14:12.031 [warn] Hidden service DoS defenses burst (5) can not be smaller "
            "than the rate value (100).",
            "Nov 30 18:14:12.000 [warn] Error loading rendezvous service keys",
            "Nov 30 18:14:12.000 [err] set_options(): Bug: Acting on config options left us in a "
            "broken state. Dying. (on Tor 0.4.9.11 )",
            END,
        ]
    )
    assert cause.startswith("Hidden service DoS defenses burst (5)")
    assert "another tor" in hint_for(cause)


def test_refused_stream_of_a_visitor_is_never_the_cause() -> None:
    refused = (
        "Nov 30 18:02:04.000 [warn] Maximum streams per circuit limit reached on rendezvous "
        "circuit 2817831218 for service abc. Circuit has 4 out of 4 streams. Ignoring open stream "
        "request."
    )
    assert cause_of([*START, refused]) == ""


def test_without_a_known_cause_the_last_warning_is_used() -> None:
    lines = [*START, "Nov 21 04:02:11.001 [warn] Something new happened.", END]
    assert cause_of(lines) == "Something new happened"
    assert hint_for("Something new happened") == ""


def test_output_that_is_not_a_log_line_is_used_unchanged() -> None:
    assert cause_of(["tor: error while loading shared libraries: libevent.so"]) == (
        "tor: error while loading shared libraries: libevent.so"
    )


def test_log_without_an_informative_line_gives_no_cause() -> None:
    assert cause_of([]) == ""
    assert cause_of([*START, END]) == ""
