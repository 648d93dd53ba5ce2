"""What the privacy page promises, each with the test that holds it."""

from __future__ import annotations

from dataclasses import dataclass

from .language import mark


@dataclass(frozen=True, slots=True)
class Promise:
    """One sentence of the privacy page."""

    sentence: str
    test: str
    """File and name of a test, as pytest takes them; another test checks that it exists."""


PROMISES = (
    Promise(
        mark(
            "No log and no file of ours holds words, names or conversations; they are in this"
            " process's memory."
        ),
        "tests/process/test_silence.py::test_words_agents_and_names_reach_no_output_and_no_file",
    ),
    Promise(
        mark(
            "The server learns no address of yours: what reaches it comes from Tor through a Unix"
            " socket. It listens on no network."
        ),
        "tests/process/test_life.py::test_no_tcp_socket_is_open",
    ),
    Promise(
        mark(
            "Once it serves, this program can make no socket and no connection and start no other"
            " program, also when somebody has broken into it; where the kernel has Landlock, it"
            " can write to no disk either. Where it runs without that, every page says so."
        ),
        "tests/confine/test_ways_out.py::test_no_socket_of_any_family_can_be_made",
    ),
    Promise(
        mark(
            "Your browser holds one random cookie, which ends with the browser. The server keeps a"
            " hash of it."
        ),
        "tests/store/test_memory.py::test_no_handle_of_a_forgotten_session_hangs_on_the_store",
    ),
    Promise(
        mark("Opening a page stores nothing and sets no cookie; only a button you press does."),
        "tests/web/test_door.py::test_gets_before_the_first_post_store_nothing_and_set_no_cookie",
    ),
    Promise(
        mark(
            "When both have left, the conversation is dropped from the server's memory at once;"
            " when somebody goes without a word, 20 minutes later."
        ),
        "tests/store/contract.py::test_after_a_day_and_when_everybody_is_gone_nothing_is_left",
    ),
    Promise(
        mark("A room with nobody in it holds nothing: its words go with the last one out."),
        "tests/store/test_memory.py::test_nothing_hangs_on_an_empty_public_room",
    ),
    Promise(
        mark("Of an invitation the server keeps a keyed hash, until it is used up or over."),
        "tests/web/test_private.py::test_store_has_neither_a_code_nor_the_key_that_it_is_hashed_under",
    ),
    Promise(
        mark(
            "Of codes to meet again by the server keeps keyed hashes, until a day after the first"
            " of the two was asked for. When you are gone nothing says whose they were. Panic"
            " deletes both, from the session that asked for one or that waits with one."
        ),
        "tests/store/contract_again.py::test_panic_deletes_ones_own_codes_and_what_hangs_on_them",
    ),
    Promise(
        mark("What is held of you stands on the page “My session”, for you alone."),
        "tests/web/test_mine.py::test_everything_that_hangs_on_a_session_stands_on_its_page",
    ),
    Promise(
        mark(
            "A page that is left open does not keep your session: after 30 minutes, or as long as"
            " you choose, without anything sent or pressed it asks, and five minutes later the"
            " session is forgotten."
        ),
        "tests/store/contract_time.py::test_who_does_not_answer_is_forgotten_five_minutes_later",
    ),
    Promise(
        mark(
            "Panic covers the page before anything is sent, and forgets your session here. Back"
            " and Reload show nothing of it."
        ),
        "tests/e2e/test_panic.py::test_back_and_reload_show_nothing_and_the_other_tab_goes_blank",
    ),
    Promise(
        mark(
            "In the live view, what comes to you is padded: a short message, a sign of life and"
            " somebody's leaving are one cell each; longer messages are 2, 4, 8 cells. What you"
            " send, and the pages that you load, are not padded: their sizes can be seen."
        ),
        "tests/process/test_wire.py::test_messages_of_1_and_of_200_characters_are_each_exactly_one_cell",
    ),
    Promise(
        mark("No page holds a script, a picture or anything from elsewhere."),
        "tests/web/test_pages.py::test_answer_has_no_script_and_names_nothing_outside",
    ),
)

NOT_PROTECTED = (
    mark(
        "Messages are not yet sealed in memory. Whoever controls or images this machine can read"
        " what is in it at that moment, and traces of what was there shortly before."
    ),
    mark("A server whose program was changed can read and keep everything from then on."),
    mark("The other person can keep what you write."),
    mark(
        "If the machine swaps, hibernates or writes memory to its disk, words can get there; the"
        " program does not prevent that yet."
    ),
    mark(
        "Somebody who watches your line sees that you use Tor, and when. Somebody who watches both"
        " lines, or the server, can tell by the timing who talks with whom."
    ),
)
