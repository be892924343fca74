"""How single values of the show's tables are written, and checked: places, messages, commands, addresses."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from posekit.errors import nearest_name
from posekit.secret_values import NAMED

LAST_PORT = 65_535
OSC = "osc:"
PYTHONS = ("python", "python3")
"""As a command's first word: the Python that runs posekit, since a service has no other in its path."""
BEAT_WORDS = ("state", "code", "up")
"""What a heartbeat fills in where an address has it in braces; `posekit.gallery.beat` says with what."""
_BRACED = re.compile(r"\{([^{}]*)\}?|\}")
_PLACE = re.compile(r"(?:\[([^\[\]\s]+)\]:|([^:\s/]+):)?([0-9]{1,5})", re.ASCII)


def read_place(text: str, host: str = "127.0.0.1") -> tuple[str, int]:
    """Read `PORT` or `HOST:PORT`; raises `ValueError` with a sentence."""
    found = _PLACE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no place on the network; write PORT or HOST:PORT, as in {host}:8090")
    port = int(found[3])
    if not 1 <= port <= LAST_PORT:
        raise ValueError(f"{port} is not a port; choose a number from 1 to {LAST_PORT}")
    return found[1] or found[2] or host, port


def check_target(text: str) -> str:
    """Return `HOST:PORT` as it is, without a word behind it; `ValueError` with a sentence."""
    read_place(text)
    return text


def check_url(text: str) -> str:
    """Return an address of the web that a heartbeat can ask; `ValueError` with a sentence."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is no address of the web: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(
            f"{text!r} is no address of the web; write it as in https://status.example/ping/$HEARTBEAT_KEY"
        )
    return text


def check_template(text: str) -> str:
    """Return an address of a heartbeat with nothing in braces but what is filled in; else `ValueError`.

    Any other word would be sent as it stands, and an address that says nothing of faults is not asked for in
    one: the monitor would hear silence in place of what went wrong. The address may be a secret, and is not
    told.
    """
    for braced in _BRACED.finditer(NAMED.sub("", text)):
        if braced[0] not in (f"{{{word}}}" for word in BEAT_WORDS):
            nearest = nearest_name((braced[1] or "").strip(), BEAT_WORDS)
            known = ", ".join(f"{{{word}}}" for word in BEAT_WORDS)
            hint = f"did you mean {{{nearest}}}?" if nearest else f"choose from {known}"
            raise ValueError(f"{braced[0]!r} stands for nothing; {hint}")
    return check_url(text)


def check_hook(value: object) -> str | tuple[str, ...]:
    """Return one command, a tuple of words, or one OSC message; `ValueError` with a sentence."""
    if isinstance(value, (list, tuple)):
        if not value or not all(isinstance(word, str) for word in value) or not value[0].strip():
            raise ValueError(
                f"a command is a list of words, the program first, as in ['amp', 'on']; found {list(value)!r}"
            )
        return tuple(value)
    if not isinstance(value, str):
        raise ValueError(f"write a command as a list of words, or 'osc:HOST:PORT/address'; found {value!r}")
    if not value.startswith(OSC):
        words = ", ".join(repr(word) for word in value.split())
        raise ValueError(
            f"{value!r} is no OSC message; write a command as a list of words, [{words}], because no shell "
            "reads it, or a message as 'osc:HOST:PORT/address 1'"
        )
    place, slash, address = value.removeprefix(OSC).partition("/")
    read_place(place)
    if not slash or not address.split():
        raise ValueError(f"{value!r} says no OSC address; write it as in 'osc:10.0.0.7:7000/amp 1'")
    return value
