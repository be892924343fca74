"""docs/show-file.md, `config check`, `config show` and `config schema`: they say what the models say."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from posekit.cli.app import app
from posekit.errors import SettingsError
from posekit.settings import Settings
from posekit.show.file import file_problems, read_show
from posekit.show.schema import show_schema
from posekit.show.tables import GallerySettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "show-file.md").read_text("utf-8")
EXAMPLE = next(iter(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)))
SECRETS = "HEARTBEAT_KEY=abc\n"


def folder_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "ribbons.py").write_text("def draw(canvas, people):\n    pass\n")
    (tmp_path / "secrets.env").write_text(SECRETS)
    (tmp_path / "secrets.env").chmod(0o600)
    for name in ("projector.sh", "amp"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "show.toml").write_text(text, encoding="utf-8")
    return tmp_path / "show.toml"


def test_the_example_is_right_and_has_every_setting_of_every_table(tmp_path: Path) -> None:
    file = folder_with(tmp_path, EXAMPLE)
    assert file_problems(file) == []
    show = read_show(file, environment={})
    written = tomllib.loads(EXAMPLE)
    for table in GallerySettings.model_fields:
        assert set(written[table]) == set(type(getattr(show.gallery, table)).model_fields), table
    assert show.hours.next_change(1_790_000_000.0) is not None
    assert show.gallery.hooks.start[0] == ("amp", "on")


def test_the_values_of_the_example_that_are_said_to_be_defaults_are(tmp_path: Path) -> None:
    show, default = read_show(folder_with(tmp_path, EXAMPLE), environment={}).gallery, GallerySettings()
    for name in ("card", "restart_at", "renew_after", "memory_limit", "frozen_after", "keys", "view"):
        assert getattr(show.show, name) == getattr(default.show, name), name
    assert show.records == default.records
    assert show.status == default.status


def test_the_tables_of_the_page_are_those_of_the_models() -> None:
    spec = importlib.util.spec_from_file_location("make_show_tables", DOCS / "make_show_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert PAGE.count("<!-- table: ") == len(GallerySettings.model_fields) + 1
    assert module.rewritten(PAGE) == PAGE, "run: python docs/make_show_tables.py"


def test_every_setting_says_what_it_means() -> None:
    tables = [type(getattr(GallerySettings(), name)) for name in GallerySettings.model_fields]
    for model in (Settings, *tables):
        assert all(field.description for field in model.model_fields.values()), model


def test_check_finds_everything_that_the_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder_with(tmp_path, EXAMPLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    app(("config", "check", str(file)), standalone_mode=False)
    assert "is fine" in capsys.readouterr().out

    (tmp_path / "amp").unlink()
    (tmp_path / "ribbons.py").unlink()
    text = EXAMPLE.replace('"127.0.0.1:8090" ', '"0.0.0.0:8090" ').replace(
        'lead = "biggest"', 'lead = "zone:stag"'
    )
    file.write_text(text + '\n[[zone]]\nname = "a"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"unknown table 'zone'; did you mean 'zones'\?"):
        app(("config", "check", str(file)), standalone_mode=False)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        app(("config", "check", str(file)), standalone_mode=False)
    head, *lines = str(refused.value).splitlines()
    assert head == f"5 things are wrong in {file}:"
    for line, (start, sentence) in zip(
        lines,
        (
            ("lead =", "did you mean 'zone:stage'?"),
            ("sketch =", "ribbons.py"),
            ("address =", "POSEKIT_STATUS_TOKEN"),
            ("start =", "there is no program 'amp' here"),
            ("end =", "there is no program 'amp' here"),
        ),
        strict=True,
    ):
        assert sentence in line
        number = next(at for at, code in enumerate(text.splitlines(), 1) if code.startswith(start))
        assert f"line {number}: " in line


def test_show_tells_the_tables_and_where_they_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder_with(tmp_path, "fps = 30\n[hours]\nfade = 1\n")
    app(("config", "show", "--config", str(file)), standalone_mode=False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("fade 1.0 file ") for line in lines)
    assert "keep_days 400 default" in lines
    assert [line for line in lines if line.startswith("[")] == [
        f"[{name}]" for name in GallerySettings.model_fields
    ]


def fits(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Whether a value fits a schema, as far as ours use its words."""
    if "$ref" in schema:
        target: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return fits(value, target, whole)
    if "anyOf" in schema and not any(fits(value, one, whole) for one in schema["anyOf"]):
        return False
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return False
    kinds = {
        "string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list, "object": dict,
        "null": type(None),
    }  # fmt: skip
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return False
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        return False
    if isinstance(value, list) and "items" in schema:
        return all(fits(one, schema["items"], whole) for one in value)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        if schema.get("additionalProperties") is False and not set(value) <= set(known):
            return False
        return all(fits(one, known[name], whole) for name, one in value.items() if name in known)
    return True


def test_the_schema_fits_what_is_right_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    app(("config", "schema"), standalone_mode=False)
    schema = json.loads(capsys.readouterr().out)
    assert schema == show_schema()
    assert {*Settings.model_fields, *GallerySettings.model_fields, "for", "input-size"} <= set(
        schema["properties"]
    )
    assert fits(tomllib.loads(EXAMPLE), schema, schema)
    right = [
        'size = "640x480"',
        "source = 0",
        "osc = 7000",
        'hours.open = "daily 10:00-18:00"',
        "status.address = 8090",
    ]
    for line in right:
        assert fits(tomllib.loads(line), schema, schema), line
    for line in (
        "fpss = 3",
        "fps = 'many'",
        "show.titel = 'x'",
        "hours.fade = -1",
        "status = 'off'",
        "show.view = 'on'",
    ):
        assert not fits(tomllib.loads(line), schema, schema), line
