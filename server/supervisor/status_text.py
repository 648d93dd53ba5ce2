"""Puts the answer of a running service into words, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from onion import Defence, ServiceState

MEANINGS: Mapping[ServiceState, str] = {
    ServiceState.STARTING: "tor or the web process is starting; nobody can come in yet",
    ServiceState.PUBLISHED: "the last visit of our own came through",
    ServiceState.UNCONFIRMED: "the last visit of our own did not come through; it is tried again",
    ServiceState.UNREACHABLE: "visits of our own fail; nobody can come in",
    ServiceState.DRAINING: "those inside were told that it restarts; nobody new may come in",
    ServiceState.CLOSED: "nobody new may come in; those inside stay",
    ServiceState.DOWN: "tor or the web process does not run; it is being started anew",
}
"""State -> what it means, as `status` and docs/operating.md say it."""

Lines = list[tuple[str, str]]


def status_lines(answer: Mapping[str, object]) -> Lines:
    """Return pairs of a label and a text.

    Args:
        answer: of a supervisor; see `ServiceStatus.describe`. It is trusted, except for what comes
            from the web process, which was checked before.
    """
    lines = [
        ("state", _state(answer)),
        *_admission(answer),
        ("address", f"http://{answer.get('onion')}/"),
        ("tor", _tor(answer)),
        ("last upload", _ago(answer.get("last_upload_age_s"))),
        ("last visit", _ago(answer.get("last_visit_age_s"))),
        ("restarts", f"tor {answer.get('tor_restarts')}, web process {answer.get('web_restarts')}"),
    ]
    effort = answer.get("proof_of_work_effort")
    if effort is not None:
        lines.append(("proof of work", "none asked for" if effort == 0 else f"effort {effort}"))
    return [*lines, *_counts(answer)]


def _state(answer: Mapping[str, object]) -> str:
    state = ServiceState(str(answer["state"]))
    if state.lets_visitors_in and not answer.get("lets_visitors_in", True):
        silent = "tor" if not answer.get("tor_answers", True) else "the web process"
        return f"{state.value} until now: {silent} does not answer; nobody can come in"
    return f"{state.value}: {MEANINGS[state]}"


def _admission(answer: Mapping[str, object]) -> Lines:
    """Say how long it is closed or drains; also while the state is a worse one."""
    lines = [
        ("drain", "restarts when nobody talks any more, or in {}", answer.get("drains_for_s")),
        ("closed", "nobody new comes in for {}", answer.get("closed_for_s")),
    ]
    return [
        (label, text.format(f"{left_s} seconds" if left_s < 120 else f"{left_s // 60} minutes"))
        for label, text, left_s in lines
        if isinstance(left_s, int)
    ]


def _tor(answer: Mapping[str, object]) -> str:
    version = answer.get("tor_version")
    if not version:
        return "does not run"
    return str(version) if answer.get("tor_answers", True) else f"{version}, does not answer"


def _counts(answer: Mapping[str, object]) -> Lines:
    if not answer.get("web_answers"):
        return [("web process", "does not answer")]
    by_circuit = answer.get("circuit_ids_believed")
    return [
        ("sessions", f"{answer.get('sessions')} ({answer.get('sessions_percent')} % of capacity)"),
        ("streams", f"{answer.get('streams')} ({answer.get('streams_percent')} % of capacity)"),
        ("conversations", str(answer.get("conversations"))),
        ("waiting", str(answer.get("waiting"))),
        ("messages", f"{answer.get('ring_percent')} % of their memory"),
        ("turned away", f"{answer.get('turned_away')} (server or room full)"),
        ("failures", str(answer.get("failures"))),
        (
            "places",
            f"count by {'circuit' if by_circuit else 'session: whoever opens many has many'}",
        ),
        ("defences", _defences(answer)),
    ]


def _defences(answer: Mapping[str, object]) -> str:
    """Name tor's defences against a flood that are missing, as far as the web process was told."""
    known = {name: answer.get(f"tor_{name.value}") for name in Defence}
    missing = [name.words for name, is_on in known.items() if is_on is False]
    return f"tor lacks: {', '.join(missing)}" if missing else "all of tor's are on"


def _ago(age_s: object) -> str:
    if not isinstance(age_s, int):
        return "none yet"
    for unit_s, unit in ((3600, "hour"), (60, "minute")):
        if age_s >= unit_s:
            count = age_s // unit_s
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return f"{age_s} seconds ago"
