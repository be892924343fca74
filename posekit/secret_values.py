"""Secrets are kept out of show files: `$NAME` stands for one, which the environment or `secrets.env` has.

Nothing here tells a value: not in a message, not in a representation.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError, nearest_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from posekit.toml_lines import KeyPath

SECRETS_FILE = "secrets.env"
"""Beside the show file."""
LARGEST = 1 << 20
SHORTEST = 4
"""Letters of a secret that is hidden in what is told: a shorter one would be found in ordinary words."""
_REVEALED: dict[str, str] = {}
"""What was put into an address, and its name: drivers and engines tell the address when it fails, and that is
printed. By the value, since one that was changed may still be in an engine that runs."""
FACTS = tuple(f"POSEKIT_{name}" for name in ("HOOK", "SHOW", "TIME", "TROUBLE", "SENTENCE"))
"""What hooks are told in their environment: names that a shell reads there itself. A sentence put into a
script's text would be run as a part of it."""
NAMED = re.compile(r"\$(?:([A-Z_][A-Z0-9_]*)|\{([A-Z_][A-Z0-9_]*)\})")
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)
_KEY = re.compile(r"(?:.*[_-])?(?:token|password|passwd|secret|key)", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/@\s:]*:([^/\s]*)@", re.IGNORECASE)
_IN_QUERY = re.compile(
    r"://\S*[?&](?:[a-z_-]*[_-])?(?:token|password|passwd|pwd|secret|key|apikey)=([^&#\s]*)", re.IGNORECASE
)


@dataclass(frozen=True)
class Secrets:
    """What `$NAME` stands for; the environment wins over the file."""

    path: Path | None = None
    """The file, which need not be there."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    notice: str = ""
    """What the user should know of the file: that others can read it."""

    def get(self, name: str) -> str | None:
        """Return a secret, or None when it is set nowhere; an empty one is none."""
        return self.values.get(name) or None

    def reveal(self, text: str) -> str:
        """Put in the secrets that a text names as `$NAME`; raises `SettingsError` for one that is unknown."""

        def value(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            if name in FACTS:
                return found[0]
            secret = self.get(name)
            if secret is None:
                raise SettingsError(self._unknown(name))
            _REVEALED[secret] = name
            return secret

        return NAMED.sub(value, text)

    def check(self, text: str) -> None:
        """Raise `SettingsError` for a secret that a text names and that is unknown."""
        for name in named_in(text):
            if self.get(name) is None and name not in FACTS:
                raise SettingsError(self._unknown(name))

    def hide(self, text: str) -> str:
        """Put `$NAME` in place of every secret of the file that a text tells, for messages and logs."""
        return _without(text, {value: name for name, value in self.values.items()})

    def _unknown(self, name: str) -> str:
        # Our own are no guess: nobody should be told to hand the page's token to a command.
        theirs = [
            known for known in (*self.values, *FACTS) if known in FACTS or not known.startswith("POSEKIT_")
        ]
        nearest = nearest_name(name, theirs)
        hint = f"did you mean ${nearest}?" if nearest else f"write a line {name}=... into {SECRETS_FILE}"
        beside = "" if nearest else " beside the show file, or set it in the environment"
        return f"${name} is set nowhere; {hint}{beside}"


def read_secrets(folder: Path, environment: Mapping[str, str], wanted: tuple[str, ...] = ()) -> Secrets:
    """Read `secrets.env` of a folder, where there is one, and what of it or of `wanted` the environment has.

    The file has a line `NAME=value` for each; quotes around a value and lines with # are left out, and
    nothing in a value is replaced. Raises `SettingsError`, without telling the line itself.
    """
    path = folder / SECRETS_FILE
    try:
        values = dict(_lines(path)) if path.exists() else {}
        notice = _notice(path) if path.exists() else ""
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    given = {name: environment[name] for name in (*values, *wanted) if environment.get(name)}
    return Secrets(path, {**values, **given}, notice)


def hide_revealed(text: str) -> str:
    """Put `$NAME` in place of every secret that this process has revealed: for all that people read."""
    return _without(text, _REVEALED) if _REVEALED else text


def _without(text: str, names: Mapping[str, str]) -> str:
    for value, name in sorted(names.items(), key=lambda pair: -len(pair[0])):
        if len(value) >= SHORTEST:
            text = text.replace(value, f"${name}")
    return text


def named_in(text: str) -> tuple[str, ...]:
    """Return the names that a text has as `$NAME`."""
    return tuple(dict.fromkeys(first or second for first, second in NAMED.findall(text)))


def find_secrets(entries: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Go through what a show file says, and tell of each secret in it: its key path, and a sentence."""
    if isinstance(entries, dict):
        for name, value in entries.items():
            if _KEY.fullmatch(str(name)):
                # The page looks for its token under a name of its own.
                is_page = (*path, name) == ("status", "token")
                variable = "POSEKIT_STATUS_TOKEN" if is_page else re.sub(r"\W", "_", str(name)).upper()
                yield (
                    (*path, name),
                    f"{name!r} is a secret, and a show file is copied and shown around: write a line "
                    f"{variable}=... into {SECRETS_FILE} beside it, and ${variable} where it is needed",
                )
            else:
                yield from find_secrets(value, (*path, name))
    elif isinstance(entries, (list, tuple)):
        for number, value in enumerate(entries):
            yield from find_secrets(value, (*path, number))
    elif isinstance(entries, str):
        what = _told(entries)
        if what:
            yield (
                path,
                f"there is {what} in an address, and a show file is copied and shown around: write a line "
                f"PASSWORD=... into {SECRETS_FILE} beside it, and $PASSWORD in the address",
            )


def _told(text: str) -> str:
    in_address = _IN_ADDRESS.search(text)
    if in_address and in_address[1] and not NAMED.fullmatch(in_address[1]):
        return "a password"
    in_query = _IN_QUERY.search(text)
    return "a key" if in_query and in_query[1] and not NAMED.fullmatch(in_query[1]) else ""


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    if path.stat().st_size > LARGEST:
        raise SettingsError(f"{path} is larger than a megabyte; it holds lines NAME=value and nothing else")
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise SettingsError(f"{path}, line {number}: write NAME=value; a comment begins with #")
        value = found[2].strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield found[1], value


def _notice(path: Path) -> str:
    if os.name != "posix" or not path.stat().st_mode & 0o077:
        return ""
    return f"other users of this machine can read {path}; chmod 600 {path} keeps them out"
