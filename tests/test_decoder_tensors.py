"""Files of PoseNet tensors: read, or refused in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from posekit.errors import SourceError
from posekit.estimators.posenet_tensors import Quantisation, load_tensors

if TYPE_CHECKING:
    from pathlib import Path

QUANT = np.array([[0.05, 128], [0.4, 128], [1.4, 117]])


def quantised(**changes: Any) -> dict[str, Any]:
    heads = {"heatmaps_q": 17, "short_q": 34, "mid_q": 64}
    arrays: dict[str, Any] = {key: np.full((23, 31, count), 128, np.uint8) for key, count in heads.items()}
    arrays |= {"quant": QUANT, "stride": np.array(16), "model_hw": np.array([353, 481])}
    return {key: array for key, array in (arrays | changes).items() if array is not None}


def real(**changes: Any) -> dict[str, Any]:
    heads = {"heatmaps": 17, "short": 34, "mid": 64}
    return {key: np.zeros((23, 31, count)) for key, count in heads.items()} | changes


@pytest.fixture
def save(tmp_path: Path):
    def save(arrays: dict[str, Any]) -> Path:
        path = tmp_path / "tensors.npz"
        np.savez(path, **arrays)
        return path

    return save


def test_quantised_tensors_are_kept_as_they_are(save) -> None:
    tensors = load_tensors(save(quantised()))
    assert tensors.heatmaps.dtype == np.uint8
    assert tensors.quantisations[2] == Quantisation(1.4, 117)
    assert (tensors.stride, tensors.grid, tensors.input_size) == (16, (23, 31), (481, 353))


def test_floats_need_no_quantisation_and_no_size(save) -> None:
    tensors = load_tensors(save(real()))
    assert tensors.heatmaps.dtype == np.float32
    assert tensors.stride == 16
    assert load_tensors(save(real(stride=np.array(8)))).input_size == (241, 177)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        (
            quantised(mid_q=None),
            "mid_q missing; expected heatmaps_q, short_q, mid_q, quant .*found heat",
        ),
        (quantised(quant=None, mid_q=None), "mid_q, quant missing"),
        ({"poses": np.zeros(3)}, r"heatmaps, short, mid missing; .*found poses"),
        ({}, "found nothing"),
        (quantised(short_q=np.zeros((23, 31, 17), np.uint8)), r"found .*short_offsets \(23, 31, 17\)"),
        (quantised(mid_q=np.zeros((9, 31, 64), np.uint8)), r"mid_offsets \(9, 31, 64\)"),
        (quantised(heatmaps_q=np.zeros(17, np.uint8)), r"found heatmaps \(17,\)"),
        (quantised(heatmaps_q=np.zeros((23, 31, 17))), "heatmaps_q must hold whole numbers, found float64"),
        (quantised(quant=QUANT[:2]), r"quant must be \[\[scale, zero\]\] x 3, found float64 \(2, 2\)"),
        (quantised(quant=QUANT * 0), "scales above 0"),
        (quantised(stride=np.array([16, 16])), "stride must be one whole number"),
        (quantised(stride=np.array(0)), "stride"),
        (quantised(model_hw=np.array([481, 353])), r"model_hw \[481, 353\] does not fit .*\[353, 481\]"),
        (real(short=np.full((23, 31, 34), np.nan)), "short must hold finite"),
        (real(mid=np.zeros((23, 31, 64), int)), "mid must hold finite floating-point numbers, found int64"),
        (real(mid=np.array(["a"])), "mid must hold finite"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(save, arrays: dict[str, Any], sentence: str) -> None:
    path = save(arrays)
    with pytest.raises(SourceError, match=sentence) as caught:
        load_tensors(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_what_is_no_npz_file_is_refused(tmp_path: Path) -> None:
    array, text, cut, pickled = (tmp_path / name for name in ("a.npy", "text.npz", "cut.npz", "pickled.npz"))
    np.save(array, np.zeros(3))
    text.write_text("hello")
    np.savez(cut, **quantised())
    cut.write_bytes(cut.read_bytes()[:-200])
    np.savez(pickled, **quantised(heatmaps_q=np.array([{"no": "pickle"}], object)))
    empty = tmp_path / "empty.npz"
    empty.write_bytes(b"")
    for path in (array, text, cut, pickled, empty, tmp_path, tmp_path / "nothing.npz"):
        with pytest.raises(SourceError) as caught:
            load_tensors(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
