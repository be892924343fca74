"""Says to a venue's monitor, every so often, that the show lives and whether it is well: OSC and HTTP.

It is sent from the supervisor's round, so that it stays away when the supervisor hangs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from posekit.errors import SettingsError
from posekit.gallery.beat import Beat
from posekit.gallery.tellers import HttpTeller, OscTeller, Teller
from posekit.gallery.will import LastWords
from posekit.secret_values import Secrets
from posekit.show.lines import check_url, read_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from posekit.clock import Clock
    from posekit.show.state import ShowState

END_SECONDS = 2.0
"""How long the end of the show waits for its last beat to be heard."""


class HeartbeatWishes(Protocol):
    """The table `[heartbeat]`."""

    @property
    def every(self) -> float:
        """Seconds from one beat to the next."""
        ...

    @property
    def osc(self) -> Sequence[str]:
        """Targets, HOST:PORT."""
        ...

    @property
    def http(self) -> Sequence[str]:
        """Addresses that are asked for; $NAME, {state}, {code} and {up} are filled in."""
        ...


class HasState(Protocol):
    """Somebody who knows how the show is: the desk."""

    def state(self) -> ShowState:
        """Return the newest state."""
        ...


class Heartbeat:
    """Tells everybody in the table; `update` in every round, `close` when the show ends in good order.

    `report` takes a sentence for the technician when beats begin to fail and when they are heard again.
    """

    def __init__(
        self,
        table: HeartbeatWishes,
        desk: HasState,
        clock: Clock,
        report: Callable[[str], None],
        *,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self.sentence = ""
        """What is wrong just now, for the trouble `heartbeat_failed`; empty when beats are heard."""
        self._desk, self._clock, self._report = desk, clock, report
        self._secrets = Secrets(values=dict(secrets or {}))
        self._tellers: tuple[Teller, ...] = ()
        self._every, self._due = 30.0, -math.inf
        self._osc: tuple[tuple[str, int], ...] = ()
        self._urls: tuple[str, ...] = ()
        self._unfit = ""
        self._closed = False
        self.use(table)

    def use(self, table: HeartbeatWishes, secrets: Mapping[str, str] | None = None) -> None:
        """Go on with this table, for instance after the show file was changed, and with other secrets.

        The next beat is at once.
        """
        if secrets is not None:
            self._secrets = Secrets(values=dict(secrets))
        for teller in self._tellers:
            teller.close()
        self._every, self._due = table.every, -math.inf
        self._osc = tuple(dict.fromkeys(read_place(text) for text in table.osc))
        urls: dict[str, str] = {}
        wrong = []
        for template in table.http:
            try:
                urls.setdefault(check_url(self._secrets.reveal(template)), template)
            except SettingsError as error:
                wrong.append(str(error))
            except ValueError:
                wrong.append("with its secrets filled in, one is no address of the web")
        self._urls, self._unfit = tuple(urls), "; ".join(wrong)
        self._tellers = (
            *(OscTeller(host, port, self._clock) for host, port in self._osc),
            *(HttpTeller(url, self._clock, shown) for url, shown in urls.items()),
        )

    @property
    def last_words(self) -> LastWords:
        """What is to be said if the show is killed: for `LastWill.write`."""
        beat = Beat("lost", phase="lost")
        urls = (beat.url(url) for url in self._urls)
        return LastWords(
            tuple((host, port, (beat.packet,)) for host, port in self._osc),
            tuple(url for url in urls if url is not None),
        )

    def update(self) -> None:
        """Tell the state if it is time to, and look whether anybody is not reached; returns at once."""
        if self._closed:
            return
        now = self._clock.now()
        if now >= self._due:
            # By the grid, so that a slow round does not make every later beat late.
            late = now - self._due
            self._due = self._due + self._every if late < self._every else now + self._every
            beat = Beat.of(self._desk.state())
            for teller in self._tellers:
                teller.tell(beat)
        for teller in self._tellers:
            teller.look()
        self._judge()

    def close(self, seconds: float = END_SECONDS) -> None:
        """Say that the show has ended, to everybody, for at most so many seconds; twice is harmless."""
        if self._closed:
            return
        self._closed = True
        state = self._desk.state()
        beat = Beat("ended", state.uptime, 0, 0.0, "ended")
        for teller in self._tellers:
            teller.close(beat)
        end = self._clock.now() + seconds
        for teller in self._tellers:
            teller.join(min(seconds, end - self._clock.now()))

    def _judge(self) -> None:
        failures = [f"{teller.name}: {teller.failure}" for teller in self._tellers if teller.failure]
        wrong = [self._unfit] if self._unfit else []
        sentence = "; ".join((*wrong, *failures))
        if sentence:
            sentence = f"the heartbeat is not heard ({sentence})"
        if bool(sentence) != bool(self.sentence):
            self._report(sentence or "the heartbeat is heard again")
        self.sentence = sentence
