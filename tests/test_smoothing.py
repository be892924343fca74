"""Steadied people: calm at rest, quick in motion, over leaps, gaps and swaps for a moment, and laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders import a_person, a_pose
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.engine.options import smoothing_options
from posekit.errors import SettingsError
from posekit.gathered import gather
from posekit.resolving import resolve
from posekit.settings import Settings
from posekit.skeleton import COCO_17
from posekit.smoothing import PRESETS, Smoother, SmoothingOptions
from posekit.smoothing.prediction import FADING, HORIZON, predicted_seconds

SIZE = (640, 480)
WRIST = COCO_17.find("left_wrist")
NOT_SWAPPED = replace(PRESETS["normal"], swap_time=0.0)


def seen_at(time, pose, person_id=1, **values):
    return replace(a_person(person_id, pose=pose, seen=time, **values), raw=pose)


def life(smoother, poses, rate=30.0, begin=0.0):
    """Return what becomes of one person who is seen once a frame."""
    result = []
    for at, pose in enumerate(poses):
        time = begin + at / rate
        (person,) = smoother.update((seen_at(time, pose),), time, SIZE)
        result.append(person)
    return result


def places(people, keypoint=WRIST):
    return np.array([person.pose.xy[keypoint] for person in people])


def trembling(count, amount=0.002, seed=1, **places_):
    random = np.random.default_rng(seed)
    for _ in range(count):
        pose = a_pose(**places_)
        yield replace(pose, xy=(pose.xy + random.normal(0, amount, (17, 2))).astype(np.float32))


@pytest.mark.parametrize("rate", [10, 30, 60])
def test_who_stands_is_calm_and_stays_where_she_is(rate):
    poses = list(trembling(8 * rate))
    steadied = life(Smoother(), poses, rate)
    raw, calm = (np.diff([p.pose.xy for p in some], axis=0)[rate:] for some in (to_people(poses), steadied))
    assert np.sqrt(np.mean(calm**2)) < 0.2 * np.sqrt(np.mean(raw**2))
    assert np.abs(steadied[-1].pose.xy - a_pose().xy).max() < 0.005
    assert np.abs(steadied[-1].velocity).max() < 0.05


def to_people(poses):
    return [a_person(pose=pose) for pose in poses]


@pytest.mark.parametrize("rate", [10, 30, 60])
def test_a_body_that_goes_is_followed_closely_and_its_velocity_is_right(rate):
    poses = [a_pose(x=0.1 + 0.3 * at / rate) for at in range(2 * rate)]
    steadied = life(Smoother(), poses, rate)
    late = (poses[-1].xy[:, 0] - steadied[-1].pose.xy[:, 0]) / 0.3
    assert (late >= 0).all()
    assert late.max() < 0.04
    # 0.3 picture widths a second are 0.4 picture heights.
    assert steadied[-1].velocity[:, 0] == pytest.approx(0.4, abs=0.04)
    assert steadied[-1].velocity[:, 1] == pytest.approx(0.0, abs=0.001)


@pytest.mark.parametrize("rate", [5, 10, 30, 60])
@pytest.mark.parametrize("speed", [0.3, 0.6, 1.5])
def test_who_starts_suddenly_is_soon_followed(rate, speed):
    still, there = [a_pose(x=0.1)] * rate, a_pose().left_wrist
    going = [a_pose(x=0.1 + speed * at / rate) for at in range(rate)]
    steadied = life(Smoother(), still + going, rate)
    assert ((going[-1].xy - steadied[-1].pose.xy)[:, 0] / speed).max() < 0.06
    # So is one hand alone.
    swinging = [a_pose(left_wrist=(there.x, there.y + speed * at / rate)) for at in range(rate)]
    steadied = life(Smoother(), [a_pose()] * rate + swinging, rate)
    assert (swinging[-1].left_wrist.y - steadied[-1].left_wrist.y) / speed < 0.08


def test_presets_go_from_calm_to_quick():
    poses = list(trembling(120, seed=3))
    going = [a_pose(x=0.1 + 0.01 * at) for at in range(60)]
    shakes, lags = [], []
    for name in ("calm", "normal", "quick"):
        shakes.append(np.diff(places(life(Smoother(PRESETS[name]), poses))[30:], axis=0).std())
        lags.append(going[-1].xy[0, 0] - life(Smoother(PRESETS[name]), going)[-1].pose.xy[0, 0])
    assert shakes[0] < shakes[1] < shakes[2] < np.diff(places(to_people(poses)), axis=0).std()
    assert lags[0] > lags[1] > lags[2] > 0


def test_off_passes_everybody_through():
    people = (a_person(1, velocity=(0.3, 0.1)), a_person(2))
    assert Smoother(PRESETS["off"]).update(people, 1.0, SIZE) == people


def test_a_newcomer_starts_where_she_is_and_all_else_of_her_stays():
    pose = a_pose(x=0.3)
    smoother = Smoother()
    life(smoother, [a_pose()] * 5)
    old, new = smoother.update((seen_at(1.0, a_pose()), seen_at(1.0, pose, 2, age=0.5)), 1.0, SIZE)
    assert new.pose.xy == pytest.approx(pose.xy, abs=1e-6)
    assert not new.velocity.any()
    assert (new.id, new.age, new.seen, new.pose.score) == (2, 0.5, 1.0, pose.score)
    assert new.raw is pose
    assert old.id == 1
    with pytest.raises(ValueError, match="read-only"):
        new.pose.xy[0, 0] = 0


def test_the_one_who_is_gone_is_forgotten():
    smoother = Smoother()
    life(smoother, [a_pose(x=0.2)] * 30)
    assert smoother.update((), 1.0, SIZE) == ()
    (again,) = life(smoother, [a_pose(x=0.8)], begin=1.1)
    assert again.pose.xy[0, 0] == pytest.approx(0.8)
    for at in range(300):
        smoother.update((seen_at(2.0 + at, a_pose(), 100 + at),), 2.0 + at, SIZE)
    assert len(smoother._state) == len(smoother._rows) == len(smoother._found[0]) == 1


def test_the_one_who_is_not_found_stays_where_she_was_and_fades_with_her_speed():
    smoother = Smoother()
    poses = [a_pose(x=0.1 + 0.01 * at) for at in range(30)]
    last = life(smoother, poses)[-1]
    lost = seen_at(last.seen, poses[-1])
    speeds, scores = [], []
    for later in (0.1, 0.2, 0.5):
        still, other = smoother.update((lost, seen_at(1 + later, a_pose(), 2)), last.seen + later, SIZE)
        assert later == 0.5 or (still.pose.xy == last.pose.xy).all()
        assert other.id == 2
        scores.append(still.pose.scores.max())
        speeds.append(np.abs(still.velocity).max())
    assert 0.3 > speeds[0] > speeds[1] > speeds[2] == 0
    assert last.pose.scores.max() > scores[0] > scores[1] > scores[2] == 0
    assert not still.pose.visible.any()  # a skeleton where nobody is would be a ghost
    assert last.velocity[0, 0] > speeds[0]
    (back, _) = smoother.update((seen_at(1.6, a_pose(x=0.6)), seen_at(1.6, a_pose(), 2)), 1.6, SIZE)
    assert back.pose.xy[0, 0] == pytest.approx(0.6)


@pytest.mark.parametrize("rate", [10, 30, 60])
def test_one_leap_of_a_keypoint_is_not_believed(rate):
    there = a_pose().left_wrist
    poses = [a_pose()] * rate + [a_pose(left_wrist=(there.x + 0.2, there.y))] + [a_pose()] * rate
    steadied = life(Smoother(), poses, rate)
    assert np.abs(places(steadied)[:, 0] - there.x).max() < 0.01
    assert steadied[rate].left_wrist.score < steadied[rate - 1].left_wrist.score
    assert steadied[-1].left_wrist.score == pytest.approx(0.9)
    assert steadied[rate].raw.left_wrist.x == pytest.approx(there.x + 0.2)


def test_a_leap_that_lasts_is_believed_soon():
    there = a_pose().left_wrist
    steadied = life(Smoother(), [a_pose()] * 30 + [a_pose(left_wrist=(there.x + 0.2, there.y))] * 60)
    ways = places(steadied)[:, 0] - there.x
    assert np.abs(ways[:32]).max() < 0.01
    assert ways[-1] > 0.17
    assert (np.diff(ways[30:]) >= -1e-6).all()


def test_a_keypoint_that_vanishes_goes_along_and_fades_then_it_is_missing():
    poses = [a_pose(x=0.1 + 0.01 * at, missing=() if at < 30 else ("left_wrist",)) for at in range(60)]
    steadied = life(Smoother(), poses)
    scores = np.array([person.left_wrist.score for person in steadied])
    assert scores[29] == pytest.approx(0.9)
    assert (np.diff(scores[29:39]) < 0).all()
    gone = [not person.left_wrist for person in steadied]
    assert gone.index(True) in (38, 39)
    assert all(gone[39:])
    assert scores[-1] == 0
    wrist, elbow = (
        places(steadied[29:38], COCO_17.find(f"left_{name}"))[:, 0] for name in ("wrist", "elbow")
    )
    assert wrist - elbow == pytest.approx(wrist[0] - elbow[0], abs=0.01)
    assert wrist[-1] - wrist[0] > 0.06
    assert np.isnan(steadied[-1].pose.xy[WRIST]).all()
    assert not steadied[-1].velocity[WRIST].any()


def swapped(pose, *names):
    xy, scores = pose.xy.copy(), pose.scores.copy()
    for name in names:
        both = [COCO_17.find(f"{side}_{name}") for side in ("left", "right")]
        xy[both], scores[both] = xy[both[::-1]], scores[both[::-1]]
    return replace(pose, xy=xy, scores=scores)


@pytest.mark.parametrize("names", [("wrist",), ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")])
@pytest.mark.parametrize("rate", [10, 30, 60])
def test_sides_exchanged_for_one_frame_are_put_right(names, rate):
    pose = a_pose(scale=1.2)
    steadied = life(Smoother(), [pose] * rate + [swapped(pose, *names)] + [pose] * rate, rate)
    assert all(person.pose.xy == pytest.approx(pose.xy, abs=1e-5) for person in steadied)


def test_what_was_gathered_stays_as_it_is():
    pose, smoother = replace(a_pose(scale=1.2), scores=np.linspace(0.4, 1, 17)), Smoother()
    for frame, seen in enumerate((pose, pose, swapped(pose, "knee", "ankle"), pose)):
        people = gather([seen_at(frame / 30, seen)])
        before = [array.copy() for array in people[-3:]]
        steadied = smoother.steady(people, frame / 30, SIZE)
        assert steadied.xy is not people.xy
        for array, copied in zip(people[-3:], before, strict=True):
            np.testing.assert_array_equal(array, copied)


def test_who_really_turns_is_believed_after_a_moment():
    pose = a_pose(scale=1.2)
    turned = swapped(pose, "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    steadied = life(Smoother(), [pose] * 30 + [turned] * 30)
    assert steadied[34].pose.xy == pytest.approx(pose.xy, abs=1e-5)
    assert steadied[40].pose.xy == pytest.approx(turned.xy, abs=1e-3)


def test_hands_that_pass_each_other_keep_their_names():
    angles = np.linspace(0, 3 * np.pi, 90)
    poses = [
        a_pose(left_wrist=(0.5 + 0.12 * np.cos(a), 0.5), right_wrist=(0.5 - 0.12 * np.cos(a), 0.52))
        for a in angles
    ]
    steadied = life(Smoother(), poses)
    assert np.abs(places(steadied)[:, 0] - [pose.left_wrist.x for pose in poses]).max() < 0.05


def test_time_may_stand_still_go_back_and_leap():
    smoother, poses = Smoother(), list(trembling(9))
    for time, pose in zip((5.0, 5.0, 5.0, 4.0, 4.1, 1e6, 1e6 + 1e-7, 0.0, -3.0), poses, strict=True):
        (person,) = smoother.update((seen_at(time, pose),), time, SIZE)
        assert np.isfinite(person.pose.xy).all()
        assert np.isfinite(person.velocity).all()
        assert np.abs(person.pose.xy - a_pose().xy).max() < 0.02
    steadied = life(smoother, [a_pose(x=0.7)] * 60, begin=-3.0)
    assert steadied[-1].pose.xy[0, 0] == pytest.approx(0.7, abs=0.02)


frames = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1 / 60, 1 / 30, 0.1, 0.13, 0.5, -0.2]),
        st.lists(
            st.tuples(st.sampled_from([1, 2, 3, 4]), st.booleans()), unique_by=lambda one: one[0], max_size=4
        ),
        st.integers(0, 2**31),
    ),
    min_size=1,
    max_size=25,
)


def story(frames, missing=0.15):
    """Yield (time, people) of people who come and go, are lost, leap, and miss keypoints at random."""
    time, last = 0.0, {}
    for elapsed, here, seed in frames:
        time += elapsed
        random = np.random.default_rng(seed)
        people = []
        for person_id, is_found in here:
            if is_found or person_id not in last:
                pose = a_pose(x=0.2 * person_id)
                xy = pose.xy + random.normal(0, random.choice([0.003, 0.1]), (17, 2))
                gone = random.random(17) < missing
                scores = np.where(gone, 0, random.uniform(0.3, 1, 17))
                xy[gone] = np.nan
                last[person_id] = seen_at(time, replace(pose, xy=xy, scores=scores), person_id)
            people.append(last[person_id])
        last = {person.id: person for person in people}
        yield time, tuple(people)


def run(smoother, frames, order=lambda people: people):
    return [
        {person.id: person for person in smoother.update(order(people), time, SIZE)}
        for time, people in frames
    ]


def same(first, second):
    assert first.keys() == second.keys()
    for person_id, person in first.items():
        other = second[person_id]
        assert np.array_equal(person.pose.xy, other.pose.xy, equal_nan=True)
        assert np.array_equal(person.pose.scores, other.pose.scores)
        assert np.array_equal(person.velocity, other.velocity)


@settings(max_examples=60, deadline=None)
@given(frames)
def test_law_nan_is_missing_and_nothing_else(frames):
    for time, people in (smoother := Smoother()) and story(frames):
        steadied = smoother.update(people, time, SIZE)
        assert [person.id for person in steadied] == [person.id for person in people]
        for person, before in zip(steadied, people, strict=True):
            shown = person.pose.scores > 0
            assert np.isfinite(person.pose.xy[shown]).all()
            assert np.isnan(person.pose.xy[~shown]).all()
            assert np.isfinite(person.velocity).all()
            assert person.pose.scores.min() >= 0
            assert person.pose.scores.max() <= 1
            assert person.raw is before.raw


@settings(max_examples=40, deadline=None)
@given(frames, frames)
def test_law_reset_equals_new(before, after):
    used = Smoother()
    run(used, list(story(before)))
    used.reset()
    for first, second in zip(run(used, story(after)), run(Smoother(), story(after)), strict=True):
        same(first, second)


@settings(max_examples=40, deadline=None)
@given(frames, st.randoms(use_true_random=False))
def test_law_the_order_of_people_does_not_matter(frames, random):
    def shuffled(people):
        people = list(people)
        random.shuffle(people)
        return people

    for first, second in zip(
        run(Smoother(), story(frames)), run(Smoother(), story(frames), shuffled), strict=True
    ):
        same(first, second)


@settings(max_examples=60, deadline=None)
@given(frames)
def test_law_a_keypoint_that_is_always_seen_stays_within_what_was_seen_of_it(frames):
    """With sides left as they are: a keypoint that is put right takes its places from the other side."""
    alone = [(elapsed, [(1, True)], seed) for elapsed, _, seed in frames]
    low, high = np.full((17, 2), np.inf), np.full((17, 2), -np.inf)
    smoother, still = Smoother(replace(PRESETS["normal"], swap=1e9, leap=1e9)), 0
    for time, people in story(alone, missing=0.0):
        (person,) = smoother.update(people, time, SIZE)
        low, high = np.minimum(low, person.raw.xy), np.maximum(high, person.raw.xy)
        assert (person.pose.xy >= low - 1e-5).all()
        assert (person.pose.xy <= high + 1e-5).all()
        still += 1
    assert still == len(frames)


@settings(max_examples=30, deadline=None)
@given(frames, st.integers(0, 1_000_000))
def test_law_only_differences_of_time_count(frames, begin):
    # In 64ths of a second sums of times are exact.
    exact = [(round(elapsed * 64) / 64, here, seed) for elapsed, here, seed in frames]
    later = [
        (time + begin, tuple(replace(person, seen=person.seen + begin) for person in people))
        for time, people in story(exact)
    ]
    for first, second in zip(run(Smoother(), story(exact)), run(Smoother(), later), strict=True):
        same(first, second)


def test_law_near_and_far_are_the_same():
    poses = list(trembling(40, 0.01, seed=5))
    far = [replace(pose, xy=pose.xy * np.float32(0.5)) for pose in poses]
    for near, small in zip(life(Smoother(), poses), life(Smoother(), far), strict=True):
        assert near.pose.xy * 0.5 == pytest.approx(small.pose.xy, abs=1e-5)


@pytest.mark.parametrize("name", ["calm", "normal", "quick", "off"])
def test_the_setting_names_a_preset(name):
    assert smoothing_options(Settings(smoothing=name)) == PRESETS[name]
    assert smoothing_options(Settings()) == PRESETS["normal"] == SmoothingOptions()


def test_a_smoothing_that_is_none_is_told():
    with pytest.raises(SettingsError, match=r"smoothing from command line.*'smooth'"):
        resolve({"smoothing": "smooth"})


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_prediction_is_bounded_and_never_goes_back(ahead):
    seconds = predicted_seconds(ahead)
    assert 0 <= seconds <= min(FADING, HORIZON)
    assert seconds <= max(ahead, 0) * 1.000001 or np.isnan(ahead)
    assert predicted_seconds(0.01) == pytest.approx(0.01, rel=0.05)
    assert predicted_seconds(1.0) == predicted_seconds(HORIZON)
