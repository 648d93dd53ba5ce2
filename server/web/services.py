"""What the views share, as one typed bag, and the one way to reach it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from quart import current_app, g

from server.core.invite_code import SERVER_KEY_BYTES
from server.core.meeting_hours import MeetingHours
from server.core.room.public import PublicRoom, Words
from server.locales.language import Language
from server.store.contract.chat import Store
from server.stream.registry import StreamRegistry
from server.stream.timer_wheel import TimerWheel

from .form_tokens import Tokens
from .render.empty_composer import EmptyComposer
from .render.pages import Pages
from .render.stylesheet import Stylesheet
from .safeguards import ALL_HOLD, Safeguards
from .wallclock import WallClock

EXTENSION = "sottovoce"


@dataclass(slots=True)
class Services:
    """Made once, when the program starts."""

    store: Store
    tokens: Tokens
    books: Mapping[str, Pages]
    """Code of a language -> every page in it."""

    composers: Mapping[str, EmptyComposer]
    """The same, of the composer with nothing typed in it."""

    stylesheet: Stylesheet
    source_archive: bytes
    """The running program's source, a gzipped tar."""

    broken_page: str
    """What an unexpected exception is answered with, rendered before anything can break."""

    rooms: Mapping[str, PublicRoom] = field(default_factory=dict)
    """Name of a public room -> what the operator wrote about it."""

    topics: Mapping[str, Words] = field(default_factory=dict)
    """Code of a topic -> what it is called, in the order of the long form."""

    hours: MeetingHours = field(default_factory=MeetingHours)
    """When people usually come."""

    minute_of_day: Callable[[], int] = field(default_factory=WallClock)
    """What time it is, in UTC: for nothing but the distance to a meeting hour."""

    server_key: bytes = field(default_factory=lambda: secrets.token_bytes(SERVER_KEY_BYTES))
    """What codes are hashed under before they are stored; the store does not have it."""

    failures: Counter[str] = field(default_factory=Counter)
    """Unexpected exceptions by the name of their type. Nothing else of them is kept."""

    timer_wheel: TimerWheel = field(default_factory=TimerWheel)
    """What lets open streams tick; turned by whoever serves."""

    safeguards: Safeguards = ALL_HOLD
    """What holds of this process on this machine."""

    @property
    def streams(self) -> StreamRegistry:
        """The open streams of this process."""
        return self.store.streams

    @property
    def pages(self) -> Pages:
        """Every page, in the language of this request."""
        return self.books[g.language]

    @property
    def language(self) -> Language:
        """The language of this request's answer."""
        return self.pages.language

    @property
    def people_come_in_h(self) -> int | None:
        """About how many hours until people usually come: 0 while they do; `None` if never told."""
        return self.hours.hours_until(self.minute_of_day())


def current_services() -> Services:
    """The services of the application that handles this request."""
    return cast(Services, current_app.extensions[EXTENSION])
