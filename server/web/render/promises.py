"""Content of the privacy page: promises, each with the test that checks it, and their limits.

The numbers come from the limits in force. Sentences that depend on the machine appear only where
they are true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.core.limits import (
    PUBLIC_RENEWAL_S,
    RING_EVENTS,
    RING_MESSAGES,
    SESSION_LIFE_S,
    SESSION_SILENCE_S,
    SPENT_TOKENS,
    STILL_ANSWER_S,
    STILL_USUAL_S,
)
from server.locales.language import mark
from server.web.safeguards import Safeguards

MINUTE_S, HOUR_S = 60, 3_600

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
            "No log and no file of ours holds words, names or conversations; they are in this"
            " process's memory."
        ),
        test="tests/process/test_silence.py::test_words_agents_and_names_reach_no_output_and_no_file",
    ),
    Promise(
        mark(
            "What is said is kept sealed. A copy of all that the server keeps opens no word, and no"
            " title of a private room: that takes the cookie of somebody who is there."
        ),
        test="tests/store/memory/test_sealed.py::test_copy_of_the_store_opens_nothing_without_a_cookie",
    ),
    Promise(
        mark(
            "Whoever joins cannot open what was said before. Whoever has left cannot open what"
            " comes after."
        ),
        test="tests/store/memory/test_sealed.py::test_who_comes_and_who_goes_reads_their_own_time_and_no_other",
    ),
    Promise(
        mark(
            "When the last one has left, the conversation and its keys are deleted at once; of"
            " somebody who goes without a word, that is %(silence)s minutes later. Then nothing"
            " opens it any more."
        ),
        {"silence": SESSION_SILENCE_S // MINUTE_S},
        test="tests/store/memory/test_sealed.py::test_nothing_that_could_open_anything_outlives_the_last_member",
    ),
    Promise(
        mark(
            "The server learns no address of yours: what reaches it comes from Tor through a Unix"
            " socket. It listens on no network."
        ),
        test="tests/process/test_life.py::test_no_tcp_socket_is_open",
    ),
    Promise(
        mark(
            "Once it serves, this program can make no socket and no connection, start no other"
            " program and write no file, also when somebody has broken into it."
        ),
        holds=lambda here: here.no_way_out,
        test="tests/sandbox/test_lockdown.py::test_no_socket_of_any_family_can_be_made",
    ),
    Promise(
        mark("Nor can it read any file but its own."),
        holds=lambda here: here.no_way_out and here.reads_itself,
        test="tests/sandbox/test_lockdown.py::test_only_the_program_can_be_read_and_only_its_own_files_be_removed",
    ),
    Promise(
        mark(
            "Memory that is given back is overwritten: an image of the program that is taken when"
            " everybody has left a conversation shows no word of it, but for the last letters of"
            " some."
        ),
        holds=lambda here: here.overwrites,
        test="tests/process/test_memory.py::test_nothing_that_was_said_is_left_when_all_have_gone",
    ),
    Promise(
        mark("A bug in it is counted by its kind; nothing of what you sent is kept with it."),
        test="tests/process/test_bugs.py::test_bug_in_any_view_is_one_static_page_and_one_count",
    ),
    Promise(
        mark(
            "Your browser holds one random cookie, which ends with the browser. The server keeps a"
            " hash of it and a public key made from it."
        ),
        test="tests/store/memory/test_memory.py::test_store_keeps_no_secret",
    ),
    Promise(
        mark("Opening a page stores nothing and sets no cookie; only a button you press does."),
        test="tests/web/test_door.py::test_gets_before_the_first_post_store_nothing_and_set_no_cookie",
    ),
    Promise(
        mark(
            "Whoever comes through a gateway that can be recognised is shown nothing but a page"
            " that says to use Tor Browser."
        ),
        test="tests/web/test_gateways.py::test_every_route_answers_a_gateway_with_the_same_page_and_does_nothing",
    ),
    Promise(
        mark("A room with nobody in it holds nothing: its words go with the last one out."),
        test="tests/store/memory/test_memory.py::test_nothing_hangs_on_an_empty_public_room",
    ),
    Promise(
        mark("Of an invitation the server keeps a keyed hash, until it is used up or over."),
        test="tests/web/test_private.py::test_store_has_neither_a_code_nor_the_key_that_it_is_hashed_under",
    ),
    Promise(
        mark(
            "Of codes to meet again by the server keeps keyed hashes, until a day after the first"
            " of the two was asked for. When you are gone nothing says whose they were. Panic"
            " deletes both, from the session that asked for one or that waits with one."
        ),
        test="tests/store/contract/rematch.py::test_panic_deletes_ones_own_codes_and_what_hangs_on_them",
    ),
    Promise(
        mark("What is held of you stands on the page “My session”, for you alone."),
        test="tests/web/test_mine.py::test_everything_that_hangs_on_a_session_stands_on_its_page",
    ),
    Promise(
        mark(
            "A page that is left open does not keep your session: after %(still)s minutes, or as"
            " long as you choose, without anything sent or pressed it asks, and %(answer)s minutes"
            " later the session is forgotten."
        ),
        {"still": STILL_USUAL_S // MINUTE_S, "answer": STILL_ANSWER_S // MINUTE_S},
        test="tests/store/contract/session.py::test_who_does_not_answer_is_forgotten_five_minutes_later",
    ),
    Promise(
        mark(
            "Panic covers the page before anything is sent, and forgets your session here. Back"
            " and Reload show nothing of it."
        ),
        test="tests/e2e/test_panic.py::test_back_and_reload_show_nothing_and_the_other_tab_goes_blank",
    ),
    Promise(
        mark(
            "In the live view, what comes to you is padded: a short message, a sign of life and"
            " somebody's leaving are one cell each; longer messages are 2, 4, 8 cells. What you"
            " send, and the pages that you load, are not padded: their sizes can be seen."
        ),
        test="tests/process/test_wire.py::test_messages_of_1_and_of_200_characters_are_each_exactly_one_cell",
    ),
    Promise(
        mark(
            "In the steady view, which you choose on the page “My session”, one cell comes every"
            " few seconds, whether anything is said or not. It hides when and how much is said"
            " while it is open; not, each time it opens, about how much stands there, nor when you"
            " send something or load a page, nor that you are here."
        ),
        test="tests/stream/test_constant_rate.py::test_each_tick_is_one_cell_whether_anything_is_said_or_not",
    ),
    Promise(
        mark("No page holds a script, a picture or anything from elsewhere."),
        test="tests/web/test_pages.py::test_answer_has_no_script_and_names_nothing_outside",
    ),
)

NOT_PROTECTED = (
    Sentence(
        mark(
            "Your browser cannot encrypt without scripts: the server seals. A server whose program"
            " was changed can read and keep everything from then on."
        )
    ),
    Sentence(
        mark(
            "Whoever images the memory of the running server gets the conversations that are open"
            " at that moment."
        )
    ),
    Sentence(
        mark(
            "On this machine freed memory is not overwritten: such an image can hold traces of"
            " conversations that have ended, too."
        ),
        holds=lambda here: not here.overwrites,
    ),
    Sentence(
        mark(
            "On this machine the kernel has no Landlock: somebody who broke into this program could"
            " read files of its user, the onion's key too."
        ),
        holds=lambda here: here.no_way_out and not here.reads_itself,
    ),
    Sentence(
        mark(
            "If the machine swaps, hibernates or writes memory to its disk, words can get there;"
            " the program does not prevent that yet."
        )
    ),
    Sentence(
        mark(
            "A copy of what the server keeps shows, by random numbers, who is in which"
            " conversation, the two-word names, what was asked for at the door, comings and"
            " goings, and how many messages of about what length; not what they say."
        )
    ),
    Sentence(
        mark(
            "In a public room anybody may come in and read along. After somebody has left, up to"
            " %(seconds)s seconds pass until the key is changed for those who stay."
        ),
        {"seconds": int(PUBLIC_RENEWAL_S)},
    ),
    Sentence(mark("The other person can keep what you write.")),
    Sentence(
        mark(
            "A gateway that hides what it is, or a copy of this house under another address, reads"
            " everything. Compare the whole address."
        )
    ),
    Sentence(
        mark(
            "Somebody who watches your line sees that you use Tor, and when. Somebody who watches"
            " both lines, or the server, can tell by the timing who talks with whom."
        )
    ),
    Sentence(mark("How you write can tell who you are; nothing here changes that.")),
)

KEPT = (
    Sentence(
        mark(
            "While you wait: that you wait. Of your wishes: the last one, so that Next can ask for"
            " the same; and hashes of the session that you met last and of those that you never"
            " want to meet again, until one of the two is forgotten."
        )
    ),
    Sentence(
        mark(
            "In a conversation: your two-word name, the newest %(messages)s messages, sealed, and"
            " %(events)s events, a key sealed to you, keyed hashes of your last %(tokens)s"
            " messages (so that nothing is sent twice), whom you have muted or asked for a private"
            " talk, and how fast you write. Of a private room: its title, sealed, who knocks, and a"
            " keyed hash of its invitation."
        ),
        {"messages": RING_MESSAGES, "events": RING_EVENTS, "tokens": SPENT_TOKENS},
    ),
    Sentence(
        mark(
            "Of a session: its hash and its public key, when it began, when it was last heard of"
            " and when something was last pressed, how many bytes it has cost, and what you chose"
            " for your pages; for %(silence)s minutes of silence, and %(life)s hours in all."
        ),
        {"silence": SESSION_SILENCE_S // MINUTE_S, "life": SESSION_LIFE_S // HOUR_S},
    ),
    Sentence(
        mark(
            "Of codes to meet again by: keyed hashes, until a day after the first of the two was"
            " asked for. The program shows its operator rounded counts, and nothing about anybody."
        )
    ),
)
