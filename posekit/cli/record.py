"""`posekit record`: poses and events to a file, while they are sent; never pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.console import say
from posekit.cli.options import ConfigOption, with_settings

if TYPE_CHECKING:
    from posekit.recording import RecordingWriter
    from posekit.runner.engine_feed import EngineFeed
    from posekit.runner.inline_feed import InlineFeed
    from posekit.runner.recorder import RecordedFeed

ENDINGS = (".jsonl", ".jsonl.gz")
"""How the name of a recording may end."""


@with_settings()
def record(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="the recording, .jsonl; packed when it ends in .gz")
    ],
    *,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="stop after this long")] = None,
    force: Annotated[bool, typer.Option("--force", help="replace a file that is there already")] = False,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="no preview window")] = False,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Record poses and events, never pictures: a camera while it is sent, a film frame by frame."""
    from posekit.cli.options import resolve_given
    from posekit.cli.show import send_poses
    from posekit.errors import OutputError, SettingsError
    from posekit.recording.writer import FOREIGN, check_new
    from posekit.sources import check_kept

    if Path(file.name.removesuffix(".gz")).suffix.lower() in FOREIGN:
        raise SettingsError(
            f"a recording is written as .jsonl or .jsonl.gz; for {file.name}, record first, "
            f"then: posekit replay RECORDING --export {file.name}"
        )
    is_plain = file.is_file() or not file.exists()  # a pipe may have any name
    if is_plain and not file.name.lower().endswith(ENDINGS):
        raise SettingsError(f"a recording is written as .jsonl or .jsonl.gz; found {file.name}")
    check_new(file, overwrite=force)
    check_kept(resolve_given(given, config).settings.source, file)
    recorder = _Recorder(file, seconds, force)
    try:
        send_poses(given, config, no_preview=no_preview, wrap=recorder.wrap, each_frame=True)
    finally:
        recorder.tell()
    if recorder.failure:
        raise OutputError(recorder.failure)


class _Recorder:
    """Puts a writer behind a feed as soon as there is one, and tells at the end what was written."""

    def __init__(self, path: Path, seconds: float | None, overwrite: bool) -> None:
        self._path, self._seconds, self._overwrite = path, seconds, overwrite
        self._writer: RecordingWriter | None = None

    @property
    def failure(self) -> str | None:
        """Why the recording is not whole, or not there."""
        if self._writer is not None and self._writer.failure is None and self._writer.scenes == 0:
            return f"{self._path} was not written: there was nothing to record"
        return self._writer.failure if self._writer else None

    def wrap(self, feed: EngineFeed | InlineFeed) -> RecordedFeed:
        """Record a feed."""
        from posekit.clock import SystemClock
        from posekit.recording import RecordingWriter
        from posekit.runner.inline_feed import InlineFeed
        from posekit.runner.recorder import RecordedFeed

        self._writer = RecordingWriter(
            self._path,
            SystemClock(),
            source=feed.source,
            estimator=feed.estimator,
            overwrite=self._overwrite,
            report=say,
        )
        say(f"recording: {self._path}")
        clock = None if isinstance(feed, InlineFeed) else SystemClock()
        return RecordedFeed(feed, self._writer, seconds=self._seconds, clock=clock)

    def tell(self) -> None:
        """Say how much was written."""
        writer = self._writer
        if writer is not None and writer.scenes:
            say(
                f"{self._path}: {writer.seconds:.1f} s, {writer.scenes} scenes, {writer.events} events, "
                f"{_amount(writer.bytes)}"
            )


def _amount(count: int) -> str:
    """Say how many bytes there are so that a few are not none."""
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
