"""A page of headings, sentences and tables, as text, Markdown or an HTML file that can be printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from textwrap import fill

WIDTH = 96
STYLE = """
:root { color-scheme: light }
body { font: 11pt/1.45 system-ui, sans-serif; color: #111; background: #fff; max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin: 0 0 .3rem } h2 { font-size: 1.1rem; margin: 1.3rem 0 .3rem }
p { margin: .4rem 0 } ul { margin: .3rem 0; padding-left: 1.2rem } li { margin: .15rem 0 }
table { border-collapse: collapse; margin: .4rem 0; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .6rem .15rem 0; text-align: left; vertical-align: top }
thead th { border-bottom: 1px solid #666 } td.number, th.number { text-align: right }
figure { margin: .6rem 0 } svg { max-width: 100%; height: auto } svg text { font: 11px system-ui, sans-serif }
td:first-child { white-space: nowrap } figcaption { font-size: .85rem; color: #444 }
.wide { overflow-x: auto }
.drawn { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
footer { margin-top: 1.5rem; color: #444; font-size: .85rem }
@media print { body { margin: 0; max-width: none; font-size: 9.5pt; line-height: 1.3 } @page { margin: 14mm }
  h2, figure, table { break-inside: avoid; break-after: avoid } h2 { margin: .7rem 0 .2rem } }
"""


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table: rows of words and numbers; numbers stand right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    is_drawn: bool = False
    """Whether a drawing beside it shows the same: then HTML has it for those who are read to only."""


@dataclass(frozen=True)
class Drawing:
    """An SVG picture, for HTML only; whatever it shows stands in words or a table too."""

    svg: str
    caption: str = ""


Block = str | Bullets | Grid | Drawing


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Paper:
    """A whole page."""

    title: str
    lead: str
    sections: tuple[Section, ...]
    foot: str = ""

    def as_text(self) -> str:
        """Return it for a terminal."""
        parts = [self.title, "=" * len(self.title), "", _wrapped(self.lead), ""]
        for section in self.sections:
            parts += [section.heading, "-" * len(section.heading)]
            parts += [f"{text}\n" for text in map(_block_text, section.blocks) if text]
        return re.sub(r"\n{3,}", "\n\n", "\n".join([*parts, _wrapped(self.foot)])).strip() + "\n"

    def as_markdown(self) -> str:
        """Return it as Markdown."""
        parts = [f"# {_marked(self.title)}", _marked(self.lead)]
        for section in self.sections:
            parts += [f"## {_marked(section.heading)}", *map(_block_markdown, section.blocks)]
        return "\n\n".join(part for part in (*parts, _marked(self.foot)) if part) + "\n"

    def as_html(self, language: str = "en") -> str:
        """Return it as one file that asks no network for anything."""
        body = "".join(
            f"<section><h2>{escape(one.heading)}</h2>{''.join(map(_block_html, one.blocks))}</section>\n"
            for one in self.sections
        )
        return (
            f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)}</title><style>{STYLE}</style></head>\n"
            f"<body><main><h1>{escape(self.title)}</h1><p>{escape(self.lead)}</p>\n{body}</main>"
            f"<footer>{escape(self.foot)}</footer></body>\n</html>\n"
        )


def _wrapped(text: str, begin: str = "") -> str:
    return fill(text, WIDTH, initial_indent=begin, subsequent_indent=" " * len(begin))


def _block_text(block: Block) -> str:
    if isinstance(block, str):
        return _wrapped(block)
    if isinstance(block, Bullets):
        return "\n".join(_wrapped(sentence, "- ") for sentence in block.sentences)
    if isinstance(block, Drawing):
        return ""
    table = [tuple(map(str, row)) for row in (block.head, *block.rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    right = _right(block)
    return "\n".join(
        "  ".join(
            word.rjust(width) if is_right else word.ljust(width)
            for word, width, is_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in table
    )


def _block_markdown(block: Block) -> str:
    if isinstance(block, str):
        return _marked(block)
    if isinstance(block, Bullets):
        return "\n".join(f"- {_marked(sentence)}" for sentence in block.sentences)
    if isinstance(block, Drawing):
        return ""
    rule = ["---:" if is_right else "---" for is_right in _right(block)]
    rows = (
        [_marked(str(word)) for word in block.head],
        rule,
        *([_marked(str(w)) for w in row] for row in block.rows),
    )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _block_html(block: Block) -> str:
    if isinstance(block, str):
        return f"<p>{escape(block)}</p>"
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in block.sentences)}</ul>"
    if isinstance(block, Drawing):
        return f"<figure>{block.svg}<figcaption>{escape(block.caption)}</figcaption></figure>"
    right = [' class="number"' if is_right else "" for is_right in _right(block)]
    head = "".join(
        f'<th scope="col"{kind}>{escape(w)}</th>' for w, kind in zip(block.head, right, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(str(w))}</td>' for w, kind in zip(row, right, strict=True))}</tr>"
        for row in block.rows
    )
    kind = "drawn" if block.is_drawn else "wide"
    return f'<div class="{kind}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _right(grid: Grid) -> list[bool]:
    """Return of each column whether it has numbers in it."""
    return [any(isinstance(row[at], int) for row in grid.rows) for at in range(len(grid.head))]


def _marked(text: str) -> str:
    """Return text in which nothing is a mark of Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
