"""The estimator is changed while a show runs: whoever is still seen stays who she is."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest
from blazepose_bundle import find_bundle
from fault_world import Receiver, Show, engine_is_lost, opened, people_are_here
from switch_world import still_film

from posekit.engine.prepare import prepare
from posekit.errors import EstimatorError, PosekitError, SettingsError
from posekit.health import Health
from posekit.runner.inline_feed import InlineFeed
from posekit.scene import Event
from posekit.settings import Settings

TORSO = [5, 6, 11, 12]
FAMILIES = ("posenet", "movenet", "blazepose")
SECONDS = float(os.environ.get("POSEKIT_SOAK_SECONDS", "600"))


@pytest.fixture(scope="module")
def bundle() -> Path:
    return find_bundle()


@pytest.fixture
def clip(asset, bundle: Path) -> Path:
    asset("models")
    return asset("data/videos/crossing.mp4")


@pytest.fixture(scope="module")
def couple(asset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    asset("models")
    return still_film(asset("data/images/test_couple.jpg"), tmp_path_factory.mktemp("film"))


def with_estimator(settings: Settings, name: str, **more: object) -> Settings:
    return prepare(settings.model_copy(update={"estimator": name, "model": None, **more}))


class Story:
    """A film that is rendered, with the estimator changed at some of its frames."""

    def __init__(self, settings: Settings, changes: dict[int, Settings], frames: int) -> None:
        self.ids: list[list[int]] = []
        self.events: list[tuple[int, Event]] = []
        self.masks: list[bool] = []
        self.seen: list[list] = []
        self.health: list[Health] = []
        self.descriptions: list[str] = []
        with closing(InlineFeed(settings)) as feed:
            while (at := len(self.ids)) < frames and not (update := feed.poll()).finished:
                people, now = update.scene.people, update.scene.captured
                self.ids.append([person.id for person in people])
                self.seen.append([person for person in people if person.seen == now])
                self.events += [(at, event) for event in update.events]
                self.masks.append(update.mask is not None)
                self.health.append(update.health)
                self.descriptions.append(feed.estimator)
                if at in changes:
                    assert feed.switch(changes[at]).result(0) == feed.estimator

    def told(self, *names: str) -> list[tuple[int, str, int]]:
        return [(at, event.name, event.person_id) for at, event in self.events if event.name in names]


def test_whoever_is_still_seen_keeps_her_id_from_family_to_family(clip: Path) -> None:
    """The clip has three people all the time; BlazePose sees one of them, and the others are waited for."""
    plain = Settings(source=str(clip), headless=True)
    eyes = {name: with_estimator(plain, name) for name in FAMILIES}
    changes = {15: eyes["movenet"], 30: eyes["blazepose"], 50: eyes["posenet"]}
    story = Story(eyes["posenet"], changes, frames=65)
    assert len(story.ids) == 65
    spans = {name: slice(first, last) for name, first, last in (
        ("PoseNet", 0, 16), ("MoveNet", 16, 31), ("BlazePose", 31, 51), ("PoseNet", 51, 65)
    )}  # fmt: skip
    for name, span in spans.items():
        assert all(description.startswith(name) for description in story.descriptions[span])
    came = [at for at, name, _ in story.told("enter", "leave") if name == "enter"]
    assert len(came) == 3
    assert max(came) < 10
    assert story.told("leave") == []  # not even at the end
    assert [sorted(ids) for ids in story.ids[10:]] == [[1, 2, 3]] * 55
    detailed = [[one.pose.detail is not None for one in people] for people in story.seen]
    assert not any(any(some) for some in detailed[:31])
    assert all(len(some) <= 1 and all(some) for some in detailed[31:51])
    assert sum(len(some) for some in detailed[31:51]) > 10
    assert not any(any(some) for some in detailed[51:])
    sequences = [event.sequence for _, event in story.events]
    assert sequences == list(range(1, len(sequences) + 1))
    assert {event.epoch for _, event in story.events} == {1}


def test_bodies_do_not_leap_where_the_estimator_changes(clip: Path) -> None:
    """Each body goes on from where it was: within a tenth of the picture's height in one frame, as always."""
    plain = Settings(source=str(clip), headless=True)
    eyes = {name: with_estimator(plain, name) for name in FAMILIES}
    changes = {at: eyes[FAMILIES[at // 12 % 3]] for at in range(12, 60, 12)}
    story = Story(eyes["posenet"], changes, frames=60)
    steps = []
    for before, after in zip(story.seen[10:], story.seen[11:], strict=False):
        middles = [
            {
                person.id: np.nanmean(person.pose.xy[[5, 6, 11, 12]] * (960 / 540, 1), axis=0)
                for person in people
            }
            for people in (before, after)
        ]
        both = middles[0].keys() & middles[1].keys()
        steps += [np.hypot(*(middles[1][one] - middles[0][one])) for one in both]
    assert len(steps) > 80
    assert max(steps) < 0.1
    assert {person for _, _, person in story.told("enter")} == {1, 2, 3}


def test_silhouettes_come_and_go_with_who_gives_them(clip: Path) -> None:
    plain = Settings(source=str(clip), headless=True, mask=True)
    blind, seeing = (with_estimator(plain, name) for name in ("posenet", "blazepose"))
    story = Story(blind, {4: seeing, 9: blind, 14: seeing}, frames=20)
    assert story.masks == [False] * 5 + [True] * 5 + [False] * 5 + [True] * 5


def test_while_a_file_is_rendered_nothing_else_can_be_changed_and_what_fails_changes_nothing(
    clip: Path, tmp_path: Path
) -> None:
    settings = with_estimator(Settings(source=str(clip), headless=True), "posenet")
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(Path(settings.model).read_bytes()[:2000])
    with closing(InlineFeed(settings)) as feed:
        before = feed.estimator
        for update, kind in (
            ({"source": "sample"}, SettingsError),
            ({"slots": 3}, SettingsError),
            ({"model": str(broken)}, PosekitError),
            ({"model": str(tmp_path / "gone.tflite")}, PosekitError),
        ):
            error = feed.switch(settings.model_copy(update=update)).exception(0)
            assert isinstance(error, kind)
            assert (feed.estimator, feed.settings) == (before, settings)
            assert feed.poll().scene is not None


def test_who_brings_poses_has_no_estimator_to_change() -> None:
    settings = Settings(source="synthetic:people=2,seed=2,seconds=9", headless=True)
    with closing(InlineFeed(settings)) as feed:
        error = feed.switch(settings.model_copy(update={"estimator": "movenet"})).exception(0)
    assert isinstance(error, EstimatorError)
    assert "brings poses" in str(error)


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def eyes(couple: Path, bundle: Path, receiver: Receiver) -> dict[str, Settings]:
    plain = Settings(source=str(couple), grace=60.0, osc=(f"127.0.0.1:{receiver.port}",))
    return {name: with_estimator(plain, name) for name in FAMILIES}


@pytest.fixture
def show(eyes: dict[str, Settings], receiver: Receiver) -> Iterator[Show]:
    with opened(eyes["posenet"].model_copy(update={"osc": ()}), receiver) as show:
        assert show.feed.settings == eyes["posenet"]
        show.until(lambda update: update.scene and len(update.scene.people) == 2)
        yield show


def settled(show: Show, future: Future[str]) -> Future[str]:
    show.until(lambda _: future.done(), 30.0)
    return future


def comings(show: Show) -> list[Event]:
    return [event for event in show.events if event.name in ("enter", "leave")]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_running_engine_changes_its_estimator_and_everybody_stays(
    eyes: dict[str, Settings], show: Show
) -> None:
    engine, told = show.feed._engine.process_id, len(comings(show))
    for name, title in (("movenet", "MoveNet"), ("blazepose", "BlazePose"), ("posenet", "PoseNet")):
        assert settled(show, show.feed.switch(eyes[name])).result().startswith(title)
        assert show.feed.estimator.startswith(title)
        assert show.feed.settings.estimator == name
        looked = show.feed.poll().scene.index
        show.until(lambda update, since=looked: update.scene.index > since + 3)
    show.until(lambda update: update.scene.index > looked + 12)
    assert {person.id for person in show.feed.poll().scene.people} == {1, 2}
    assert (comings(show)[told:], show.feed._engine.process_id) == ([], engine)
    # The next engine begins with what was chosen last.
    settled(show, show.feed.switch(eyes["movenet"]))
    os.kill(engine, signal.SIGKILL)
    show.until(engine_is_lost)
    show.until(people_are_here, 20.0)
    assert show.feed.estimator.startswith("MoveNet")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_model_that_is_broken_changes_nothing_not_even_for_the_next_engine(
    eyes: dict[str, Settings], show: Show, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(Path(str(eyes["posenet"].model)).read_bytes()[:2000])
    told = len(comings(show))
    future = settled(show, show.feed.switch(eyes["posenet"].model_copy(update={"model": str(broken)})))
    assert isinstance(future.exception(), PosekitError)
    assert "broken.tflite" in str(future.exception())
    assert show.feed.settings == eyes["posenet"]
    assert comings(show)[told:] == []
    show.until(people_are_here)
    show.feed._engine._tell({"switch": 99, "settings": {"estimator": 3}})  # and nonsense is only told
    os.kill(show.feed._engine.process_id, signal.SIGKILL)
    show.until(engine_is_lost)
    show.until(people_are_here, 20.0)
    assert show.feed.estimator.startswith("PoseNet")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_engine_that_ends_meanwhile_is_followed_by_one_that_goes_on_with_it(
    eyes: dict[str, Settings], show: Show
) -> None:
    os.kill(show.feed._engine.process_id, signal.SIGSTOP)
    future = show.feed.switch(eyes["movenet"])
    os.kill(show.feed._engine.process_id, signal.SIGKILL)
    show.until(engine_is_lost)
    assert settled(show, future).result().startswith("MoveNet")
    late = show.feed.switch(eyes["posenet"])
    again = show.feed.switch(eyes["movenet"])
    assert late.cancelled()
    os.kill(show.feed._engine.process_id, signal.SIGKILL)
    show.until(engine_is_lost)
    assert settled(show, again).result().startswith("MoveNet")
    left_open = show.feed.switch(eyes["posenet"])
    show.feed.close()
    assert left_open.cancelled()


@pytest.mark.soak
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.timeout(0)
def test_fifty_changes_in_a_row_leave_the_last_and_nothing_else(
    eyes: dict[str, Settings], show: Show
) -> None:
    """Asked for faster than any can be opened, then each waited for: threads, files and memory stay."""
    engine = psutil.Process(show.feed._engine.process_id)

    def hurry(count: int) -> None:
        futures = [show.feed.switch(eyes[FAMILIES[at % 3]]) for at in range(count)]
        assert settled(show, futures[-1]).result().lower().startswith(FAMILIES[(count - 1) % 3])
        assert sum(future.cancelled() for future in futures) == count - 1

    def patience(count: int) -> None:
        for at in range(count):
            settled(show, show.feed.switch(eyes[FAMILIES[at % 3]])).result()

    def measured() -> tuple[int, int, int]:
        settled(show, show.feed.switch(eyes["posenet"])).result()
        return engine.num_threads(), engine.num_fds(), engine.memory_info().rss

    patience(12)
    before = measured()
    hurry(50)
    patience(max(6, min(60, int(SECONDS))))
    after = measured()
    assert show.feed._engine.process_id == engine.pid
    assert after[0] <= before[0] + 1
    assert after[1] <= before[1] + 1
    assert after[2] - before[2] < 30_000_000
