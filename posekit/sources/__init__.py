"""Where pictures come from: `open_source` turns the user's word for it into a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from posekit.assets import ensure
from posekit.errors import SourceError, nearest_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.assets import Progress
    from posekit.clock import Clock
    from posekit.sources.base import Source

STREAMS = ("http://", "https://", "rtsp://", "rtmp://", "udp://", "tcp://")


def open_source(
    text: str,
    clock: Clock,
    *,
    every_frame: bool = False,
    report: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Source:
    """Open a source named as the user names it.

    `text` is a camera's number, `camera:NAME`, a video, a picture, a folder of pictures, a stream's URL,
    `sample` (a clip that is fetched once), or `auto` (a camera if there is one, else the sample). With
    `every_frame` a file yields each frame once, stamped with its place in the file; else it plays at its own
    speed on `clock`, in a loop. Raises `SourceError` or `AssetError` with a sentence that helps.
    """
    from posekit.sources.camera import LiveCapture, find_camera

    text = choose_source(text, report)
    if text == "sample":
        clip = ensure("sample", report=report, progress=progress)
        return _open_video(clip, clock, every_frame, "the sample clip")
    if text.isdecimal():
        return LiveCapture(int(text), f"camera {text}", clock, is_camera=True)
    if text.startswith("camera:"):
        name = text.removeprefix("camera:")
        return LiveCapture(find_camera(name), f"camera {name}", clock, is_camera=True)
    if text.lower().startswith(STREAMS):
        return LiveCapture(text, text, clock, is_camera=False)
    return _open_path(Path(text).expanduser(), clock, every_frame)


def choose_source(text: str, report: Callable[[str], None] | None = None) -> str:
    """Return what `auto` stands for just now: the first camera, or the sample clip; else the text itself."""
    if text != "auto":
        return text
    from posekit.sources.camera import find_cameras

    cameras = find_cameras()
    if cameras:
        return str(min(cameras))
    if report is not None:
        report("no camera was found, so the sample clip plays")
    return "sample"


def check_source(text: str) -> None:
    """Raise `SourceError` for a file or camera that is not there, without opening anything."""
    if text in ("auto", "sample") or text.lower().startswith(STREAMS):
        return
    if is_live(text):
        from posekit.sources.camera import require_cameras

        require_cameras(text)
    elif not Path(text).expanduser().exists():
        raise SourceError(_not_there(Path(text).expanduser()))


def is_live(text: str) -> bool:
    """Whether a source shows what happens now and cannot be read frame by frame; `auto` may be either."""
    return text.isdecimal() or text.startswith("camera:") or text.lower().startswith(STREAMS)


def _open_path(path: Path, clock: Clock, every_frame: bool) -> Source:
    from posekit.sources.pictures import PICTURE_SUFFIXES, Pictures, pictures_in

    if path.is_dir():
        return Pictures(pictures_in(path), f"folder {path.name}", None if every_frame else clock)
    if not path.exists():
        raise SourceError(_not_there(path))
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder")
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return Pictures([path], path.name, None if every_frame else clock)
    return _open_video(path, clock, every_frame, f"video {path.name}")


def _open_video(path: Path, clock: Clock, every_frame: bool, name: str) -> Source:
    from posekit.sources.video import PlayedVideo, VideoFile

    return VideoFile(path, name) if every_frame else PlayedVideo(path, name, clock)


def _not_there(path: Path) -> str:
    words = ("auto", "sample")
    beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    nearest = nearest_name(path.name, (*beside, *words))
    if nearest:
        return f"there is no {path}; did you mean {path.parent / nearest if nearest in beside else nearest}?"
    if not path.parent.is_dir():
        return f"there is no {path}, nor a folder {path.parent}"
    return f"there is no {path}; a source is a camera number, camera:NAME, a file, a folder, a URL, or sample"
