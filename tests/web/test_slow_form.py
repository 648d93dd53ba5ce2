"""A form that never ends times out with a page that explains it, and its text is not kept."""

from __future__ import annotations

import asyncio

import pytest

from server.web.edge import forms

from .appbrowser import make_server


async def test_unfinished_form_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "REQUEST_S", 0.01)
    server = make_server()
    client, headers = server.app.test_client(), {"host": "sottovoce", "content-length": "100"}
    async with client.request("/pair", method="POST", headers=headers) as connection:
        await connection.send(b"intent=talk&token=")
        async with asyncio.timeout(30):
            body = await connection.receive()
        answer = await connection.as_response()
    assert answer.status_code == 408
    assert "The form did not arrive in time." in body.decode()
    assert not server.services.failures
