r"""Who costs processor time, waits; all others do not notice.

Each circuit has an account of the processor time that its requests took. What it owes is paid off
at a *share* of one core. A circuit may owe as much as it pays off in `BURST_S`; if it owes more, it
is in debt, and the caller reads nothing from it until it has paid.

    owed  |      /|
          |   /|/ |\        in debt: not read from
    limit |--/----|-\------------------------------- limit: share * BURST_S
          | /         \___/\____   paid off at `share` per second

The share is the same for all circuits, and depends on how busy the server is: it is halved while
there is nearly no time left, and grows back while there is. So many circuits that cost much get
less each, until all of them together leave room. One that costs little notices nothing of it: it
may always owe `MIN_BURST_S`, the way into a conversation. All shares change by one number: debts
are counted against a clock that runs at the share, as in generalised processor sharing (Parekh and
Gallager, 1993).
"""

from __future__ import annotations

MAX_SHARE = 0.1
"""Of one core, for one circuit, as long as there is time for all. A person who reads and writes
takes less than a hundredth: 7 ms for a message in two seconds."""

MIN_SHARE = 0.0003
"""What a circuit gets at least: a page in ten seconds. A thousand that flood a server take a third
of a core then."""

BURST_S = 2.5
"""A circuit may owe what it pays off in so many seconds: 250 ms of processor time at the largest
share, more than ten ways from the home page into a conversation."""

MIN_BURST_S = 0.03
"""What a circuit may owe at any share, in seconds of processor time: one such way, which takes
19 ms."""

MAX_WAIT_S = 10.0
"""The longest wait in seconds; debt over it is forgiven. A form that waits has 30 s to arrive."""

BUSY, SPARE = 0.75, 0.5
"""Parts of the time in which there is something to do: the share is halved above the first, and
grows below the second."""

GROWTH = 1.25
"""How much the share grows at one tick with time to spare: from least to most in 27 ticks."""


class TimeAccount:
    """What one circuit owes."""

    __slots__ = ("noted_at", "owed_s")

    def __init__(self) -> None:
        self.owed_s = 0.0
        self.noted_at = 0.0
        """The clock of shares when this was owed."""


class FairTime:
    """The clock against which all circuits pay off what they owe."""

    def __init__(self, now_s: float) -> None:
        self._share = MAX_SHARE
        self._clock_s = 0.0
        """Processor time that each circuit was allowed so far."""

        self._read_s = now_s

    @property
    def share(self) -> float:
        """The part of a core that a circuit may take now."""
        return self._share

    def charge(self, account: TimeAccount, spent_s: float, now_s: float) -> float:
        """Note that a circuit has cost processor time; see `wait_s` for what is returned."""
        self._pay_off(account, now_s)
        account.owed_s += spent_s
        return self.wait_s(account, now_s)

    def wait_s(self, account: TimeAccount, now_s: float) -> float:
        """Return for how many seconds nothing should be read from a circuit; 0 if not in debt."""
        self._pay_off(account, now_s)
        over_s = min(account.owed_s - self._limit_s, self._share * MAX_WAIT_S)
        if over_s <= 0:
            return 0.0
        account.owed_s = self._limit_s + over_s
        return over_s / self._share

    def has_recovered(self, account: TimeAccount, now_s: float) -> bool:
        """Whether a circuit owes less than half of what it may."""
        self._pay_off(account, now_s)
        return account.owed_s < self._limit_s / 2

    def tick(self, now_s: float, busy: float) -> None:
        """Adapt the share to how busy the server is; called several times a second.

        Args:
            now_s: monotonic seconds.
            busy: the part of the time since the last tick in which there was something to do.
        """
        self._advance(now_s)
        if busy > BUSY:
            self._share = max(MIN_SHARE, self._share / 2)
        elif busy < SPARE:
            self._share = min(MAX_SHARE, self._share * GROWTH)

    @property
    def _limit_s(self) -> float:
        """What a circuit may owe, in seconds of processor time."""
        return max(MIN_BURST_S, self._share * BURST_S)

    def _advance(self, now_s: float) -> float:
        self._clock_s += self._share * (now_s - self._read_s)
        self._read_s = now_s
        return self._clock_s

    def _pay_off(self, account: TimeAccount, now_s: float) -> None:
        clock_s = self._advance(now_s)
        account.owed_s = max(0.0, account.owed_s - (clock_s - account.noted_at))
        account.noted_at = clock_s
