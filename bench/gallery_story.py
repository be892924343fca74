"""What was seen of a show over hours: samples, kept in a file, and what they come to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from show_processes import Look, newest, settle_after
from soak import fit

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """The whole show at one moment."""

    seconds: float
    scenes_per_second: float
    window_fps: float
    shared_files: int
    shared_bytes: int
    log_bytes: int
    counts_bytes: int
    visits: int
    troubles: list[str]
    load: float
    """How many processes of this machine wanted a core, the last minute's mean."""


@dataclass
class Story:
    """All that was seen."""

    looks: dict[str, list[Look]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    page_answers: int = 0
    page_messages: int = 0
    page_failures: int = 0
    heartbeats: int = 0


def report(story: Story, settle: float) -> dict[str, Any]:
    """Return what it comes to: for each process its slopes, and what it held."""
    result: dict[str, Any] = {}
    for name, looks in story.looks.items():
        process, begin = newest(looks), settle_after(looks, settle)
        settled = [one for one in process if one.seconds >= begin]
        if len(settled) < 10:
            continue
        own = fit([Look(**{**asdict(one), "resident_mb": one.unique_mb}) for one in process], begin)
        resident = fit(process, begin)
        result[name] = {
            "resident_mb": round(settled[-1].resident_mb, 1),
            "mb_per_hour": round(resident.mb_per_hour, 2),
            "interval": [round(resident.low, 2), round(resident.high, 2)],
            "unique_mb": round(settled[-1].unique_mb, 1),
            "unique_mb_per_hour": round(own.mb_per_hour, 2),
            "unique_interval": [round(own.low, 2), round(own.high, 2)],
            "files": sorted({one.files for one in settled}),
            "threads": sorted({one.threads for one in settled}),
            "processes": len({one.process_id for one in looks}),
            "looks": len(settled),
        }
    result["show"] = about_show([one for one in story.samples if one.seconds >= settle], story)
    return result


def about_show(samples: list[Sample], story: Story) -> dict[str, Any]:
    if not samples:
        return {}
    hours = max(1e-9, (samples[-1].seconds - samples[0].seconds) / 3600)
    speeds = sorted(one.scenes_per_second for one in samples)
    frames = sorted(one.window_fps for one in samples)
    return {
        "minutes": round(story.samples[-1].seconds / 60, 1),
        "scenes_per_second": [round(speeds[0], 1), round(speeds[len(speeds) // 2], 1)],
        "window_fps": [round(frames[0], 1), round(frames[len(frames) // 2], 1)],
        "least_and_median": "of the two above",
        "shared_memory_files": sorted({one.shared_files for one in samples}),
        "log_bytes": samples[-1].log_bytes,
        "log_bytes_per_hour": round((samples[-1].log_bytes - samples[0].log_bytes) / hours),
        "counts_bytes": [samples[0].counts_bytes, max(one.counts_bytes for one in samples)],
        "visits": samples[-1].visits,
        "troubles": sorted({name for one in samples for name in one.troubles}),
        "page_answers": story.page_answers,
        "page_messages": story.page_messages,
        "page_failures": story.page_failures,
        "heartbeats": story.heartbeats,
        "load": round(sum(one.load for one in samples) / len(samples), 1),
    }


def write(story: Story, path: Path) -> None:
    path.write_text(json.dumps(asdict(story)), encoding="utf-8")


def read(path: Path) -> Story:
    """Return a story that was written before."""
    data = json.loads(path.read_text(encoding="utf-8"))
    data["looks"] = {name: [Look(**one) for one in looks] for name, looks in data["looks"].items()}
    data["samples"] = [Sample(**one) for one in data["samples"]]
    return Story(**data)
