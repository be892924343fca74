"""Where a changed setting begins to count: for every setting there is, so that none is forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from posekit.engine.options import ESTIMATOR_SETTINGS, differ_in_estimator
from posekit.settings import Settings
from posekit.show.changes import PLACES, SECRETS, TOKEN, Place, plan
from posekit.show.file import Show, read_show
from posekit.show.tables import GallerySettings

TABLES = [
    f"{table}.{name}"
    for table, field in GallerySettings.model_fields.items()
    for name in field.annotation.model_fields
]
OTHER = "something else"


@pytest.fixture(scope="module")
def show() -> Show:
    return read_show(None, environment={})


def with_other(show: Show, name: str) -> Show:
    """Change one setting, to what need not be possible: only that it differs counts."""
    table, dot, field = name.rpartition(".")
    if not dot:
        settings = show.settings.model_copy(update={name: OTHER})
        return replace(show, resolved=replace(show.resolved, settings=settings))
    changed = getattr(show.gallery, table).model_copy(update={field: OTHER})
    return replace(show, gallery=show.gallery.model_copy(update={table: changed}))


def test_every_setting_has_a_place_and_nothing_else_has() -> None:
    assert len(TABLES) > 25
    assert set(PLACES) == {*Settings.model_fields, *TABLES, TOKEN, SECRETS}
    assert set(PLACES.values()) == set(get_args(Place))


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("name", [*Settings.model_fields, *TABLES])
def test_a_change_of_each_setting_is_planned(name: str, show: Show) -> None:
    found = plan(show, with_other(show, name))
    assert [(change.name, change.place, change.after) for change in found.changes] == [
        (name, PLACES[name], OTHER)
    ]
    assert found.needs(PLACES[name])
    assert name in found.describe()


def test_what_counts_with_another_estimator_is_what_a_running_engine_can_change() -> None:
    planned = {name for name, place in PLACES.items() if place == "estimator"}
    assert planned == {*ESTIMATOR_SETTINGS} - {"pose_score"}
    before = Settings()
    for name in planned:
        assert differ_in_estimator(before, before.model_copy(update={name: OTHER})), name
    for name in (name for name, place in PLACES.items() if place == "engine"):
        other = {"ignore": "0,0,10%,10%", "lead": "biggest"}.get(name, 0.5)
        assert not differ_in_estimator(before, before.model_copy(update={name: other})), name


def test_nothing_changed(show: Show) -> None:
    assert plan(show, show).changes == ()
    assert plan(show, show).describe() == "nothing changed"
    assert not any(plan(show, show).needs(place) for place in get_args(Place))


def test_two_versions_of_a_file(tmp_path: Path) -> None:
    file, secrets = tmp_path / "show.toml", tmp_path / "secrets.env"
    file.write_text('source = "rtsp://cam:$KEY@10.0.0.5/a"\n[hours]\nopen = "daily 10:00-18:00"\n')
    secrets.write_text("KEY=sesame\n")
    before = read_show(file, environment={})
    text = file.read_text().replace("18:00", "20:00") + "[show]\nkeys = true\n"
    file.write_text(f'estimator = "movenet"\nzones = "off"\n{text}')
    after = read_show(file, environment={})
    found = plan(before, after)
    assert found.needs("zones")
    assert found.needs("estimator")
    assert found.names("live") == ("hours.open",)
    assert found.describe() == (
        "changed: estimator, zones, show.keys, hours.open; show.keys counts with a new window"
    )
    secrets.write_text("KEY=changed\nPOSEKIT_STATUS_TOKEN=abc\n")
    found = plan(before, read_show(file, environment={}))
    assert found.names("engine") == ("source",)
    assert found.names("supervisor") == (TOKEN,)
    assert not found.needs("estimator")  # the new engine brings it along
    assert "sesame" not in repr(found)
    assert "changed:" in found.describe()
    assert "changed'" not in repr(found)
