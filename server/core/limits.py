"""The limits of the server: unit, reason, and where the number comes from.

A limit that concerns one module only stands in that module.
"""

from __future__ import annotations

from dataclasses import dataclass

CELL_BYTES = 498
"""Payload that one RELAY_DATA cell carries of an onion stream (tor-spec, relay cells: 509 - 11).

Measured on a service's circuit: a write of 498 bytes leaves as one cell, 499 as two. Cells of
the newer format (proposal 340) carry 488; then only this constant has to change.
"""

MAX_MESSAGE_CHARS = 2_000
"""Code points of one message after cleaning: a long letter. More is a document."""

MAX_MESSAGE_BYTES = 6_000
"""UTF-8 bytes of one message: as many characters in Burmese or Chinese, at three bytes each."""

MAX_LINE_ENDS = 40
"""Line ends in one message: more would push everything else off the screen."""

MAX_MARKS = 8
"""Combining marks and joiners on one letter; what is over is dropped. The longest stack in use that
we know of is the Tibetan syllable of the Kalachakra, with eight. More would be painted over the
lines around it."""

MAX_NON_STARTERS = 30
"""Characters of a combining class other than 0 in a row, before anything is normalised. Source:
Unicode Standard Annex 15, Stream-Safe Text Format: no text in use has more."""

RING_MESSAGES = 200
"""Messages kept per conversation. Of whoever has most of them, the oldest is dropped; readers see
how many they missed."""

RING_HORIZON = 5 * RING_MESSAGES
"""Messages posted after one, until it is dropped in any case: else the words of former speakers
would fill the ring of a busy room. At the pace of a room (`ROOM_CELLS_PER_S`) nobody can post so
many in less than five minutes."""

RING_EVENTS = 200
"""Joins, departures and other events kept per conversation, separate from the messages, so that
many joins do not evict messages."""

RING_ENTRIES = RING_MESSAGES + RING_EVENTS
"""Entries of either kind kept per conversation."""

RING_BYTES = 256 * 1024
"""Sealed bytes kept per conversation, so that long messages cannot fill the memory."""

ENTRY_BYTES = 250
"""Bytes of memory that an entry takes beside its sealed bytes: 170 to 270 were measured."""

MAX_REQUESTS = 32
"""Unanswered requests to one member that are kept for them, of members who ask for a side chat and
of visitors who knock; the oldest is dropped."""

PLAIN_PAGE_ENTRIES = 50
"""Messages on one page of the plain view."""

POST_BURST = 5
"""Messages that a session may post at once: one thought sent in pieces."""

POST_EVERY_S = 2.0
"""Seconds until the bucket regains one message."""

MAX_REPEATS = 8
"""Times that a member may post the same text within `REPEAT_WINDOW_S`."""

REPEAT_WINDOW_S = 60.0
"""Seconds for which a repetition counts."""

SPENT_TOKENS = 64
"""Spent composer tokens remembered per member. An older form has to be confirmed again."""

SESSION_SILENCE_S = 20 * 60
"""Seconds without a request or an open stream until a session is deleted."""

LATE_COOKIE_S = 30
"""Seconds in which a cookie may still arrive that was issued and replaced: in the answer to another
tab, while a newer one is already used."""

MAX_FORMER_HANDLES = 8
"""Former handles that lead to one session; more than one only after an answer was lost."""

SESSION_LIFE_S = 12 * 60 * 60
"""Longest life of a session in seconds, active or not: no session spans two days."""

END_NOTICE_S = 10 * 60
"""Seconds before the end of a session at which it is announced."""

IDLE_QUESTION_S = 30 * 60
"""Seconds of an open stream without user activity until the page asks "still there?"."""

IDLE_QUESTION_MINUTES = (10, 30, 60, 120)
"""Choices for that time, in minutes."""

IDLE_ANSWER_S = 5 * 60
"""Seconds to answer that question; after that the session is deleted."""

OWN_LIMIT_MINUTES = (0, 15, 30, 60, 120)
"""Choices for a visitor's own time limit, in minutes; 0 for none."""

OWN_LIMIT_KIB = (0, 250, 1_000, 5_000)
"""Choices for a visitor's own traffic limit, in KiB; 0 for none."""

DISCONNECT_NOTICE_S = 45
"""Seconds after a partner's stream broke until it is announced: as long as a browser takes to
reconnect three times."""

WAITER_PRESENT_S = 30
"""Seconds after the last request for which a waiting visitor counts as present."""

TICKET_KEPT_S = 120
"""Seconds that a ticket outlives its owner's presence, so that a broken connection does not cost
the place in the queue."""

MATCH_OPEN_S = 60
"""Seconds to open a match; after that the other one is requeued at the head."""

HEARTBEAT_S = 25.0
"""Seconds after the last write on a stream: two cells a minute, and shorter than `DEAD_MAN_S`."""

DEAD_MAN_S = 45
"""Seconds of silence after which the page shows that the connection is dead. In the stylesheet."""

CONSTANT_RATE_PERIODS_S = (2, 5, 10)
"""Choices for the seconds between two cells of a constant-rate stream."""

CONSTANT_RATE_CHOICES_S = (0, *CONSTANT_RATE_PERIODS_S)
"""The same choices, and 0 for a stream that sends events when they happen."""

MAX_EVENT_CELLS = 24
"""Cells of the longest event of a constant-rate stream: 2,000 characters of five bytes each."""

CONSTANT_RATE_DEAD_TICKS = 30
"""Ticks after which the page shows a constant-rate connection as dead. More than
`MAX_EVENT_CELLS`, because a long event is only one sign of life."""

MAX_BODY_BYTES = 16 * 1024
"""Bytes of a form body, each `%XX` counted as the one byte that it encodes.

Counted decoded because a message of 6,000 bytes in Burmese takes 18,000 bytes on the wire.
"""

KEPT_S = 5 * 60.0
"""Seconds for which the words of a refused form are kept, and which conversations were left."""

MAX_KEPT_BYTES = MAX_BODY_BYTES + 2 * 1024
"""Bytes of the words of one refused form: those of a whole form, and why it was refused."""

MAX_KEPT = 2_048
"""Refused forms that are kept at once: at most 37 MiB. Most take a few hundred bytes."""

MAX_LEFT_CHATS = 4
"""Conversations of which a session knows that it has left them."""

MAX_RAW_BODY_BYTES = 3 * MAX_BODY_BYTES
"""Bytes of a form body on the wire: no more is ever read."""

REQUEST_S = 30.0
"""Seconds until a request head must end, until a form body must end, and for an idle connection."""

WRITE_S = 120.0
"""Seconds in which a visitor must receive what was sent last: a piece of 32 KiB of a long response,
or a page of eight events of a stream."""

FIRST_FORM_TOKEN_SLICE_S = 30 * 60
"""The longest slice in seconds: the time in which all tokens of a first form are the same."""

FIRST_FORM_TOKEN_MIN_S = 60 * 60
"""Seconds for which such a token is certainly valid: a visitor may read the rules first."""

FIRST_FORM_TOKEN_MAX_S = 90 * 60
"""Seconds after which it certainly is not any more."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much of each resource one process holds.

    When it is reached, places are shared fairly (see `shares.py`): who holds most gives way. Only
    whoever would then hold the most gets a calm page with status 503.
    """

    sessions: int = 20_000
    """Sessions at once, idle ones included."""

    rooms: int = 1_000
    """Private rooms at once."""

    tickets: int = 10_000
    """Tickets waiting at once."""

    streams: int = 12_000
    """Streams that may be open at once: one is reserved for each session that is in a conversation
    or waits for one. Each takes about 4 KiB; its session and conversation take some more."""

    ring_mib: int = 128
    """Memory of all messages that are kept, in MiB: 512 conversations of the greatest length, or
    10,000 of 13 KiB each, which is 30 messages. On a machine with 1 GiB it leaves most to tor, to
    the streams and to the system."""


MAX_CAPACITY = Capacity(
    sessions=200_000, rooms=10_000, tickets=100_000, streams=120_000, ring_mib=1_280
)
"""The most that an operator may configure: ten times the default. The streams alone take half a
GiB."""

MAX_TOPICS = 40
"""Topics to choose from: the long form shows each of them twice."""

MAX_MEETING_HOURS = 12
"""Meeting hours per day: with more, visitors would come at any hour."""

WALL_CLOCK_SHIFT_S = 15 * 60
"""Seconds by which the shown distance to a meeting hour may be off, so that it reveals no clock."""


# Fair shares: of one circuit, where circuits are known. Each number is far above what one person
# takes, and a second client behind the same tor may take as much.

CIRCUIT_SESSION_BURST = 30
"""Sessions that may begin at once on one circuit. A browser has one, however many tabs it has; one
begins anew after Panic, or where the first form of a visitor is refused. About as many as one
circuit can have: what is limited is how fast they are replaced."""

CIRCUIT_SESSION_EVERY_S = 5.0
"""Seconds until one more may begin."""

CIRCUIT_SESSIONS = 32
"""Sessions of one circuit at once, and thereby streams: a session has one. At this number a new one
takes the place of an older one of the same circuit."""

CIRCUIT_ROOMS = 8
"""Private rooms of one circuit at once: twice what one session can be in."""

CIRCUIT_REMATCH_CODES = 32
"""Valid rematch codes that the sessions of one circuit have at once: four times what one session
can have."""

CIRCUIT_REMATCH_CODE_BURST = 16
"""Rematch codes that may be issued at once on one circuit."""

CIRCUIT_REMATCH_CODE_EVERY_S = 30.0
"""Seconds until one more may be issued there."""


# Matching.

MAX_CHOICES = 4
"""Topics, languages or limits of one ticket: each one more adds index entries."""

MAX_BLOCKED = 64
"""Partners that a session will not meet again: more conversations than fit into half a day."""

TOPICS_RELAX_S = 20
"""Seconds after which topics need not agree: about as long as a visitor looks at a waiting page."""

TALKERS_MEET_S = 60
"""Seconds after which two visitors who both want to talk are matched rather than left waiting."""

SAME_PARTNER_S = 60
"""Seconds of waiting after which the same two visitors may meet twice in a row."""

FREE_SKIPS = 12
"""Conversations that a session may leave for the next one, in a row, without a pause."""

SKIP_DECAY_S = 60.0
"""Seconds after which one skip no longer counts."""

SKIP_PAUSE_S = 10.0
"""The first pause, in seconds; each further pause is twice as long."""

MAX_SKIP_PAUSE_S = 300.0
"""The longest pause, in seconds."""

OFFER_ROOM_S = 25
"""Seconds of waiting after which the page offers a room to pass the time in. The first heartbeat of
the waiting page, which brings the offer, comes after about half a minute."""

LOOK_S = 10
"""Seconds, at least, between two looks at which languages wait: else a waiting page would show each
arrival and departure of somebody who speaks another language."""

LOOK_MAX_S = 20
"""Seconds between two such looks at most. Each time is drawn, so that it shows no clock."""

LOOK_AGE_S = 5
"""Seconds that a ticket must have waited to be seen: a visitor who is matched in their first draws
has not waited."""

LOOK_TICKETS = 32
"""Tickets of each intent that one look reads."""

REMATCH_CODE_S = 24 * 60 * 60
"""Seconds for which the two rematch codes of a pair are valid."""

MAX_REMATCH_CODES = 8
"""Rematch codes that one session may have at once."""

REMATCH_CODE_BURST = 600
"""Rematch codes that may be issued at once, over all sessions. A circuit that has asked for none
lately does not need one of these."""

REMATCH_CODE_EVERY_S = 4.0
"""Seconds until one more may be issued: a day's codes stay below the capacity for them."""

DRAW_EVERY_S = 1.0
"""Seconds between two draws: two of them fit into the time for which a browser is left without an
answer (`ANSWER_DRAWS`)."""

MIN_DRAW_EVERY_S = 0.001
"""The shortest time between two draws that can be set: for tests and measurements."""

ANSWER_DRAWS = 2
"""Draws for which the answer to a request for a match waits. Nobody is left out twice, so a visitor
who can be matched never sees the waiting page."""

LEFT_OUT_CHANCE = 0.25
"""The chance that a ticket is left out of its first draw. The simulation `bench/matching_attack.py`
shows what other values would do."""

MAX_CIRCUIT_TICKETS = 2
"""Waiting tickets of one circuit. They are matched with each other before anybody else."""

MAX_LIMITS = 2
"""Limits of one ticket: with more of them, a visitor would be easy to recognise by them."""

FREE_MATCHES = 24
"""Matches that a session or a circuit may take in a row without a pause."""

MATCH_DECAY_S = 30.0
"""Seconds after which one match no longer counts: nobody who takes two a minute is ever slowed."""

MATCH_PAUSE_S = 10.0
"""The first pause after too many matches, in seconds; each further one is twice as long."""

MAX_MATCH_PAUSE_S = 60.0
"""The longest such pause, in seconds. Short, because it also meets a visitor whom partners leave
again and again."""

MAX_SCANNED_ENTRIES = 256
"""Index entries that one search examines in order, in at most half a millisecond; the next draw
continues it."""

DRAW_SLICE_TICKETS = 64
"""Waiting tickets that search in one turn of the event loop."""

DRAW_SLICE_ENTRIES = 1_024
"""Index entries after which a turn of the event loop ends: some milliseconds without other work."""


# Rooms.

ROOM_CELLS_PER_S = 3.0
"""Cells a second that all members of one room may write. On the line a cell takes 514 bytes, so
this is 12 kbit/s: a reader on 20 kbit/s can follow, and has a third left for heartbeats and for
what they send themselves. Twenty people who write a message each in 15 s need half of it."""

ROOM_BURST_CELLS = 30
"""Cells beyond that rate before anybody has to wait: six seconds of a line of 20 kbit/s."""

SHARE_CELLS = 2.0
"""Cells that a speaker may write at once in a busy room: one thought in two pieces. Sixty speakers
at once fill a line of 20 kbit/s for half a minute."""

NEWCOMER_S = 60.0
"""Seconds for which a member of a room is a newcomer; in a busy room they begin with no cells."""

CIRCUIT_KEPT_S = 10 * 60.0
"""Seconds for which a room knows a circuit that somebody spoke through: about as long as the ring
holds what was said, so that all sessions of a circuit share one part of it."""

MAX_ROOM_MEMBERS = 500
"""Members of one room: each join costs every other member one cell."""

MAX_PUBLIC_MEMBERS = 5_000
"""The most that an operator may allow in one public room. The first message after a departure waits
a quarter of a second, in slices, until that many boxes are sealed."""

MAX_ROOMS_OF_SESSION = 4
"""Rooms that one session may be in at once, beside its pair."""

MAX_PUBLIC_ROOMS = 64
"""Public rooms of one service: more than anybody reads through."""

MAX_SLOW_S = 600
"""Seconds between two messages in the slowest slow room: more is a letter box."""

MAX_SIDE_CHATS = 8
"""Side chats with members of the same rooms that one session may have at once."""

MAX_SIDE_CHAT_REQUESTS = 8
"""Pending side chat requests of one member; the oldest is dropped."""

MAX_KNOCKERS = 20
"""Visitors who wait outside one private room."""

INVITATION_USES = (1, 5, 20)
"""Choices for how many visitors may join by one invitation."""

USE_RETURNS = 3
"""Times that a use of an invitation is given back, on average: whoever has the code and opens
nothing could else let members read of arrivals until it expires."""

INVITATION_MINUTES = (10, 60, 12 * 60)
"""Choices for how long an invitation is valid, in minutes."""

GUESS_BURST = 5
"""Wrong codes that one session may try at once, and all sessions of one circuit. A text that is no
code counts as a wrong one."""

GUESS_EVERY_S = 30.0
"""Seconds until one more may be tried."""

ALL_GUESS_BURST = 600
"""Wrong invitation codes that all sessions together may try at once."""

ALL_GUESS_EVERY_S = 0.05
"""Seconds until one more may be tried. Sessions are free, so where circuits are not known this is
the limit that counts: twenty guesses a second. Against a thousand invitations of 51.7 bits, an even
chance then takes about 4,000 years.

Where circuits are known, a circuit that has not guessed wrong lately does not need one of these, so
that nobody can keep a valid code out. An attacker gets one guess more for each new circuit. With
300 of them a second, as many as tor can set up on one core (a circuit costs it 2.9 ms), an even
chance takes 250 years.
"""

MAX_OWN_MESSAGES = 20
"""Newest own messages that a member can choose from to delete one."""

MAX_WRITERS = 3
"""Names beside the composer of a room. Each is about 85 bytes of every post's answer."""

WRITER_ENTRIES = 40
"""Newest entries that are searched for those who wrote last: a bound for the work of one post."""

MAX_MENTIONS = 4
"""Members mentioned by one message. Each adds a CSS class, and all of them must fit into one cell
together with 300 bytes of text."""

JOIN_BURST = 8
"""Rooms that a session may join at once, while leaving others."""

JOIN_EVERY_S = 15.0
"""Seconds until one more may be joined: every member sees joins and departures, so they must not
become noise."""

CIRCUIT_JOIN_BURST = 2 * JOIN_BURST
"""Times that the sessions of one circuit may join one room at once: twice what one session may, so
that nobody who is alone on their circuit meets this limit first."""

CIRCUIT_JOIN_EVERY_S = JOIN_EVERY_S / 2
"""Seconds until one more may join it there."""

ROOM_JOIN_BURST = 120
"""Times that one room may be joined at once, by sessions of unknown circuits and by circuits that
have joined it lately: as many as come at a meeting hour. The first join of a circuit needs none of
these."""

ROOM_JOIN_EVERY_S = 1.0
"""Seconds until one more may join it. With its departure it is two cells, so that a lasting flood
takes two thirds of the pace of a room."""

MAX_PRIVATE_MEMBERS = 100
"""Members of one private room: each departure costs a key sealed to all who stay, 5 ms."""

PUBLIC_RENEWAL_S = 60.0
"""Seconds until the remaining members of a public room get a new key after a departure. A box takes
50 µs, and a loop of departures must not stall the server."""

HEAD_COUNT_S = 300
"""Seconds for which a published head count certainly does not change."""

HEAD_COUNT_MAX_S = 360
"""Seconds after which it may. Drawn each time, so that the changes show no clock."""

MAX_TITLE_CHARS = 60
"""Characters of a room's title: one or two lines on a small screen."""

MAX_RAW_TITLE_CHARS = 10 * MAX_TITLE_CHARS
"""Code points of a title as it was typed: a letter with its marks may be several. A longer one is
refused before it is cleaned."""

MAX_RAW_CODE_CHARS = 256
"""Code points of a code as it was typed: both spellings, with whatever stands between. A longer one
is refused before it is normalised."""
