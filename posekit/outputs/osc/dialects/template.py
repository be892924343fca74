"""Messages of the user's own making: `/body/{slot}/{keypoint} {x} {y}`, and those that came ready made.

A template is messages with `;` between them, each an address and its arguments with spaces between them.
What a message's fields are about says how often it is sent: once with every scene, for every person, for
every keypoint of every person, or for every event.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from posekit.errors import SettingsError, UnknownNameError
from posekit.outputs.osc.dialect import Dialect, Sample
from posekit.outputs.osc.dialects.posekit import event_name
from posekit.outputs.osc.encode import BUNDLE_HEAD, BUNDLE_LIMIT
from posekit.outputs.osc.fields import FIELDS, Field, Subject
from posekit.outputs.osc.places import ORIGIN_HINTS
from posekit.outputs.osc.plain import write_bundles, write_message
from posekit.outputs.osc.stream import Moment, StreamEncoder
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from posekit.outputs.osc import sheet as sheets
    from posekit.outputs.osc.fields import Scope
    from posekit.outputs.osc.plain import Line, Word
    from posekit.outputs.osc.stream import Body
    from posekit.outputs.osc.target import Target

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

When = Literal["scene", "enter", "leave"]
EXAMPLE = "/body/{slot}/{keypoint} {x} {y}"
FOLDER = Path(__file__).with_name("templates")
_BRACES = re.compile(r"\{([^{}]*)\}")
_ADDRESS = re.compile(r"/[A-Za-z0-9_.:+/-]*")
_KEYS = ("origin", "mirror", "slots", "rate", "only", "prefix")


@dataclass(frozen=True)
class Pattern:
    """One message of a template."""

    scope: Scope
    address: tuple[str | Field, ...]
    arguments: tuple[Word | Field, ...]
    when: When = "scene"
    is_channel: bool = False
    """Whether its address tells slots apart and nothing else: then an empty slot's numbers go to 0."""

    def line(self, prefix: str, subject: Subject) -> Line:
        """Return the message about a subject."""
        parts = (part if isinstance(part, str) else str(part.get(subject)) for part in self.address)
        told: list[Word] = []
        for part in self.arguments:
            value = part if isinstance(part, (str, int, float)) else part.get(subject)
            told += value if isinstance(value, tuple) else (value,)
        return prefix + "".join(parts), tuple(told)


@dataclass(frozen=True)
class Template:
    """What is sent, and how."""

    patterns: tuple[Pattern, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    """What keypoints are called; those without a name are not sent. Nothing at all: all, by their own."""
    is_bundled: bool = True

    def tell(self, moment: Moment) -> list[bytes]:
        """Return the packets for a moment."""
        lines = list(self.lines(moment))
        if not lines:
            return []
        return write_bundles(lines) if self.is_bundled else [write_message(*line) for line in lines]

    def lines(self, moment: Moment) -> Iterator[Line]:
        """Yield the messages for a moment, those of one person together."""
        prefix = moment.target.prefix
        for scope, when, subjects in self._subjects(moment):
            chosen = [one for one in self.patterns if (one.scope, one.when) == (scope, when)]
            for subject in subjects:
                yield from (one.line(prefix, subject) for one in chosen)
        if moment.is_told:
            channels = [one for one in self.patterns if one.is_channel]
            for slot in moment.empty:
                for one in channels:
                    yield from (one.line(prefix, each) for each in self._about(one.scope, moment, slot, None))

    def _subjects(self, moment: Moment) -> Iterator[tuple[Scope, When, Iterable[Subject]]]:
        scopes: tuple[Scope, ...] = ("person", "keypoint")
        if moment.is_told:
            yield "scene", "scene", [Subject(moment)]
            groups: tuple[tuple[When, Iterable[Body]], ...] = (
                ("enter", (body for body in moment.bodies if body.person.id in moment.came)),
                ("scene", moment.bodies),
                ("leave", moment.left),
            )
            for when, bodies in groups:
                for body in bodies:
                    for scope in scopes:
                        yield scope, when, self._about(scope, moment, body.slot, body)
        for event in moment.events:
            if event.signal is not None:
                slot = event.slot if event.slot and event.slot <= moment.target.slots else 0
                yield "event", "scene", [Subject(moment, slot, name=event_name(event.signal), event=event)]

    def _about(self, scope: Scope, moment: Moment, slot: int, body: Body | None) -> list[Subject]:
        if scope == "person":
            return [Subject(moment, slot, body)]
        return [
            Subject(moment, slot, body, at, self.names.get(name, name))
            for at, name in ((at, COCO_17.keypoints[at]) for at in moment.target.keypoints)
            if not self.names or name in self.names
        ]


# ---------------------------------------------------------------- from words to patterns


def read_template(text: str) -> tuple[Pattern, ...]:
    """Read a template; raises `SettingsError` or `UnknownNameError` with the place of what is wrong."""
    patterns: list[Pattern] = []
    start = 0
    for part in text.split(";"):
        if part.strip():
            patterns.append(_read_message(text, part, start))
        start += len(part) + 1
    if not patterns:
        raise SettingsError(f"the template {text!r} has no message; write one, as in {EXAMPLE!r}")
    return tuple(patterns)


def _read_message(text: str, part: str, start: int, when: When = "scene") -> Pattern:
    """Read one message, which stands at `start` in a template."""
    words = [(found[0], start + found.start() + 1) for found in re.finditer(r"\S+", part)]
    (address, at), *rest = words
    pieces = _read_address(text, address, at)
    arguments = [_read_argument(text, word, place) for word, place in rest]
    named = [(piece, at) for piece in pieces if not isinstance(piece, str)]
    named += [(one, place) for one, (_, place) in zip(arguments, rest, strict=True) if isinstance(one, Field)]
    scope = _scope(text, named)
    slot = FIELDS["slot"]
    fixed = [piece for piece in pieces if not isinstance(piece, str)]
    is_channel = when == "scene" and scope in ("person", "keypoint") and slot in fixed
    is_channel = is_channel and FIELDS["id"] not in fixed and FIELDS["index"] not in fixed
    return Pattern(scope, tuple(pieces), tuple(arguments), when, is_channel)


def _read_address(text: str, address: str, at: int) -> list[str | Field]:
    if not address.startswith("/") or not _ADDRESS.fullmatch(_BRACES.sub("", address)):
        raise SettingsError(
            f"{address!r} at character {at} of the template {text!r} is no address; it starts with / and has "
            f"letters, digits and _.:+-/ and fields in braces, as in {EXAMPLE!r}"
        )
    pieces: list[str | Field] = []
    end = 0
    for found in _BRACES.finditer(address):
        one = _find(text, found[1], at + found.start())
        if not one.is_address:
            names = ", ".join(name for name, each in FIELDS.items() if each.is_address)
            raise SettingsError(
                f"{{{found[1]}}} at character {at + found.start()} of the template {text!r} is a value and "
                f"cannot stand in an address; put it after the address, or choose from {names}"
            )
        pieces += [address[end : found.start()], one]
        end = found.end()
    return [piece for piece in (*pieces, address[end:]) if piece != ""]


def _read_argument(text: str, word: str, at: int) -> Word | Field:
    found = _BRACES.fullmatch(word)
    if found:
        return _find(text, found[1], at)
    if "{" in word or "}" in word:
        raise SettingsError(
            f"{word!r} at character {at} of the template {text!r} is no argument; a field stands alone, with "
            "a space before the next, as in '{x} {y}'"
        )
    if "," in word or not word.isprintable() or not word.isascii():
        raise SettingsError(
            f"{word!r} at character {at} of the template {text!r} cannot be sent; a word has ASCII letters "
            "and no commas, which separate the keys of a target"
        )
    if re.fullmatch(r"[+-]?\d{1,9}", word):
        return int(word)
    if re.fullmatch(r"[+-]?\d{0,9}\.\d{1,9}", word):
        return float(word)
    return word


def _find(text: str, name: str, at: int) -> Field:
    if name in FIELDS:
        return FIELDS[name]
    raise UnknownNameError(f"template field (character {at} of {text!r})", name, FIELDS)


def _scope(text: str, named: Iterable[tuple[Any, int]]) -> Scope:
    """Return what a message with these fields is about: the narrowest of them."""
    found: list[Scope] = []
    for one, _ in named:
        # A person's id and slot are known of an event, too.
        found.append(one.scope)
    neutral = [one.scope for one, _ in named if one in (FIELDS["slot"], FIELDS["id"])]
    if "event" in found:
        others = set(found) - {"event", "scene"}
        if "keypoint" in others or found.count("person") > len(neutral):
            raise SettingsError(
                f"the template {text!r} asks for an event and for a body in one message; an event knows "
                "{slot} and {id} only"
            )
        return "event"
    order: tuple[Scope, ...] = ("keypoint", "person")
    return next((scope for scope in order if scope in found), "scene")


# ---------------------------------------------------------------- dialects


def _read_option(_: str, value: str) -> str:
    read_template(value)
    return value


def _of_target(target: Target) -> Template:
    return Template(read_template(target.option("template", EXAMPLE)))


def _dialect(find: Callable[[Target], Template], **more: Any) -> Dialect:
    """Return the dialect that sends a target's template."""

    def encoder(target: Target, counters: Mapping[str, int]) -> StreamEncoder:
        return StreamEncoder(target, counters, find(target).tell)

    def sample(target: Target) -> Sample:
        template = find(target)
        about = [one for one in template.patterns if one.when == "scene" and one.scope != "event"]
        one = next((one for one in about if one.scope != "scene"), (about or list(template.patterns))[0])
        names = [name for name in target.keypoint_names if not template.names or name in template.names]
        name = ("left_wrist" if "left_wrist" in names else names[0]) if names else ""
        words = {FIELDS["slot"]: "1", FIELDS["id"]: "1", FIELDS["index"]: "0"}
        words |= {FIELDS["keypoint"]: template.names.get(name, name), FIELDS["event"]: "enter"}
        words |= {FIELDS["part"]: name, FIELDS["number"]: "9"}
        parts = [part if isinstance(part, str) else words[part] for part in one.address]
        known = {each: word for word, each in FIELDS.items()}
        told = [
            str(part) if isinstance(part, (str, int, float)) else _in_words(known[part], target)
            for part in one.arguments
        ]
        address = target.prefix + "".join(parts)
        units, note = ORIGIN_HINTS[target.origin], _note(template, target)
        return Sample(address, ", ".join(told) or "nothing more", units, note)

    def sheet(target: Target, occasions: sheets.Occasions) -> Iterable[sheets.Entry]:
        from posekit.outputs.osc.dialects import template_sheet  # it describes what is here

        return template_sheet.sheet(find(target), target, occasions)

    return Dialect(encoder, sample, _KEYS, sheet, **more)


def _in_words(name: str, target: Target) -> str:
    """Return what a field brings, which for some is many numbers."""
    whose, _, parts = name.partition(".")
    if parts not in ("xy", "xys"):
        return name
    count = len(target.keypoints) * len(parts) * (target.slots if whose == "people" else 1)
    return f"{count} floats ({', '.join(parts).replace('s', 'score')} of each keypoint)"


def _note(template: Template, target: Target) -> str:
    """Say so when a message is larger than networks carry in one piece."""
    subject = Subject(Moment(target, 0.0, 0, 0.0, None, (0, 0), 0))
    largest = max(len(write_message(*one.line(target.prefix, subject))) for one in template.patterns)
    if largest <= BUNDLE_LIMIT - len(BUNDLE_HEAD) - 4:
        return ""
    return (
        f"Its largest message has {largest} bytes, more than networks carry in one piece: fewer slots, or "
        "fewer keypoints with only=, avoid that."
    )


def ready(name: str) -> Dialect:
    """Return the dialect of a ready-made template, a file in `templates/`."""
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    patterns = tuple(
        _read_message(one["text"], one["text"], 0, one.get("when", "scene")) for one in data["message"]
    )
    template = Template(patterns, data.get("names", {}), data.get("bundle", True))
    return _dialect(lambda _: template, port=data["port"], defaults=data.get("defaults", {}))


DIALECT = _dialect(_of_target, options={"template": _read_option})
