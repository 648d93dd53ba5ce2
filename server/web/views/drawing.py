"""The answer to every request for a match: it waits for the next draws."""

from __future__ import annotations

from quart import Response

from server.core.errors import SessionUnknownError
from server.core.ids import Secret
from server.core.limits import ANSWER_DRAWS
from server.store.contract.matching import MatchState
from server.web.edge.responses import match_path, see_other
from server.web.services import current_services


async def match_or_wait(secret: Secret, state: MatchState) -> Response:
    """Redirect to the chat if the session is matched in the next draws, else to the waiting page.

    Args:
        secret: the visitor's.
        state: what the store answered to the request for a match.
    """
    services = current_services()
    # The private key is derived again when it is needed.
    secret.lock()
    try:
        for _ in range(ANSWER_DRAWS):
            if state.is_waiting:
                await services.draws.next_one()
                state = await services.store.match_state(secret)
    except SessionUnknownError:
        if await services.store.is_known(secret):
            # Another request has renewed the secret meanwhile: the button was pressed twice.
            return see_other("/wait")
        # Panic in another tab: this one, too, shows nothing of a chat.
        return see_other("/blank")
    return see_other(match_path(state, "/wait"))
