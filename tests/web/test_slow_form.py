"""A form that never ends is given up, with a page that says so; its words stay nowhere."""

from __future__ import annotations

import asyncio

import pytest

from server.web.edge import forms

from .appbrowser import make_server


async def test_form_that_never_ends_is_answered_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "REQUEST_S", 0.01)
    server = make_server()
    client, sent = server.app.test_client(), {"host": "sottovoce", "content-length": "100"}
    async with client.request("/pair", method="POST", headers=sent) as line:
        await line.send(b"intent=talk&token=")
        async with asyncio.timeout(20):
            said = await line.receive()
        answer = await line.as_response()
    assert answer.status_code == 408
    assert "The form did not arrive in time." in said.decode()
    assert not server.services.failures
