"""Where a setting comes from, and what is said when it cannot be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from posekit.errors import SettingsError, UnknownNameError
from posekit.resolving import resolve
from posekit.settings import Settings, parse_size


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_sketch(tmp_path: Path) -> None:
    show = tmp_path / "show.toml"
    show.write_text('source = "file"\nestimator = "posenet"\nempty-after = 9\n')
    resolved = resolve(
        {"source": "line", "estimator": None},
        {"POSEKIT_SOURCE": "environment", "POSEKIT_SLOTS": "3", "HOME": "/"},
        show,
        {"source": "sketch", "size": (640, 480), "estimator": "sketch"},
    )
    assert resolved.settings.source == "line"
    assert resolved.settings.slots == 3
    assert resolved.settings.estimator == "posenet"
    assert resolved.settings.empty_after == 9
    assert resolved.settings.size == (640, 480)
    assert resolved.origins["source"] == "command line"
    assert resolved.origins["slots"] == "environment POSEKIT_SLOTS"
    assert resolved.origins["estimator"] == f"file {show}"
    assert resolved.origins["size"] == "sketch"
    assert resolved.origins["fps"] == "default"


def test_every_default_is_valid_by_itself() -> None:
    assert resolve({}, {}).settings == Settings()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"input_size": "353"}, "input-size from command line: '353' is not a size"),
        ({"slots": 99}, "slots from command line: input should be less than or equal to 32 (found 99)"),
        ({"mirror": "maybe"}, "mirror from command line: 'maybe' is neither auto, on nor off"),
        ({"size": (0, 10)}, "size from command line: 0x10 is not a size"),
        ({"fit": "covr"}, "fit from command line: input should be 'cover', 'contain' or 'stretch'"),
    ],
)
def test_a_wrong_value_is_named_with_its_origin(given: dict, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(given, {})
    assert str(caught.value).startswith(sentence)
    assert caught.value.exit_code == 2


def test_a_misspelt_name_gets_the_nearest_right_one(tmp_path: Path) -> None:
    show = tmp_path / "show.toml"
    show.write_text("miror = true\n")
    with pytest.raises(UnknownNameError, match="did you mean 'mirror'"):
        resolve({}, {}, show)
    with pytest.raises(UnknownNameError, match="did you mean 'POSEKIT_MIRROR'"):
        resolve({}, {"POSEKIT_MIROR": "1"})


def test_variables_that_say_where_things_are_are_no_settings() -> None:
    assert resolve({}, {"POSEKIT_ASSETS": "/x", "POSEKIT_REQUIRE_ASSETS": "1"}).settings == Settings()


def test_a_show_file_that_is_missing_or_broken(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read the show file"):
        resolve({}, {}, tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("mirror = [")
    with pytest.raises(SettingsError, match="not valid TOML"):
        resolve({}, {}, tmp_path / "broken.toml")


def test_sizes_are_width_by_height() -> None:
    assert parse_size("481x353") == (481, 353)
    for wrong in ("", "x", "10", "10x", "axb", "-1x5", "1.5x2"):
        with pytest.raises(ValueError, match="width x height"):
            parse_size(wrong)


def test_osc_targets_come_as_a_list_or_as_words() -> None:
    assert resolve({"osc": ("7000", "7001")}, {}).settings.osc == ("7000", "7001")
    assert resolve({}, {"POSEKIT_OSC": "7000 host:9000"}).settings.osc == ("7000", "host:9000")


def test_settings_survive_the_way_to_the_engine() -> None:
    settings = resolve({"input_size": "481x353", "osc": ("7000",), "save_video": Path("a.mp4")}, {}).settings
    assert Settings(**settings.model_dump(mode="json")) == settings


def test_numbers_may_be_written_as_numbers(tmp_path: Path) -> None:
    show = tmp_path / "show.toml"
    show.write_text('source = 1\nosc = [7000, "7001"]\nfor = "max"\n')
    settings = resolve({}, {}, show).settings
    assert (settings.source, settings.osc, settings.osc_for) == ("1", ("7000", "7001"), "max")
