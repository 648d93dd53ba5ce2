"""Every number that the house holds to: its unit, its reason, where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

CELL_BYTES = 498
"""What one RELAY_DATA cell carries of an onion stream (tor-spec, relay cells: 509 - 11).

Measured on a service's circuit: a write of 498 bytes leaves as one cell, 499 as two. Cells of
the newer format (proposal 340) carry 488; then this constant changes and nothing else.
"""

MAX_MESSAGE_CHARS = 2_000
"""Code points of one message after cleaning. A long letter; more is a document."""

MAX_MESSAGE_BYTES = 6_000
"""UTF-8 bytes of one message: as many characters in Burmese or Chinese, at three a piece."""

RING_MESSAGES = 200
"""Messages kept of one conversation; the oldest is forgotten, and the reader is told."""

RING_EVENTS = 200
"""Comings, goings and other events kept beside them, so that a crowd at the door does not push
out what was said."""

RING_ENTRIES = RING_MESSAGES + RING_EVENTS
"""Both together."""

RING_BYTES = 256 * 1024
"""Bytes kept of one conversation, so that long messages cannot fill the memory."""

PAGE_ENTRIES = 50
"""Messages on one page of the plain view."""

SPEAK_BURST = 5
"""Messages at once: a thought sent in pieces."""

SPEAK_EVERY_S = 2.0
"""Seconds for one more message after the burst."""

MAX_REPEATS = 8
"""Times that one member may say the same words within `REPEAT_WINDOW_S`."""

REPEAT_WINDOW_S = 60.0
"""Seconds for which they count."""

SPENT_TOKENS = 64
"""Spent composer tokens remembered for each member; an older form is asked again."""

SESSION_SILENCE_S = 20 * 60
"""Seconds without a request or an open stream until a session is forgotten."""

SESSION_LIFE_S = 12 * 60 * 60
"""Longest life of a session in seconds, whatever it does: nothing follows anyone into a new day."""

END_TOLD_S = 10 * 60
"""Seconds before the end of that life at which it is told."""

STILL_USUAL_S = 30 * 60
"""Seconds of an open stream without anything sent or pressed until "still there?"."""

STILL_MINUTES = (10, 30, 60, 120)
"""The choices for it, in minutes."""

STILL_ANSWER_S = 5 * 60
"""Seconds in which that is to be answered; then the session is forgotten."""

OWN_LIMIT_MINUTES = (0, 15, 30, 60, 120)
"""The choices for one's own limit of time; 0 for none."""

OWN_LIMIT_KIB = (0, 250, 1_000, 5_000)
"""The choices for one's own limit of cost; 0 for none."""

QUIET_AFTER_S = 45
"""Seconds after a partner's stream broke off until their line is called quiet: as long as a
browser takes to ask again three times."""

WAITER_PRESENT_S = 30
"""Seconds after the last request in which somebody who waits counts as present."""

TICKET_KEPT_S = 120
"""Seconds a ticket outlives its waiter's presence, so that a broken line keeps its place."""

MATCH_OPEN_S = 60
"""Seconds to open a match; then the other one is back at the head of the queue."""

HEARTBEAT_S = 25.0
"""Seconds after the last write on a stream: two cells a minute, and under the banner's time."""

DEAD_MAN_S = 45
"""Seconds of silence after which the page says that the line is dead. In the stylesheet."""

STEADY_S = (2, 5, 10)
"""Seconds between two cells of a steady stream: the choices."""

CONSTANT_RATE_CHOICES_S = (0, *STEADY_S)
"""The same, and 0 for a stream that says things when they happen."""

MOST_EVENT_CELLS = 24
"""Cells of the longest event of a steady stream: 2,000 characters that take five bytes each."""

CONSTANT_RATE_DEAD_TICKS = 30
"""Ticks of a steady stream after which its line may be dead: a long event is one sign of life."""

MAX_BODY_BYTES = 16 * 1024
"""Bytes of a form, each `%XX` counted as the one byte it stands for.

Counted so, because a message of 6,000 bytes in Burmese takes 18,000 on the wire.
"""

MAX_RAW_BODY_BYTES = 3 * MAX_BODY_BYTES
"""Bytes of a form on the wire: no more is ever read."""

REQUEST_S = 30.0
"""Seconds for a head to end, for a form to end, and for an idle connection."""

WRITE_S = 120.0
"""Seconds in which a visitor must take what was sent last: of a long answer a piece of 32 KiB, of a
stream a page of eight events."""

DOOR_TOKEN_SLICE_S = 30 * 60
"""Unit in which the age of a door's token is counted, in seconds."""

DOOR_TOKEN_SLICES = 3
"""Slices in which a door's token is good: this one and two before, so 60 to 90 minutes."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much of everything one process holds. Beyond it: a calm page and status 503."""

    sessions: int = 20_000
    """Sessions at once, idle ones included."""

    rooms: int = 1_000
    """Private rooms at once."""

    tickets: int = 10_000
    """People waiting at once."""

    streams: int = 12_000
    """Streams open at once; each takes about 4 KiB, its session and its conversation some more."""


MAX_CAPACITY = Capacity(sessions=200_000, rooms=10_000, tickets=100_000, streams=120_000)
"""The most that an operator may allow: ten times the usual. The streams alone fill half a GiB."""

MAX_TOPICS = 40
"""Topics to choose from: the long form shows each of them twice."""

MAX_MEETING_HOURS = 12
"""Meeting hours of one day: with more, people would come at any hour."""

WALL_CLOCK_SHIFT_S = 15 * 60
"""Seconds by which the shown distance to a meeting hour may be wrong, so that no clock is shown."""


# How people are matched.

MAX_CHOICES = 4
"""Topics, languages or limits in one wish: each more is a line more to stand in."""

MAX_BLOCKED = 64
"""People a session will not meet again. More conversations than anyone has in half a day."""

TOPICS_OPEN_S = 20
"""Seconds after which topics need not agree: about as long as one looks at a page that waits."""

TALKERS_MEET_S = 60
"""Seconds after which two who both want to talk are better off together than alone."""

SAME_AGAIN_S = 60
"""Seconds after which the same two may meet twice in a row."""

FREE_SKIPS = 12
"""Conversations left for the next one, in a row, without any pause."""

SKIP_FORGOTTEN_S = 60.0
"""Seconds after which one of them counts no more."""

SKIP_PAUSE_S = 10.0
"""The first pause, in seconds; each further one is twice as long."""

SKIP_PAUSE_MOST_S = 300.0
"""The longest."""

OFFER_ROOM_S = 2 * 60
"""Seconds of waiting after which a room is offered meanwhile."""

MEET_AGAIN_S = 24 * 60 * 60
"""Seconds for which the codes of two who want to meet again are good."""

MAX_CODES = 8
"""Codes to meet again by that one session may have at once."""

CODE_BURST = 600
"""Codes that may be given out at once, to all together."""

CODE_EVERY_S = 4.0
"""Seconds for one more: so many in a day are fewer than there are places for."""

LOOK_PLACES = 256
"""Places in lines that one arrival looks at, at most half a millisecond; then it looks on later."""

RETRY_TICKETS = 64
"""Waiting tickets that one retry lets look again."""

RETRY_PLACES = 1_024
"""Places that all of them together look at: two milliseconds in which nothing else happens."""


# Rooms.

MAX_ROOM_MEMBERS = 500
"""Members of one room: each coming costs every other member one cell."""

MAX_PUBLIC_MEMBERS = 5_000
"""The most that an operator may allow in one public room: whoever speaks after a going waits a
quarter of a second, in slices, for as many boxes."""

MAX_ROOMS_OF_SESSION = 4
"""Rooms that one session sits in at once, beside its pair."""

MAX_PUBLIC_ROOMS = 64
"""Public rooms of one house: more than anybody reads through."""

MAX_SLOW_S = 600
"""Seconds between two messages in the slowest room: more is a letter box."""

MAX_SIDE_CHATS = 8
"""Private talks with members of one's rooms, at once."""

MAX_ASKED = 8
"""Members whom one member has asked for such a talk; the oldest question is let go."""

MAX_KNOCKERS = 20
"""People who wait outside of one private room."""

INVITATION_USES = (1, 5, 20)
"""How many may come in by one invitation: the choices."""

INVITATION_MINUTES = (10, 60, 12 * 60)
"""How long one is good, in minutes: the choices."""

GUESS_BURST = 5
"""Wrong invitations that one session may try at once."""

GUESS_EVERY_S = 30.0
"""Seconds for one more."""

ALL_GUESS_BURST = 600
"""Wrong invitations that all sessions together may try at once."""

ALL_GUESS_EVERY_S = 0.05
"""Seconds for one more. Sessions are free, so this is what counts.

Twenty a second against a thousand invitations of 51.7 bits take some 4,000 years for an even
chance; and who comes with a right code while somebody guesses is seldom kept waiting.
"""

MAX_OWN_MESSAGES = 20
"""Newest messages of one's own that can be chosen to be deleted."""

MAX_MENTIONS = 4
"""People whom one message means; a class each, and all in one cell with 300 bytes of text."""

COME_BURST = 8
"""Rooms that a session may enter at once, leaving others."""

COME_EVERY_S = 15.0
"""Seconds for one more: coming and going is told to everybody, and must not become a drum."""

MAX_PRIVATE_MEMBERS = 100
"""Members of one private room: each going costs a key that is sealed anew to all who stay, 5 ms."""

PUBLIC_RENEWAL_S = 60.0
"""Seconds until those who stay in a public room get a new key when somebody has left: a box takes
50 µs, and a loop of goings must not stall the house."""

HEAD_COUNT_S = 300
"""Seconds for which a shown head count stands."""

MAX_TITLE_CHARS = 60
"""Characters of a room's title: one line on a small screen, or two."""
