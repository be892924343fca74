"""Who may ask how often: a bucket for each client, and a share of the machine for all of them together."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.clock import Clock

CLIENTS_KNOWN = 1024
"""Clients that are remembered; the one that was silent longest is forgotten first."""
SHARE = 0.2
"""Of one core: what the page may take, however many ask."""
LONGEST_BREATH = 0.25
"""Seconds that the page's thread may rest at a time."""


def client_of(scope_client: object) -> str:
    """Return by what a client is known: his address, or the network of it where one house has a whole one."""
    host = str(scope_client[0]) if isinstance(scope_client, (list, tuple)) and scope_client else "nobody"
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 6 and not address.is_loopback:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Buckets:
    """Lets each client do something `burst` times at once, and `rate` times a second after that."""

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Take one; return 0, or after how many seconds there will be one again."""
        now = self._clock.now()
        left = self._left(client, now)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._known[client] = (left - 1 if not wait else left, now)
        self._known.move_to_end(client)
        while len(self._known) > CLIENTS_KNOWN:
            self._known.popitem(last=False)
        return wait

    def wait(self, client: str) -> float:
        """Return how long `take` would have him wait, and take nothing."""
        left = self._left(client, self._clock.now())
        return 0.0 if left >= 1 else (1 - left) / self._rate

    def _left(self, client: str, now: float) -> float:
        left, since = self._known.get(client, (self._burst, now))
        return min(self._burst, left + (now - since) * self._rate)


class Breath:
    """Keeps the page's thread from taking more than its share of a core, and with it the interpreter.

    It is called before anything a client says is looked at; beyond the share the thread sleeps there. So the
    page is slow for everybody when somebody storms it, and the show is not.
    """

    def __init__(self, share: float = SHARE) -> None:
        self._share = share
        self._spent, self._since = 0.0, 0.0
        self._saved = LONGEST_BREATH * share

    def __call__(self) -> None:
        """Rest, when it is due; to be called in the thread that is meant."""
        spent, now = time.thread_time(), time.perf_counter()  # of this thread alone: no clock that can be set
        earned = (now - self._since) * self._share
        self._saved = min(LONGEST_BREATH * self._share, self._saved + earned) - (spent - self._spent)
        self._spent, self._since = spent, now
        if self._saved < 0:
            time.sleep(min(LONGEST_BREATH, -self._saved / self._share))
