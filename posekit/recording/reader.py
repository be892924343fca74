"""Reads poses that were kept: posekit's recordings, tfjs JSON and CSV, told apart by what they begin with."""

from __future__ import annotations

from functools import partial
from itertools import islice, pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from posekit.errors import SourceError
from posekit.recording import csv_form, tfjs_form
from posekit.recording.form import Header, is_header, read_header, read_scene
from posekit.recording.lines import Line, read_chunks, read_lines
from posekit.recording.values import an_object, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posekit.geometry import Size
    from posekit.recording.scene import RecordedScene

USUAL_RATE = 30.0
"""Scenes per second where the file cannot say."""
LOOKED_AT = 60
"""Scenes that are looked at to tell their rate."""
LARGEST_DOCUMENT = 1 << 28
"""Bytes of a JSON array, which can only be read whole."""
UNKNOWN = "posekit reads its own recordings (.jsonl), tfjs JSON and CSV with a header"


class Recording:
    """A file of poses; `scenes` reads it from its start, as often as is wished, without holding it in memory.

    The constructor raises `SourceError` for a file that is no recording; `scenes` does for a line that is
    wrong, with its number. A last line that is not whole, as a killed writer leaves it, is reported and left
    out. `size` (width, height) and `rate` are what files that do not say them are read with.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: Size | None = None,
        rate: float | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self.path, self._size, self._rate, self._report = path, size, rate, report
        self._is_told = False
        self.header = Header(size)
        """What a recording's first line says; empty for other files."""
        self._read = self._recognise()

    def scenes(self) -> Iterator[RecordedScene]:
        """Yield every scene, in the file's order."""
        return self._read()

    def rate(self) -> float:
        """Return the scenes per second at the start; raises `SourceError` if there is no scene."""
        times = [scene.time for scene in islice(self.scenes(), LOOKED_AT)]
        if not times:
            raise SourceError(f"{self.path} holds no scene; was anything recorded?")
        gaps = [after - before for before, after in pairwise(times) if after > before]
        return 1 / median(gaps) if gaps else USUAL_RATE

    def _recognise(self) -> Callable[[], Iterator[RecordedScene]]:
        first = next((line for line in read_lines(self.path) if line.data.strip()), None)
        if first is None:
            raise SourceError(f"{self.path} is empty; was anything recorded?")
        beginning = first.data.removeprefix(b"\xef\xbb\xbf").lstrip()
        if beginning.startswith(b"["):
            return self._read_array
        if not beginning.startswith(b"{"):
            return self._recognise_csv(first)
        try:
            data = an_object(parse_json(first.data), "it")
            if is_header(data):
                self.header = read_header(data)
                return self._read_recording
        except ValueError as error:
            raise SourceError(f"{self.path}, line {first.number}: {error}; {UNKNOWN}") from None
        return self._read_tfjs

    def _recognise_csv(self, first: Line) -> Callable[[], Iterator[RecordedScene]]:
        try:
            csv_form.read_columns(first.data)
        except ValueError as error:
            raise SourceError(f"{self.path} is no recording: {error}; {UNKNOWN}") from None
        return self._read_csv

    def _read_recording(self) -> Iterator[RecordedScene]:
        lines = read_lines(self.path)
        next(lines, None)
        for line, data in self._objects(lines):
            yield self._checked(line, partial(read_scene, data, self.header.size))

    def _read_tfjs(self) -> Iterator[RecordedScene]:
        reader = tfjs_form.Reader(self._size, self._rate or USUAL_RATE)
        for line, data in self._objects(read_lines(self.path)):
            yield self._checked(line, partial(reader.read, data))

    def _read_array(self) -> Iterator[RecordedScene]:
        reader = tfjs_form.Reader(self._size, self._rate or USUAL_RATE)
        try:
            frames = parse_json(self._whole())
        except ValueError as error:
            raise SourceError(f"{self.path}: {error}") from None
        for number, data in enumerate(frames, 1):
            try:
                yield reader.read(data)
            except ValueError as error:
                raise SourceError(f"{self.path}, frame {number} of the array: {error}") from None

    def _read_csv(self) -> Iterator[RecordedScene]:
        lines = read_lines(self.path)
        first = next(lines, None)
        if first is None:  # somebody emptied it meanwhile
            return
        reader = csv_form.Reader(csv_form.read_columns(first.data), self._size)
        for line in lines:
            scene = self._checked(line, partial(reader.read, line.data))
            if scene is not None:
                yield scene
        last = reader.end()
        if last is not None:
            yield last

    def _objects(self, lines: Iterator[Line]) -> Iterator[tuple[Line, dict[str, Any]]]:
        """Yield each line's JSON object, except a last one that is torn, which is told once."""
        for line in lines:
            try:
                data = an_object(parse_json(line.data), "it")
            except ValueError as error:
                if line.is_ended:
                    raise SourceError(f"{self.path}, line {line.number}: {error}") from None
                self._tell(f"{self.path}: its end, line {line.number}, is not whole and is left out")
                return
            yield line, data

    def _checked(self, line: Line, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ValueError as error:
            raise SourceError(f"{self.path}, line {line.number}: {error}") from None

    def _whole(self) -> bytes:
        document = bytearray()
        for chunk in read_chunks(self.path):
            document += chunk
            if len(document) > LARGEST_DOCUMENT:
                raise SourceError(
                    f"{self.path}: one JSON array of more than {LARGEST_DOCUMENT >> 20} MB is too much; "
                    "write one object per line"
                )
        return bytes(document)

    def _tell(self, sentence: str) -> None:
        if not self._is_told and self._report is not None:
            self._report(sentence)
        self._is_told = True


def open_recording(
    path: Path,
    *,
    size: Size | None = None,
    rate: float | None = None,
    report: Callable[[str], None] | None = None,
) -> Recording:
    """Open a file of poses; raises `SourceError` for what is none. See `Recording`."""
    return Recording(path, size=size, rate=rate, report=report)
