"""Content of the privacy page: promises, each with the test that checks it, and their limits.

The numbers come from the limits in force. Sentences that depend on the machine appear only where
they are true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.core.circuits import CIRCUIT_PERIOD_S
from server.core.limits import (
    CELL_BYTES,
    CIRCUIT_JOIN_BURST,
    CIRCUIT_JOIN_EVERY_S,
    CIRCUIT_KEPT_S,
    CIRCUIT_REMATCH_CODE_BURST,
    CIRCUIT_REMATCH_CODE_EVERY_S,
    CIRCUIT_SESSION_BURST,
    CIRCUIT_SESSION_EVERY_S,
    GUESS_BURST,
    GUESS_EVERY_S,
    IDLE_ANSWER_S,
    IDLE_QUESTION_S,
    KEPT_S,
    PUBLIC_RENEWAL_S,
    RING_EVENTS,
    RING_MESSAGES,
    SESSION_LIFE_S,
    SESSION_SILENCE_S,
    SPENT_TOKENS,
)
from server.locales.language import mark
from server.web.safeguards import Safeguards

MINUTE_S, HOUR_S = 60, 3_600

RATES_KEPT_S = int(
    max(
        CIRCUIT_SESSION_BURST * CIRCUIT_SESSION_EVERY_S,
        CIRCUIT_REMATCH_CODE_BURST * CIRCUIT_REMATCH_CODE_EVERY_S,
        CIRCUIT_JOIN_BURST * CIRCUIT_JOIN_EVERY_S,
        GUESS_BURST * GUESS_EVERY_S,
    )
)
"""Seconds for which the use of a circuit's limits is kept at most; see `core/fair_rate.py`."""

Numbers = Mapping[str, int]

Condition = Callable[[Safeguards], bool]


def _always(_here: Safeguards) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the page."""

    text: str
    numbers: Numbers = field(default_factory=dict)
    holds: Condition = _always
    """Whether the sentence is true of this process."""


@dataclass(frozen=True, slots=True)
class Promise(Sentence):
    """A sentence that a test checks."""

    test: str = ""
    """The test's id for pytest; another test checks that it exists."""


PROMISES = (
    Promise(
        mark(
            "What people write, their names and their conversations are in the memory of this"
            " program. No log and no file of this server contains them."
        ),
        test="tests/process/test_silence.py::test_data_of_visitors_reaches_no_output_and_no_file",
    ),
    Promise(
        mark(
            "Messages and the titles of private rooms are stored sealed (encrypted). Somebody who"
            " copies everything that is stored cannot open them without the cookie of a person who"
            " is in the conversation."
        ),
        test="tests/store/memory/test_sealed.py::test_copy_of_the_store_opens_nothing_without_a_cookie",
    ),
    Promise(
        mark(
            "A person who joins cannot open what was written before. A person who has left cannot"
            " open what is written afterwards; in a public room, from %(seconds)s seconds later."
        ),
        {"seconds": int(PUBLIC_RENEWAL_S)},
        test="tests/store/memory/test_sealed.py::test_former_member_opens_only_messages_of_their_stay",
    ),
    Promise(
        mark(
            "When the last person leaves, the server deletes the conversation and its keys at once."
            " A person who disappears without leaving counts as gone %(silence)s minutes later."
            " After the deletion, nothing that is stored opens the conversation."
        ),
        {"silence": SESSION_SILENCE_S // MINUTE_S},
        test="tests/store/memory/test_sealed.py::test_no_key_outlives_the_last_member",
    ),
    Promise(
        mark(
            "When you leave your last conversation, your browser gets a new cookie. Somebody who"
            " finds the new one cannot open anything with it in an older copy of what is stored."
        ),
        test="tests/store/memory/test_sealed.py"
        "::test_old_copy_of_the_store_opens_nothing_with_the_new_cookie",
    ),
    Promise(
        mark(
            "The server does not learn any address of yours: everything reaches it from Tor,"
            " through a Unix socket. It does not listen on a network."
        ),
        test="tests/process/test_life.py::test_no_tcp_socket_is_open",
    ),
    Promise(
        mark(
            "Once this program serves visitors, it cannot create a socket or a connection, start"
            " another program or write a file, even after somebody has broken into it."
        ),
        holds=lambda here: here.is_locked_down,
        test="tests/sandbox/test_lockdown.py::test_no_socket_of_any_family_can_be_made",
    ),
    Promise(
        mark(
            "From then on, this program also cannot open any file, not even its own, and cannot ask"
            " the system on which machine it runs."
        ),
        holds=lambda here: here.is_locked_down,
        test="tests/sandbox/test_lockdown.py::test_process_cannot_find_out_where_it_runs",
    ),
    Promise(
        mark("This program also cannot remove any file except those of its own sockets."),
        holds=lambda here: here.is_locked_down and here.removes_own_files_only,
        test="tests/sandbox/test_lockdown.py::test_only_files_of_its_own_sockets_are_removable",
    ),
    Promise(
        mark(
            "When everybody has left a conversation, the program overwrites what was written in its"
            " memory. Of a short text, at most the last seven letters can remain for a while."
        ),
        holds=lambda here: here.overwrites_freed_memory,
        test="tests/process/test_memory.py::test_nothing_is_left_in_memory_when_all_have_left",
    ),
    Promise(
        mark(
            "If the program has a bug, it counts the bug. With this count it keeps nothing of what"
            " you sent."
        ),
        test="tests/process/test_bugs.py::test_bug_in_any_view_is_one_static_page_and_one_count",
    ),
    Promise(
        mark(
            "Your browser holds one random cookie, which ends when the browser closes. The server"
            " keeps a hash of the cookie and a public key made from it."
        ),
        test="tests/store/memory/test_memory.py::test_store_keeps_no_secret",
    ),
    Promise(
        mark("Opening a page begins no session and sets no cookie. Only a button does."),
        test="tests/web/test_door.py::test_gets_before_the_first_post_store_nothing_and_set_no_cookie",
    ),
    Promise(
        mark(
            "A visitor who comes through a gateway that the server can recognise sees only a page"
            " that says to use Tor Browser."
        ),
        test="tests/web/test_gateways.py::test_gateway_gets_one_page_on_every_route_and_changes_nothing",
    ),
    Promise(
        mark("An empty public room holds no messages and no keys."),
        test="tests/store/memory/test_memory.py::test_empty_public_room_references_no_conversation",
    ),
    Promise(
        mark(
            "Of each invitation, the server keeps a keyed hash, until the invitation is used up,"
            " expires or is replaced, or the room ends."
        ),
        test="tests/web/test_private.py::test_store_has_neither_codes_nor_the_key_of_their_hash",
    ),
    Promise(
        mark(
            "Of the two codes for meeting again, the server keeps keyed hashes, until a day after"
            " the first of you asked for one. When both of you are gone, nothing shows whose they"
            " were. “Forget me” deletes both if you press it in the session that asked for one, or"
            " that waits with one."
        ),
        test="tests/store/contract/rematch.py::test_panic_revokes_own_codes_and_their_counterparts",
    ),
    Promise(
        mark(
            "The page “My session” shows what the server keeps about you, and shows it only to you."
        ),
        test="tests/web/test_mine.py::test_page_lists_everything_that_belongs_to_the_session",
    ),
    Promise(
        mark(
            "An open page alone does not keep your session. If you send and press nothing for"
            " %(still)s minutes, or for the time that you choose, the page asks whether you are"
            " still there. Without an answer, the server forgets the session %(answer)s minutes"
            " later."
        ),
        {"still": IDLE_QUESTION_S // MINUTE_S, "answer": IDLE_ANSWER_S // MINUTE_S},
        test="tests/store/contract/session.py::test_unanswered_question_ends_the_session_after_5_minutes",
    ),
    Promise(
        mark(
            "“Forget me” covers the page at once. When it reaches this server, your session is"
            " forgotten. After that, the Back, Forward and Reload buttons of the browser show"
            " nothing of a conversation."
        ),
        test="tests/e2e/test_panic.py::test_back_and_reload_show_nothing_and_other_tabs_go_blank",
    ),
    Promise(
        mark(
            "In the live view, what comes to you is padded to whole Tor cells (%(bytes)s bytes)."
            " A short message, the news that somebody has left, and the sign that the connection"
            " works are one cell each. A longer message is 2, 4, 8 or more cells."
        ),
        {"bytes": CELL_BYTES},
        test="tests/process/test_wire.py::test_messages_of_1_and_of_200_characters_take_one_cell_each",
    ),
    Promise(
        mark(
            "In the steady view, which you choose on the page “My session”, one cell comes every"
            " few seconds, whether anybody writes or not."
        ),
        test="tests/stream/test_constant_rate.py::test_each_tick_writes_one_cell_with_or_without_events",
    ),
    Promise(
        mark("No page contains a script, a picture or anything from another site."),
        test="tests/web/test_pages.py::test_answer_has_no_script_and_no_external_reference",
    ),
)

NOT_PROTECTED = (
    Sentence(
        mark(
            "The other person can keep what you write, and can lie about who they are. The way you"
            " write can show who you are."
        )
    ),
    Sentence(
        mark(
            "Your browser cannot encrypt without scripts, so the server encrypts. Somebody who"
            " changes the program of this server can read and keep everything from then on."
        )
    ),
    Sentence(
        mark(
            "Somebody who controls the operating system or the Tor program of this server can read"
            " everything that passes through it."
        )
    ),
    Sentence(
        mark(
            "Somebody who copies the memory of the running server gets the conversations that are"
            " open at that moment."
        )
    ),
    Sentence(
        mark(
            "On this machine, freed memory is not overwritten. A copy of the memory can also"
            " contain traces of conversations that have ended."
        ),
        holds=lambda here: not here.overwrites_freed_memory,
    ),
    Sentence(
        mark(
            "If the machine swaps, hibernates or writes memory to its disk, messages can get onto"
            " the disk. The program does not prevent that."
        )
    ),
    Sentence(
        mark(
            "Somebody who watches your connection sees that you use Tor, when, and about how much"
            " you send and load. In the live view, they also see when something is written to you,"
            " and about how long it is."
        )
    ),
    Sentence(
        mark(
            "The steady view hides that while it is open. It does not hide about how much text is"
            " there when it opens, when you send something or load a page, or that you are here."
        )
    ),
    Sentence(
        mark(
            "Somebody who watches the connections of both people, or the server, can see from the"
            " timing who talks with whom. No view prevents that."
        )
    ),
    Sentence(
        mark(
            "A gateway that hides what it is reads everything. So does a copy of this site under"
            " another address: compare the whole address."
        )
    ),
    Sentence(
        mark("Anybody can enter a public room and read it, without being asked who they are.")
    ),
    Sentence(
        mark(
            "Somebody who comes through very many Tor circuits can be most of the people who wait"
            " here, take many places, and slow this server down. See the page “Safety”."
        )
    ),
    Sentence(
        mark(
            "While you wait, people who wait and have no language in common with you can be told"
            " that somebody who speaks another language is waiting."
        )
    ),
    Sentence(
        mark(
            "A copy of what is stored does not show what messages say. It shows which sessions (as"
            " random numbers) are in which conversation, their two-word names, what they asked for,"
            " who joined and left, and how many messages there are and about how long they are."
        )
    ),
    Sentence(
        mark(
            "On this machine, the kernel has no Landlock. Somebody who breaks into this program"
            " could delete files of its user."
        ),
        holds=lambda here: here.is_locked_down and not here.removes_own_files_only,
    ),
)

KEPT = (
    Sentence(
        mark(
            "While you wait, the server keeps that you wait, and since when. It keeps what you"
            " asked for last, so that Next can ask for the same. It keeps hashes of the session"
            " that you met last and of those that you never want to meet again, until your session"
            " or the other one is forgotten."
        )
    ),
    Sentence(
        mark(
            "For each conversation, the server keeps your two-word name, at most %(messages)s"
            " messages (sealed), the newest %(events)s events, a key sealed to you, keyed hashes of"
            " your last %(tokens)s messages (so that nothing is sent twice or too often), how far"
            " you have read, how fast you write, whom you have muted or asked for a private talk,"
            " and who has asked you. For a private room, it also keeps the title (sealed) and who"
            " knocks."
        ),
        {"messages": RING_MESSAGES, "events": RING_EVENTS, "tokens": SPENT_TOKENS},
    ),
    Sentence(
        mark(
            "For each session, the server keeps its hash and its public key, when it began and was"
            " last active, when something was last pressed, how many bytes it used, whether it has"
            " sent a message, how fast you come and go, how often you were matched and went on to"
            " the next person, whether a pause followed, how often a code was wrong, and what you"
            " chose for your pages. It keeps them until you press “Forget me” or are silent for"
            " %(silence)s minutes, and for %(life)s hours at most."
        ),
        {"silence": SESSION_SILENCE_S // MINUTE_S, "life": SESSION_LIFE_S // HOUR_S},
    ),
    Sentence(
        mark(
            "If the server cannot accept what you send, it keeps your text for up to %(minutes)s"
            " minutes, so that you can correct it. It keeps a code that it shows you until the code"
            " ends or you leave. Both are sealed: only your cookie opens them. When you are no"
            " longer in a conversation, its number is kept for %(minutes)s minutes, and whether you"
            " left or were removed, so that its page can say so."
        ),
        {"minutes": int(KEPT_S) // MINUTE_S},
    ),
    Sentence(
        mark(
            "When the server is full, it forgets sessions early that are in no conversation with"
            " anybody: first those that have never sent a message, the longest idle first."
        ),
        holds=lambda here: not here.knows_circuits,
    ),
    Sentence(
        mark(
            "To share places and time fairly, the server gives the Tor circuit that you come"
            " through a random name, and keeps this name with your session. It knows the circuit"
            " again while you are connected, and for at most %(minutes)s minutes after that. It"
            " does not keep Tor's own number of the circuit when you are not connected."
        ),
        {"minutes": 2 * int(CIRCUIT_PERIOD_S) // MINUTE_S},
        holds=lambda here: here.knows_circuits,
    ),
    Sentence(
        mark(
            "With the name of a circuit, the server keeps for at most %(rates)s minutes how many"
            " sessions began there, how often a code was wrong or asked for, and how often each"
            " room was joined. A room in which you write keeps the name for %(spoken)s minutes, and"
            " keeps with its members and messages which of them came through one circuit."
        ),
        {"rates": RATES_KEPT_S // MINUTE_S, "spoken": int(CIRCUIT_KEPT_S // MINUTE_S)},
        holds=lambda here: here.knows_circuits,
    ),
    Sentence(
        mark(
            "When the server is full, the circuit with the most places loses one: first a session"
            " that has never sent a message, and a conversation only at the end."
        ),
        holds=lambda here: here.knows_circuits,
    ),
    Sentence(
        mark("The program shows its operator rounded counts, and nothing about any person."),
    ),
)
