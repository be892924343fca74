"""The log of a show: nothing it is told is lost without a word, nothing secret gets in, nothing grows."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from builders import a_person, a_pose
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.clock import ManualWall
from posekit.records.floods import SAME_NAME, SAME_SENTENCE
from posekit.records.log import MOST_WAITING, ShowLog, read_log
from posekit.records.plain import Masking

NOON = 1_795_000_000.0


@pytest.fixture
def wall() -> ManualWall:
    return ManualWall(NOON)


@pytest.fixture
def open_log(tmp_path: Path, wall: ManualWall):
    """Return a function that opens a log in tmp_path; all are closed again."""
    opened = []

    def open_one(**options) -> ShowLog:
        opened.append(ShowLog(tmp_path / "logs", wall, **options))
        return opened[-1]

    yield open_one
    for log in opened:
        log.close()


def kept(folder: Path) -> list[dict]:
    """Return every line of the newest file, read without our own reader."""
    return [json.loads(line) for line in (folder / "logs/show.jsonl").read_text().splitlines()]


def test_a_line_says_when_what_how_bad_and_how_much(open_log, tmp_path) -> None:
    log = open_log(zone=timezone(timedelta(hours=5, minutes=30)))
    log.write("engine_lost", "the engine ended\nby itself", "fault", restarts=3, after=1.23456)
    assert log.flush()
    assert kept(tmp_path) == [
        {
            "time": "2026-11-18T16:36:40.000+05:30",
            "name": "engine_lost",
            "severity": "fault",
            "sentence": "the engine ended by itself",
            "data": {"restarts": 3, "after": 1.235},
        }
    ]


def test_the_newest_come_first_also_by_severity_and_from_another_process(open_log, tmp_path) -> None:
    log = open_log()
    for number in range(5):
        log.write("step", f"number {number}", "fault" if number % 2 else "notice")
    assert log.flush()
    assert [line["sentence"][-1] for line in log.newest(3)] == ["4", "3", "2"]
    assert [line["sentence"][-1] for line in log.newest(9, "fault")] == ["3", "1"]
    assert read_log(tmp_path / "logs", 9) == log.newest(9)
    assert log.newest(0) == []


def test_all_files_together_never_exceed_their_bound(open_log, tmp_path, wall) -> None:
    log = open_log(megabytes=0.05)
    sizes = []
    for number in range(3000):
        wall.seconds += 10
        log.write("step", f"number {number} " + "x" * 60)
        if number % 500 == 499:
            assert log.flush()
            sizes.append(sum(file.stat().st_size for file in (tmp_path / "logs").iterdir()))
    assert len(sizes) == 6
    assert max(sizes) <= 50_000
    assert sizes[-1] > 30_000
    found = [int(line["sentence"].split()[1]) for line in log.newest(10_000)]
    assert found[0] == 2999
    assert found == sorted(found, reverse=True)
    assert len(found) > 150
    assert len(set(found)) == len(found)


def test_a_smaller_bound_clears_what_a_larger_one_left(open_log, tmp_path, wall) -> None:
    for megabytes in (0.2, 0.02):
        log = open_log(megabytes=megabytes)
        for number in range(1500):
            wall.seconds += 10
            log.write("step", f"number {number} " + "x" * 60)
        assert log.flush()
        log.close()
        assert sum(file.stat().st_size for file in (tmp_path / "logs").iterdir()) <= megabytes * 1e6


def test_the_bound_can_be_changed_while_it_runs(open_log, tmp_path, wall) -> None:
    log = open_log(megabytes=0.2)
    for number in range(1500):
        wall.seconds += 10
        log.write("step", f"number {number} " + "x" * 60)
    assert log.flush()
    folder = tmp_path / "logs"
    assert sum(file.stat().st_size for file in folder.iterdir()) > 100_000
    log.limit(0.02)
    log.write("step", "the last one")
    assert log.flush()
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 20_000
    assert log.newest(1)[0]["sentence"] == "the last one"


@pytest.mark.parametrize("cut", [1, 20, 70])
def test_a_line_that_a_power_cut_tore_costs_no_other(cut: int, open_log, tmp_path) -> None:
    log = open_log()
    log.write("first", "this one stays")
    log.write("second", "this one is torn")
    log.close()
    path = tmp_path / "logs/show.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    log = open_log()
    log.write("third", "this one is new")
    assert log.flush()
    # Without its line feed alone, the second one is still whole.
    expected = ["third", "second", "first"] if cut == 1 else ["third", "first"]
    assert [line["name"] for line in log.newest(9)] == expected


def test_what_is_no_log_at_all_is_passed_over(open_log, tmp_path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "show.jsonl").write_bytes(b'\x00\xff\n[1]\n"x"\n{"time": 1}\n\n')
    (folder / "show.1.jsonl").mkdir()
    (folder / "show.notes.jsonl").write_text("mine")
    log = open_log()
    log.write("step", "said")
    assert log.flush()
    assert [line["name"] for line in log.newest(9)] == ["step"]
    assert (folder / "show.notes.jsonl").read_text() == "mine"


def test_a_sentence_that_is_said_over_and_over_is_summed(open_log, wall, tmp_path) -> None:
    log = open_log()
    for _ in range(1243):
        log.write("sketch_failing", "draw raised ZeroDivisionError", "fault")
        wall.seconds += 60 / 1300
    log.write("other", "something else")
    wall.seconds += 60
    assert log.flush()
    said = [line["sentence"] for line in kept(tmp_path)]
    assert said[:SAME_SENTENCE] == ["draw raised ZeroDivisionError"] * SAME_SENTENCE
    assert said[SAME_SENTENCE] == "something else"
    assert len(said) == SAME_SENTENCE + 2
    assert said[-1].startswith("draw raised ZeroDivisionError ... 1,240 times more in ")


def test_sentences_with_a_number_in_them_are_no_way_around_it(open_log, tmp_path) -> None:
    log = open_log()
    for number in range(5000):
        log.write("sketch_failing", f"error number {number}")
    log.close()
    said = [line["sentence"] for line in kept(tmp_path)]
    assert len(said) == SAME_NAME + 1
    assert said[-1].startswith("further sentences about sketch_failing ... 4,880 times more")


def test_a_clock_that_is_put_back_ends_no_summing_and_loses_nothing(open_log, wall, tmp_path) -> None:
    log = open_log()
    for at in (NOON, NOON - 1e9, 0.0, 1e15, float("nan"), NOON):
        wall.seconds = at
        for _ in range(2):
            log.write("step", "said")
    log.close()
    said = kept(tmp_path)
    times = sum(line.get("data", {}).get("times", 1) for line in said)
    assert times == 12


SECRET = "s3cr3t/+ kéy"


@given(
    st.recursive(
        st.text(max_size=5).map(lambda text: text + SECRET + text) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    )
)
def test_a_secret_is_masked_wherever_it_stands(value) -> None:
    plain = json.dumps(Masking(["x-other", SECRET]).plain(value), ensure_ascii=False)
    assert SECRET not in plain
    assert "s3cr3t" not in plain


@pytest.mark.parametrize(
    "form", [SECRET, "s3cr3t%2F%2B%20k%C3%A9y", "s3cr3t/%2B%20k%C3%A9y", "s3cr3t%2F%2B+k%C3%A9y"]
)
def test_a_secret_is_masked_as_a_part_of_a_web_address_too(form: str, open_log, tmp_path) -> None:
    log = open_log(secrets=[SECRET, "", " "])
    log.write(f"beat {form}", f"GET https://status.example/{form}?x failed", address=[form], k={form: 1})
    assert log.flush()
    text = (tmp_path / "logs/show.jsonl").read_text()
    assert "s3cr3t" not in text
    assert text.count("(secret)") == 4


def test_secrets_that_are_read_again_are_masked_from_then_on(open_log) -> None:
    log = open_log()
    log.mask(["new-token"])
    log.write("step", "asked with new-token")
    assert log.flush()
    assert log.newest(1)[0]["sentence"] == "asked with (secret)"


def test_a_secret_that_was_changed_is_still_masked(open_log) -> None:
    """The engine may still have the former one, and tell of it when it fails."""
    log = open_log(secrets=["former-word"])
    log.mask(["later-word"])
    log.write("step", "former-word and later-word")
    assert log.flush()
    assert log.newest(1)[0]["sentence"] == "(secret) and (secret)"


def test_no_picture_and_no_pose_gets_in_by_mistake(open_log, tmp_path) -> None:
    log = open_log()
    picture = np.full((40, 40, 3), 77, np.uint8)
    log.write("step", "said", picture=picture, pose=a_pose(), people=[a_person()], raw=picture.tobytes())
    log.write("step", "more", points=np.arange(102.0).tolist(), deep=[[[[1.5]]]], bad=float("nan"))
    assert log.flush()
    more, said = log.newest(2)
    assert said["data"] == {
        "picture": "<ndarray>",
        "pose": "<Pose>",
        "people": ["<Person>"],
        "raw": "<bytes>",
    }
    assert len(more["data"]["points"]) == 20
    assert more["data"]["deep"] == [["<list>"]]
    assert more["data"]["bad"] is None


def test_a_line_has_an_end_whatever_is_said(open_log, tmp_path) -> None:
    log = open_log()
    log.write("step", "word " * 10_000, **{f"value{number}": "x" * 1990 for number in range(20)})
    assert log.flush()
    assert (tmp_path / "logs/show.jsonl").stat().st_size < 3000
    assert log.newest(1)[0]["data"] == "<too much>"


class Unfit:
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_whatever_is_handed_in_nothing_is_raised(open_log) -> None:
    log = open_log()
    log.write("step", Unfit())
    log.write("step", "lone \ud800 surrogate", value=Unfit(), huge=10**5000, **{"\ud800": "\ud800"})
    assert log.flush()
    assert log.lost == 1
    assert log.newest(9)[-1]["name"] == "step"


def test_a_folder_that_is_gone_is_made_anew(open_log, tmp_path) -> None:
    log = open_log()
    log.write("step", "one")
    assert log.flush()
    shutil.rmtree(tmp_path / "logs")
    log.write("step", "two")
    assert log.flush()
    assert [line["sentence"] for line in kept(tmp_path)] == ["two"]


def test_while_nothing_can_be_written_lines_wait_and_the_loss_is_told(open_log, tmp_path, wall) -> None:
    in_the_way = tmp_path / "logs"
    in_the_way.write_text("a file where the folder should be")
    log = open_log()
    for number in range(MOST_WAITING + 500):
        wall.seconds += 60
        log.write("step", f"number {number}")
    assert not log.flush(0.3)
    assert "cannot be written" in log.problem
    assert log.newest(1)[0]["sentence"] == f"number {MOST_WAITING + 499}"
    in_the_way.unlink()
    assert log.flush(10)
    told = log.newest(1)[0]
    assert told["sentence"].startswith("the log cannot be written: ")
    assert told["sentence"].endswith("it works again, 500 lines were lost")
    assert told["data"]["lost"] == 500
    assert log.problem == ""
    assert len(log.newest(10_000)) == MOST_WAITING + 1


def test_many_threads_may_speak_at_once(open_log, tmp_path) -> None:
    log = open_log()

    def speak(name: str) -> None:
        for number in range(100):
            log.write(name, f"number {number}")

    threads = [threading.Thread(target=speak, args=(f"thread{at}",)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    lines = kept(tmp_path)
    assert len(lines) == 800
    for at in range(8):
        mine = [line["sentence"] for line in lines if line["name"] == f"thread{at}"]
        assert mine == [f"number {number}" for number in range(100)]


def test_closing_writes_what_waits_and_may_be_done_twice(open_log, tmp_path) -> None:
    log = open_log()
    log.write("step", "the last word")
    log.close()
    log.close()
    log.write("step", "too late")
    assert [line["sentence"] for line in kept(tmp_path)] == ["the last word"]
    assert log.lost == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=60), st.integers(500, 5000))
def test_rotation_keeps_the_newest_lines_in_order_and_within_the_bound(lengths, bound) -> None:
    import tempfile

    from posekit.records.log_files import LogFiles, lines_backwards

    with tempfile.TemporaryDirectory() as folder:
        files = LogFiles(Path(folder), bound)
        written = [f"{number:04}".encode() + b"x" * length for number, length in enumerate(lengths)]
        for line in written:
            files.append(line + b"\n")
            total = sum(path.stat().st_size for path in files.paths())
            assert total <= bound + 405  # one line longer than its file's share is kept all the same
        files.close()
        found = [line for path in files.paths() for line in lines_backwards(path) if line]
        assert found
        assert found[::-1] == written[-len(found) :]
