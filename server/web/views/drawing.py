"""The answer to every request for a match: it waits for the next draws."""

from __future__ import annotations

import asyncio

from quart import Response, g

from server.core.errors import SessionUnknownError
from server.core.ids import Secret
from server.core.limits import ANSWER_DRAWS
from server.store.contract.matching import MatchState
from server.web.draws import Draws
from server.web.dull_page import BLANK
from server.web.edge.disconnect import has_disconnected
from server.web.edge.responses import match_path, see_other
from server.web.services import current_services

LOOK_EVERY_S = 0.1
"""Seconds between two looks at whether a newcomer is still connected."""


async def match_or_wait(secret: Secret, state: MatchState) -> Response:
    """Redirect to the chat if the session is matched in the next draws, else to the waiting page.

    Args:
        secret: the visitor's.
        state: what the store answered to the request for a match.
    """
    services, is_newcomer = current_services(), not g.is_known
    # The private key is derived again when it is needed.
    secret.lock()
    try:
        for _ in range(ANSWER_DRAWS):
            if state.is_waiting:
                await _next_draw(services.draws, watches=is_newcomer)
                if is_newcomer and has_disconnected():
                    # Pressed twice: the second press must not be matched with the first one.
                    break
                state = await services.store.match_state(secret)
    except SessionUnknownError:
        if await services.store.is_known(secret):
            # Another request has renewed the secret meanwhile: the button was pressed twice.
            return see_other("/wait")
        # Panic in another tab: this one, too, shows nothing of a chat.
        return see_other(BLANK)
    return see_other(match_path(state, "/wait"))


async def _next_draw(draws: Draws, *, watches: bool) -> None:
    """Wait for the next draw.

    Args:
        draws: of this server.
        watches: whether to return early if the visitor closes the connection.
    """
    if not watches:
        await draws.next_one()
        return
    drawn = asyncio.ensure_future(draws.next_one())
    try:
        while not drawn.done() and not has_disconnected():
            await asyncio.wait([drawn], timeout=LOOK_EVERY_S)
    finally:
        drawn.cancel()
