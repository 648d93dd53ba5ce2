"""The objects that all views share, in one typed container, and the accessor for it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from quart import Quart, current_app, g

from server.core.house import House
from server.core.invite_code import SERVER_KEY_BYTES
from server.core.limits import DRAW_EVERY_S
from server.core.meeting_hours import MeetingHours
from server.core.room.public import LocalizedText, PublicRoom
from server.locales.language import Language
from server.store.contract.chat import Store
from server.stream.registry import StreamRegistry
from server.stream.timer_wheel import TimerWheel

from .downloads import Downloads
from .draws import Draws, PeriodicDraws
from .form_tokens import FormTokens
from .render.empty_composer import EmptyComposer
from .render.pages import Pages
from .render.stylesheet import Stylesheet
from .safeguards import ALL_HOLD, Safeguards
from .wallclock import WallClock

EXTENSION = "sottovoce"


@dataclass(slots=True)
class Services:
    """Built once, when the program starts."""

    store: Store
    tokens: FormTokens
    pages_by_language: Mapping[str, Pages]
    """Language code -> every page in it; the first is for whoever has chosen none."""

    composers_by_language: Mapping[str, EmptyComposer]
    """Language code -> the prerendered empty composer."""

    stylesheet: Stylesheet
    source_archive: bytes
    """The running program's source, a gzipped tar."""

    broken_page: str
    """The page for unexpected exceptions, rendered at start, when nothing has failed yet."""

    rooms: Mapping[str, PublicRoom] = field(default_factory=dict)
    """Name of a public room -> the operator's description of it."""

    topics: Mapping[str, LocalizedText] = field(default_factory=dict)
    """Topic code -> its name in several languages, in the order of the long form."""

    hours: MeetingHours = field(default_factory=MeetingHours)
    """The hours at which people usually come."""

    house: House = field(default_factory=House)
    """What the operator says about the server, on the start page."""

    minute_of_day: Callable[[], int] = field(default_factory=WallClock)
    """The time in UTC; used only to compute the distance to a meeting hour."""

    server_key: bytes = field(default_factory=lambda: secrets.token_bytes(SERVER_KEY_BYTES))
    """Key of the hash under which codes are stored; the store does not have it."""

    failures: Counter[str] = field(default_factory=Counter)
    """Unexpected exceptions by the name of their type. Nothing else about them is kept."""

    turned_away: int = 0
    """How many requests were refused because the server, or a room, was full."""

    timer_wheel: TimerWheel = field(default_factory=TimerWheel)
    """Drives the ticks of open streams; the serving loop advances it."""

    downloads: Downloads = field(default_factory=Downloads)
    """Who is sent the source archive now."""

    draws: Draws = field(default_factory=lambda: PeriodicDraws(DRAW_EVERY_S))
    """The end of each draw; the serving loop announces it."""

    safeguards: Safeguards = ALL_HOLD
    """The protections that are in force in this process."""

    @property
    def streams(self) -> StreamRegistry:
        """The open streams of this process."""
        return self.store.streams

    @property
    def default_language(self) -> str:
        """The code of the language of whoever has chosen none."""
        return next(iter(self.pages_by_language))

    @property
    def pages(self) -> Pages:
        """All pages in the language of this request."""
        return self.pages_by_language[g.language]

    @property
    def language(self) -> Language:
        """The language of this request's response."""
        return self.pages.language

    @property
    def other_languages(self) -> list[Language]:
        """Every language but that of this request's response."""
        books = self.pages_by_language.values()
        return [book.language for book in books if book.language != self.language]

    @property
    def people_come_in_h(self) -> int | None:
        """Hours until people usually come, rounded; 0 during a meeting hour, `None` if unset."""
        return self.hours.hours_until(self.minute_of_day())


def current_services() -> Services:
    """Return the services of the application that handles this request."""
    # The application itself: each attribute that is asked of its stand-in takes several calls.
    app: Quart = current_app._get_current_object()  # type: ignore[attr-defined]
    return services_of(app)


def services_of(app: Quart) -> Services:
    """Return the services of an application, also where no request is handled."""
    return cast(Services, app.extensions[EXTENSION])
