"""An OSC message as a hook has it: `osc:HOST:PORT/address argument ...`."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from posekit.errors import OutputError, SettingsError
from posekit.outputs.osc.messages import build_message, check_address, tag_arguments
from posekit.outputs.osc.sender import open_socket, resolve
from posekit.outputs.osc.target import Target
from posekit.show.lines import OSC, read_place

FORM = "osc:HOST:PORT/address argument ..., as in osc:10.0.0.7:7000/amp 1"
_INT = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?", re.ASCII)


class OscWord(NamedTuple):
    """A message and where it goes."""

    host: str
    port: int
    packet: bytes

    def send(self) -> None:
        """Hand it to the network; raises `OutputError` when the host is not found or the network refuses."""
        family, address = resolve(Target(self.host, self.port))
        try:
            with open_socket(family) as opened:
                opened.sendto(self.packet, address)
        except OSError as error:
            raise OutputError(
                f"{self.host}:{self.port} cannot be sent to ({error.strerror or error})"
            ) from error


def parse_osc_word(text: str) -> OscWord:
    """Read a message; `1` is an int, `1.0` a float, anything else a text, in quotes if it has spaces.

    Raises `SettingsError` in one sentence.
    """
    try:
        where, *arguments = shlex.split(text.removeprefix(OSC)) or [""]
    except ValueError:
        raise SettingsError(f"{text!r} has a quote that is not closed; write {FORM}") from None
    place, _, name = where.partition("/")
    try:
        host, port = read_place(place)
    except ValueError as error:
        raise SettingsError(f"{text!r}: {error}; write {FORM}") from None
    check_address(f"/{name}")
    tagged = tag_arguments(map(_value, arguments))
    if tagged is None:
        raise SettingsError(f"{text!r} has a number that is too large for OSC")
    return OscWord(host, port, build_message(f"/{name}", tagged))


def _value(word: str) -> int | float | str:
    if _INT.fullmatch(word):
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else word
