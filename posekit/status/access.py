"""Who may ask at all: whoever has the token, or a session that was opened with it."""

from __future__ import annotations

import hashlib
import hmac
import re
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.status.limits import Buckets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posekit.clock import Clock, Wall
    from posekit.outputs.web.address import WebAddress

VARIABLE = "POSEKIT_STATUS_TOKEN"
SHORTEST_TOKEN = 16
"""Letters; what `secrets.token_urlsafe` gives has more."""
SESSION_DAYS = 30
WRONG_AT_ONCE, WRONG_PER_SECOND = 5, 1 / 12
"""Wrong tokens that an address may try: five, then five a minute."""
SESSION = re.compile(r"([0-9a-f]{1,12})\.([0-9a-f]{64})")
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
        self.cookie = f"posekit_{port}"
        """The cookie's name; browsers do not tell two ports of a machine apart."""

    @property
    def needs_token(self) -> bool:
        """Whether a token is asked for."""
        return bool(self._token)

    def has_session(self, said: Mapping[str, str]) -> bool:
        """Whether these headers carry a session that was opened with the token, and is not too old."""
        if not self._token:
            return True
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(said.get("cookie", "")[:4096])
        except CookieError:
            return False
        morsel = cookies.get(self.cookie)
        found = SESSION.fullmatch(morsel.value) if morsel else None
        if found is None:
            return False
        opened = int(found[1], 16)
        is_young = -86400 <= self._wall.time() - opened <= SESSION_DAYS * 86400
        return hmac.compare_digest(self._sign(opened), found[2]) and is_young

    def wait(self, client: str) -> float:
        """Return for how many seconds a client has to wait who has tried too many wrong tokens; else 0."""
        return self._wrong.wait(client)

    def try_token(self, token: str, client: str) -> bool:
        """Whether it is the token; a wrong one is remembered against the client."""
        # Both are hashed first, so that not even the length can be timed.
        ours, theirs = (hashlib.sha256(one).digest() for one in (self._token, token.encode(errors="replace")))
        is_right = hmac.compare_digest(ours, theirs)
        if not is_right:
            self._wrong.take(client)
        return is_right

    def open_session(self) -> str:
        """Return the `Set-Cookie` of a new session; the token cannot be found from it."""
        opened = int(self._wall.time())
        return self._set_cookie(f"{opened:x}.{self._sign(opened)}", SESSION_DAYS * 86400)

    def end_session(self) -> str:
        """Return the `Set-Cookie` that forgets one."""
        return self._set_cookie("", 0)

    def _set_cookie(self, value: str, seconds: int) -> str:
        return f"{self.cookie}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict"

    def _sign(self, opened: int) -> str:
        return hmac.new(self._token, f"posekit status page {opened:x}".encode(), hashlib.sha256).hexdigest()


def bearer_of(said: Mapping[str, str]) -> str | None:
    """Return the token in `Authorization: Bearer TOKEN`, or None."""
    kind, _, token = said.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None
