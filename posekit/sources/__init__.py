"""Where pictures come from: `open_source` turns the user's word for it into a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from posekit.assets import ensure
from posekit.errors import SettingsError, SourceError, SourceWordError, nearest_name
from posekit.sources.adjust import UNTOUCHED, Adjustment
from posekit.sources.base import PICTURE_SUFFIXES, Allocate, allocate_anew
from posekit.sources.request import CameraRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.assets import Progress
    from posekit.clock import Clock
    from posekit.sources.base import Source

STREAMS = ("http://", "https://", "rtsp://", "rtmp://", "udp://", "tcp://")
KINDS = ("camera", "replay", "synthetic")
"""What may stand before a colon."""
_SOURCES = "a camera number, camera:NAME, a file, a folder, a URL, or sample"


def open_source(
    text: str,
    clock: Clock,
    *,
    every_frame: bool = False,
    allocate: Allocate = allocate_anew,
    adjustment: Adjustment = UNTOUCHED,
    request: CameraRequest | None = None,
    patient: bool = False,
    report: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Source:
    """Open a source named as the user names it.

    `text` is a camera's number, `camera:NAME`, `camera:NAME@PORT`, a video, a picture, a folder of pictures,
    a stream's URL, `sample` (a clip, fetched once), `auto` (a camera if there is one, else the sample),
    `replay:FILE`, or `synthetic:people=4,...`, a crowd of nobody. With `every_frame` a file yields each
    frame once, stamped with its place in the file; else it plays at its own speed on `clock`, in a loop, and
    its pictures, as a camera's, lie in memory from `allocate`. Every picture is adjusted before anyone sees
    it; `request` is what cameras are asked for. A `patient` live source may be absent at first. Raises
    `SourceError` or `AssetError` with a sentence that helps.
    """
    text = choose_source(text, report)
    _check_word(text)
    if is_live(text):
        if every_frame:
            raise SourceError(f"{text} is live and has no end; it cannot be read frame by frame")
        return _open_live(text, clock, allocate, adjustment, request, patient, report)
    played_on = None if every_frame else clock
    if text.startswith("replay:"):
        from posekit.sources.replay import Replay, parse_replay

        if adjustment != UNTOUCHED and report is not None:
            report("rotate, flip and crop are for pictures; a recording is played as it is")
        return Replay(parse_replay(text), played_on, report)
    if text.partition(":")[0] == "synthetic":
        from posekit.sources.synthetic import Synthetic, parse_synthetic

        return Synthetic(parse_synthetic(text), played_on)
    if text == "sample":
        clip = ensure("sample", report=report, progress=progress)
        return _open_video(clip, played_on, "the sample clip", allocate, adjustment)
    return _open_path(Path(text).expanduser(), played_on, allocate, adjustment)


def choose_source(text: str, report: Callable[[str], None] | None = None) -> str:
    """Return what `auto` stands for just now: the first camera, or the sample clip; else the text itself."""
    if text != "auto":
        return text
    from posekit.sources.camera import find_cameras

    cameras = find_cameras()
    if cameras:
        return str(cameras[0].number)
    if report is not None:
        report("no camera was found, so the sample clip plays")
    return "sample"


def check_source(text: str) -> None:
    """Raise `SourceError` for a file or camera that is not there, without opening anything."""
    _check_word(text)
    if text in ("auto", "sample") or text.lower().startswith(STREAMS):
        return
    if text.startswith("replay:"):
        from posekit.sources.replay import check_replay

        check_replay(text)
        return
    if text.partition(":")[0] == "synthetic":
        from posekit.sources.synthetic import parse_synthetic

        parse_synthetic(text)
        return
    if is_live(text):
        from posekit.sources.camera import require_cameras

        require_cameras(text)
    else:
        path = Path(text).expanduser()
        if not path.exists():
            raise _not_there(path)
        _check_pictures(path)


def check_kept(text: str, target: Path) -> None:
    """Raise `SettingsError` if writing `target` would replace a file that the source `text` reads."""
    read = _file_read(text)
    if read is None or not target.exists():
        return
    is_one_of_it = target.resolve().parent == read.resolve() and target.suffix.lower() in PICTURE_SUFFIXES
    if target.samefile(read) or is_one_of_it:
        raise SettingsError(f"{target} would replace what is read; name another file")


def _file_read(text: str) -> Path | None:
    """Return the file or folder of the user's that a source reads, if it is one that is there."""
    if is_live(text) or text in ("auto", "sample") or text.partition(":")[0] == "synthetic":
        return None
    if text.startswith("replay:"):
        from posekit.sources.replay import parse_replay

        return parse_replay(text).path
    path = Path(text).expanduser()
    return path if path.exists() else None


def is_live(text: str) -> bool:
    """Whether a source shows what happens now and cannot be read frame by frame; `auto` may be either."""
    return text.isdecimal() or text.startswith("camera:") or text.lower().startswith(STREAMS)


def brings_poses(text: str) -> bool:
    """Whether a source brings poses that somebody has seen already, so that it takes no estimator."""
    return text.startswith(("replay:", "synthetic:")) or text == "synthetic"


def is_still(text: str) -> bool:
    """Whether a source is a picture or a folder of pictures, which have nothing to do with each other."""
    path = Path(text).expanduser()
    return path.suffix.lower() in PICTURE_SUFFIXES or path.is_dir()


def _open_live(
    text: str,
    clock: Clock,
    allocate: Allocate,
    adjustment: Adjustment,
    request: CameraRequest | None,
    patient: bool,
    report: Callable[[str], None] | None,
) -> Source:
    from posekit.sources.camera import CameraOpener, camera_title, stream_opener
    from posekit.sources.live import LiveSource
    from posekit.sources.reader import CAMERA_LIMITS, STREAM_LIMITS

    is_stream = text.lower().startswith(STREAMS)
    return LiveSource(
        text if is_stream else camera_title(text),
        clock,
        stream_opener(text) if is_stream else CameraOpener(text, request or CameraRequest()),
        is_camera=not is_stream,
        allocate=allocate,
        adjustment=adjustment,
        report=report,
        patient=patient,
        limits=STREAM_LIMITS if is_stream else CAMERA_LIMITS,
    )


def _open_path(path: Path, clock: Clock | None, allocate: Allocate, adjustment: Adjustment) -> Source:
    """Open a file or folder: to be played on a clock, or frame by frame without one."""
    from posekit.sources.pictures import Pictures, pictures_in

    if path.is_dir():
        return Pictures(pictures_in(path), f"folder {path.name}", clock, adjustment)
    if not path.exists():
        raise _not_there(path)
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder")
    _check_pictures(path)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return Pictures([path], path.name, clock, adjustment)
    return _open_video(path, clock, f"video {path.name}", allocate, adjustment)


def _open_video(
    path: Path, clock: Clock | None, name: str, allocate: Allocate, adjustment: Adjustment
) -> Source:
    from posekit.sources.video import PlayedVideo, VideoFile

    if clock is None:
        return VideoFile(path, name, adjustment)
    return PlayedVideo(path, name, clock, allocate, adjustment)


def _check_pictures(path: Path) -> None:
    """Raise `SourceError` for a file of poses, which is no film."""
    from posekit.sources.replay import holds_poses

    if holds_poses(path):
        raise SourceError(f"{path} holds poses, not pictures; did you mean replay:{path}?")


def _check_word(text: str) -> None:
    """Raise `SourceWordError` for what no file, camera or stream can be called."""
    if not text.strip():
        raise SourceWordError(f"no source is named; it is {_SOURCES}")
    scheme, colon, _ = text.lower().partition("://")
    if colon and f"{scheme}://" not in STREAMS:
        nearest = nearest_name(f"{scheme}://", STREAMS)
        hint = f"did you mean {nearest}?" if nearest else f"it reads {', '.join(STREAMS)}"
        raise SourceWordError(f"posekit reads no {scheme}://; {hint}")


def _not_there(path: Path) -> SourceError:
    """Return the error for a file that is not there: one that could be, or a word that is none."""
    words = ("auto", "sample")
    beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    nearest = nearest_name(path.name, (*beside, *words))
    if nearest:
        meant = path.parent / nearest if nearest in beside else nearest
        return SourceError(f"there is no {path}; did you mean {meant}?")
    kind = nearest_name(str(path).partition(":")[0], KINDS) if ":" in str(path) else None
    if kind:
        return SourceWordError(f"there is no {path}; did you mean {kind}:?")
    if not path.parent.is_dir():
        return SourceError(f"there is no {path}, nor a folder {path.parent}")
    return SourceError(f"there is no {path}; a source is {_SOURCES}")
