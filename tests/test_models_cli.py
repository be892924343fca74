"""`posekit models`: a table, a fetch, a path."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from posekit.cli.models import models_app
from posekit.errors import AssetError, UnknownNameError

POSENET = "posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"


@pytest.fixture(autouse=True)
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and a proxy and an index where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    for name, value in {
        "https_proxy": nobody,
        "no_proxy": "127.0.0.1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"{nobody}/simple/",
        "POSEKIT_CACHE": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("POSEKIT_ASSETS", raising=False)


def posekit_models(*arguments: str):
    return CliRunner().invoke(models_app, list(arguments))


@pytest.mark.parametrize("arguments", [[], ["list"]])
def test_the_list_says_what_each_is_and_where(arguments: list[str]) -> None:
    result = posekit_models(*arguments)
    assert result.exit_code == 0
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["name", "input", "size", "licence", "state", "good", "for"]
    assert len(rows) == 12
    (row,) = [row for row in rows if row.startswith("posenet-481x353 ")]
    words = ("481x353", "1.3 MB", "Apache-2.0", "to download", "people who fill the picture; the quickest")
    assert all(word in row for word in words)


def test_the_list_tells_what_is_here(assets_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEKIT_ASSETS", str(assets_folder))
    assert posekit_models("get", "posenet-481x353").exit_code == 0
    states = {
        row.split()[0]: next(
            state for state in ("cached", "in $POSEKIT_ASSETS", "to download") if state in row
        )
        for row in posekit_models("list").stdout.splitlines()[1:]
    }
    assert states["posenet-481x353"] == "cached"
    assert states["posenet-641x481"] == states["sample"] == "in $POSEKIT_ASSETS"
    assert states["blazepose-heavy"] == "to download"


def test_path_prints_the_path_and_nothing_else(assets_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEKIT_ASSETS", str(assets_folder))
    result = posekit_models("path", "posenet-481x353")
    (line,) = result.stdout.splitlines()
    assert Path(line).is_file()
    assert "posenet-481x353" in result.stderr


def test_get_prints_where_each_lies(assets_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEKIT_ASSETS", str(assets_folder))
    result = posekit_models("get", "movenet-lightning", "sample")
    paths = [Path(line).name for line in result.stdout.splitlines()]
    assert paths[0].startswith("movenet-lightning.")
    assert paths[1:] == ["sports2d_demo.mp4"]


@pytest.mark.parametrize("name", ["posenet-481x353", "sample"])
def test_what_cannot_be_had_is_one_line(name: str, tmp_path: Path) -> None:
    result = posekit_models("path", name)
    assert isinstance(result.exception, AssetError)
    assert result.exception.exit_code == 1
    assert str(result.exception).startswith(f"{name} cannot be had: ")
    assert "\n" not in str(result.exception)
    assert result.stdout == ""
    assert list((tmp_path / "cache").rglob("*")) == []


def test_a_typo_stops_before_anything_is_fetched() -> None:
    result = posekit_models("get", "movenet-lightning", "samples")
    assert isinstance(result.exception, UnknownNameError)
    assert result.exception.nearest == "sample"
    assert result.stderr == ""
