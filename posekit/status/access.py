"""Who may ask at all: whoever has the token, or a session that was opened with it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.status.answers import too_often
from posekit.status.limits import Buckets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from posekit.clock import Clock, Wall
    from posekit.outputs.web.address import WebAddress

VARIABLE = "POSEKIT_STATUS_TOKEN"
SHORTEST_TOKEN = 16
"""Letters; what `secrets.token_urlsafe` gives has more."""
SESSION_DAYS = 30
WRONG_AT_ONCE, WRONG_PER_SECOND = 5, 1 / 12
"""Wrong tokens that an address may try: five, then five a minute."""
ENDED_KNOWN = 1000
"""Sessions that were ended before their time and are remembered one by one."""
SESSION = re.compile(r"(([0-9a-f]{1,12})\.[0-9a-f]{16})\.([0-9a-f]{64})")
"""When it was opened and by which of many it is known, which both are signed; and the signature."""
HOW = (
    'make one with  python -c "import secrets; print(secrets.token_urlsafe(24))"  and write it as '
    f"{VARIABLE}=... into secrets.env beside the show file"
)


def check_token(address: WebAddress, token: str | None) -> None:
    """Raise `SettingsError` for a page that others could reach without a token, or with a weak one."""
    if not token:
        if address.is_loopback:
            return
        where = f"{address.name}:{address.port}"
        raise SettingsError(
            f"the status page at {where} can be reached from other machines, so it needs a token: {HOW}"
        )
    if len(token) < SHORTEST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token:
        raise SettingsError(
            f"the token of the status page is a word of {SHORTEST_TOKEN} or more plain letters; {HOW}"
        )


class Access:
    """Knows the token. Without one everybody is let in: then only this machine can reach the page."""

    def __init__(self, token: str | None, port: int, clock: Clock, wall: Wall) -> None:
        self._token = (token or "").encode()
        self._wall = wall
        self._wrong = Buckets(WRONG_PER_SECOND, WRONG_AT_ONCE, clock)
        self._ended: dict[str, int] = {}
        self._ended_until = -1
        self.cookie = f"posekit_{port}"
        """The cookie's name; browsers do not tell two ports of a machine apart."""

    @property
    def needs_token(self) -> bool:
        """Whether a token is asked for."""
        return bool(self._token)

    def has_session(self, said: Mapping[str, str]) -> bool:
        """Whether these headers carry a session that was opened with the token, and is not too old."""
        return not self._token or any(True for _ in self._sessions(said))

    def lets_in(self, said: Mapping[str, str]) -> bool:
        """Whether who was let in with these headers still would be; nothing is counted against him."""
        return self.has_session(said) or self._is_token(bearer_of(said) or "")

    def check_patience(self, client: str) -> None:
        """Raise `ProblemError` for a client who has to wait, because he tried too many wrong tokens."""
        wait = self._wrong.wait(client)
        if wait:
            raise too_often(wait, f"too many wrong tokens; try again in {wait:.0f} s")

    def try_token(self, token: str, client: str) -> bool:
        """Whether it is the token; a wrong one is remembered against the client.

        Nothing may be awaited between `check_patience` and this: many would come in between the two.
        """
        is_right = self._is_token(token)
        if not is_right:
            self._wrong.take(client)
        return is_right

    def open_session(self) -> str:
        """Return the `Set-Cookie` of a new session; the token cannot be found from it."""
        name = f"{int(self._wall.time()):x}.{secrets.token_hex(8)}"
        return self._set_cookie(f"{name}.{self._sign(name)}", SESSION_DAYS * 86400)

    def end_session(self, said: Mapping[str, str]) -> str:
        """End the session that these headers carry, and return the `Set-Cookie` that forgets it."""
        self._ended.update(self._sessions(said))
        while len(self._ended) > ENDED_KNOWN:
            # Rather somebody has to log in again than that an ended session lets in again.
            oldest = min(self._ended, key=self._ended.__getitem__)
            self._ended_until = max(self._ended_until, self._ended.pop(oldest))
        return self._set_cookie("", 0)

    def _sessions(self, said: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        """Give the sessions in these headers that let in, by name, with when they were opened."""
        # All ports of a machine share their cookies, and other servers leave there what no parser expects:
        # so the rest is not read at all, and a second cookie of our name is no reason to refuse the first.
        for part in said.get("cookie", "").split(";"):
            key, _, value = part.strip().partition("=")
            found = SESSION.fullmatch(value) if key == self.cookie else None
            if found is None or not hmac.compare_digest(self._sign(found[1]), found[3]):
                continue
            opened = int(found[2], 16)
            is_young = -86400 <= self._wall.time() - opened <= SESSION_DAYS * 86400
            if is_young and opened > self._ended_until and found[1] not in self._ended:
                yield found[1], opened

    def _is_token(self, token: str) -> bool:
        # Both are hashed first, so that not even the length can be timed.
        ours, theirs = (hashlib.sha256(one).digest() for one in (self._token, token.encode(errors="replace")))
        return hmac.compare_digest(ours, theirs)

    def _set_cookie(self, value: str, seconds: int) -> str:
        return f"{self.cookie}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict"

    def _sign(self, name: str) -> str:
        return hmac.new(self._token, f"posekit status page {name}".encode(), hashlib.sha256).hexdigest()


def bearer_of(said: Mapping[str, str]) -> str | None:
    """Return the token in `Authorization: Bearer TOKEN`, or None."""
    kind, _, token = said.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None
