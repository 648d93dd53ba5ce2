"""Uploads of our descriptor are counted, and one confirmed upload makes us reachable."""

from __future__ import annotations

import pytest

from onion.descriptor import Requests, Uploads

OURS = "pqlcc24drs3ovrfm5kkduor2x5swps47dmevmtcrls72jwo7ebvfloyd"
HSDIR = "$9695DFC35FFEB861329B9F1AB04C46397020CE31~moria1"


def counts(*lines: str) -> tuple[int, int, int]:
    uploads = Uploads(OURS + ".onion")
    for line in lines:
        uploads.note(line)
    return uploads.started, uploads.confirmed, uploads.failed


def test_upload_is_started_confirmed_or_failed() -> None:
    assert counts(
        f"HS_DESC UPLOAD {OURS} UNKNOWN {HSDIR} 6PHk HSDIR_INDEX=F6EC",
        f"HS_DESC UPLOAD {OURS} UNKNOWN {HSDIR} 6PHk HSDIR_INDEX=F6ED",
        f"HS_DESC UPLOADED {OURS} UNKNOWN {HSDIR}",
        f"HS_DESC FAILED {OURS} UNKNOWN {HSDIR} REASON=UPLOAD_REJECTED",
    ) == (2, 1, 1)


@pytest.mark.parametrize(
    "line",
    ["", "HS_DESC", "HS_DESC UPLOADED", f"HS_DESC UPLOADED {'a' * 56} UNKNOWN {HSDIR}",
     f"HS_DESC CREATED {OURS} UNKNOWN UNKNOWN", f"STATUS_CLIENT UPLOADED {OURS} UNKNOWN {HSDIR}"],
)  # fmt: skip
def test_other_events_are_not_counted(line: str) -> None:
    assert counts(line) == (0, 0, 0)


def test_one_confirmed_upload_makes_the_service_reachable() -> None:
    uploads = Uploads(OURS)
    uploads.note(f"HS_DESC UPLOAD {OURS} UNKNOWN {HSDIR}")
    uploads.note(f"HS_DESC FAILED {OURS} UNKNOWN {HSDIR}")
    assert not uploads.is_reachable
    uploads.note(f"HS_DESC UPLOADED {OURS} UNKNOWN {HSDIR}")
    assert uploads.is_reachable


def test_own_request_is_received_or_fails_and_is_no_upload() -> None:
    requests, uploads = Requests(OURS + ".onion"), Uploads(OURS + ".onion")
    for line in (
        f"HS_DESC REQUESTED {OURS} NO_AUTH {HSDIR} 6PHk",
        f"HS_DESC FAILED {OURS} NO_AUTH {HSDIR} 6PHk REASON=NOT_FOUND",
        f"HS_DESC RECEIVED {OURS} NO_AUTH {HSDIR} 6PHk",
        f"HS_DESC FAILED {OURS} NO_AUTH UNKNOWN REASON=QUERY_RATE_LIMITED",
        f"HS_DESC FAILED {OURS} UNKNOWN {HSDIR} REASON=UPLOAD_REJECTED",
        f"HS_DESC RECEIVED {'a' * 56} NO_AUTH {HSDIR} 6PHk",
    ):
        requests.note(line)
        uploads.note(line)
    assert (requests.received, requests.failed, requests.not_asked) == (1, 1, 1)
    assert requests.ended == 3
    assert (uploads.started, uploads.confirmed, uploads.failed) == (0, 0, 1)
