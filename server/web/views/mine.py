"""The page "My session": what the server holds about the visitor, and their settings."""

from __future__ import annotations

import math
from typing import Any

from quart import Blueprint, Response

from server.core.circuits import CIRCUIT_KEY_BYTES
from server.core.crypto.seal import BOX_BYTES
from server.core.errors import SessionUnknownError
from server.core.limits import (
    CELL_BYTES,
    CONSTANT_RATE_CHOICES_S,
    HEARTBEAT_S,
    IDLE_QUESTION_MINUTES,
    OWN_LIMIT_KIB,
    OWN_LIMIT_MINUTES,
    SESSION_SILENCE_S,
)
from server.core.matching.preferences import Intent
from server.core.session.lifetime import OwnLimit
from server.locales.language import mark
from server.store.contract.session import LifetimeView, StoredData
from server.web.edge.cookies import visitor
from server.web.edge.match_form import NAMES
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.feeds.chat_labels import chat_namer
from server.web.membership import read_session_form
from server.web.render.operator_text import texts_in_language
from server.web.render.rough import rough_time
from server.web.services import current_services

mine = Blueprint("mine", __name__, url_prefix="/mine")

INTENTS = {
    Intent.TALK: mark("You want to talk."),
    Intent.LISTEN: mark("You want to listen."),
    Intent.ANY: mark("Either is fine with you."),
}
TIME_FORM, TITLE_FORM, RATE_FORM = "mine-time", "mine-title", "mine-steady"
MINUTE_S, HOUR_S, KIB = 60, 3_600, 1_024

ESTIMATE_AFTER_S = 15 * MINUTE_S
"""Seconds after which the traffic of an hour is estimated. Before that, the pages that everybody
loads at the beginning would be counted as if they came all the time."""

CHAT_ID_CHARS = 12
"""Size of the id of a conversation."""

NOT_A_CHOICE = -1
"""Matches none of the choices of any setting."""

HANDLE_BYTES, HASH_BYTES = 16, 32
"""Sizes of a session's hash and of a code's hash."""

SPENT_TOKEN_BYTES = 5 + 16
"""Size of a spent token with the hash of the text that was sent with it."""


@mine.get("")
async def everything() -> Response:
    """Show each stored item with its size and its deletion time, or that there is no session."""
    services, secret = current_services(), visitor()
    if secret is None:
        return page("mine.html", held=None)
    try:
        held = await services.store.stored_data(secret)
    except SessionUnknownError:
        return page("mine.html", held=None)
    return page(
        "mine.html",
        held=held,
        time_token=services.tokens.form(secret.handle, TIME_FORM),
        title_token=services.tokens.form(secret.handle, TITLE_FORM),
        steady_token=services.tokens.form(secret.handle, RATE_FORM),
        steady_choices=[(every_s, hour_kib(every_s)) for every_s in CONSTANT_RATE_CHOICES_S],
        **_stored_data_context(held),
        **_usage_context(held.lifetime),
        **_choices_context(held.lifetime),
    )


@mine.post("/time")
async def choose_time() -> Response:
    """Set the idle time before the question, and an own limit; an unknown value changes nothing."""
    secret, form = await read_session_form(TIME_FORM)
    still = to_number(form["still"], NOT_A_CHOICE)
    minutes = to_number(form["minutes"], NOT_A_CHOICE)
    kib = to_number(form["kib"], NOT_A_CHOICE)
    if still in IDLE_QUESTION_MINUTES and minutes in OWN_LIMIT_MINUTES and kib in OWN_LIMIT_KIB:
        limit = OwnLimit(minutes * MINUTE_S, kib * KIB)
        await current_services().store.set_lifetime(secret, still * MINUTE_S, limit)
    return see_other("/mine")


@mine.post("/steady")
async def choose_steady() -> Response:
    """Set the rate of the live view; an unknown value changes nothing."""
    secret, form = await read_session_form(RATE_FORM)
    every_s = to_number(form["steady"], NOT_A_CHOICE)
    if every_s in CONSTANT_RATE_CHOICES_S:
        await current_services().store.set_constant_rate(secret, every_s)
    return see_other("/mine")


@mine.post("/title")
async def choose_title() -> Response:
    """Set whether page titles are neutral, so that they reveal nothing."""
    secret, form = await read_session_form(TITLE_FORM)
    await current_services().store.set_neutral_titles(secret, neutral_titles=form["dull"] == "yes")
    return see_other("/mine")


def hour_kib(every_s: int) -> int:
    """Return the KiB per hour of a constant-rate stream, or (for 0) of an idle live stream."""
    return round(HOUR_S / (every_s or HEARTBEAT_S) * CELL_BYTES / KIB)


def two_digits(number: int) -> int:
    """Round to two digits: more would look exact."""
    return round(number, min(0, 2 - len(str(number))))


def _stored_data_context(held: StoredData) -> dict[str, Any]:
    """Return what is held, in the language of the page, and the sizes of hashes."""
    services, preferences = current_services(), held.preferences
    names = chat_namer(services)
    topics = texts_in_language(services.topics, services.language)
    languages = sorted(preferences.speak | preferences.practise) if preferences else ()
    return {
        "places": [(names.of(seat.label), seat) for seat in held.seats],
        "intent": services.language.gettext(INTENTS[preferences.intent]) if preferences else "",
        "topics": [
            name.text for code, name in topics.items() if preferences and code in preferences.topics
        ],
        "limits": [
            name.text for code, name in topics.items() if preferences and code in preferences.limits
        ],
        "speech": [NAMES[code] for code in languages if code in NAMES],
        "languages": [book.language for book in services.pages_by_language.values()],
        "box_bytes": BOX_BYTES,
        "handle_bytes": HANDLE_BYTES,
        "knows_circuits": services.safeguards.knows_circuits,
        "circuit_bytes": CIRCUIT_KEY_BYTES,
        "hash_bytes": HASH_BYTES,
        "spent_token_bytes": SPENT_TOKEN_BYTES,
        "kept_minutes": max(1, math.ceil(held.kept_for_s / MINUTE_S)) + 1,
        "chat_id_bytes": CHAT_ID_CHARS,
        "silence_minutes": SESSION_SILENCE_S // MINUTE_S,
    }


def _usage_context(lifetime: LifetimeView) -> dict[str, Any]:
    """Return time and traffic used; the traffic per hour is 0 while it cannot be estimated."""
    language, by_hour = current_services().language, 0.0
    if lifetime.age_s >= ESTIMATE_AFTER_S:
        by_hour = lifetime.traffic_bytes * HOUR_S / lifetime.age_s
    return {
        "here": rough_time(lifetime.age_s, language),
        "left": rough_time(lifetime.remaining_s, language),
        "spent_kib": two_digits(-(-lifetime.traffic_bytes // KIB)),
        "hour_kib": two_digits(round(by_hour / KIB)),
    }


def _choices_context(lifetime: LifetimeView) -> dict[str, Any]:
    return {
        "still_choices": IDLE_QUESTION_MINUTES,
        "still": lifetime.idle_question_after_s // MINUTE_S,
        "minute_choices": OWN_LIMIT_MINUTES,
        "own_minutes": lifetime.limit.after_s // MINUTE_S,
        "kib_choices": OWN_LIMIT_KIB,
        "own_kib": lifetime.limit.after_bytes // KIB,
    }
