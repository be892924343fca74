"""What every test may ask for: real pictures, clips and weights, or a clear word that they are not here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parent / "golden"

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# Hundreds of short processes need none of the threads that OpenBLAS keeps in each of them for large matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


LENGTHY = (
    *("cli", "sketches", "sketches_gallery", "faults_signals", "status_page", "privacy", "gallery_window"),
    *("receivers", "gallery_supervisor_life", "identity", "web_show", "faults_camera", "supervision"),
    *("switch", "typing_pyright", "real_window", "recording_cli", "gallery_window_screen", "room_window"),
    *("doctor", "service_systemd", "bad_use_osc", "osc_in_show", "receivers_theremin", "receivers_p5js"),
    *("preview", "sketches_play", "sketches_sound", "status_show", "records_kills", "reload_edits"),
)
"""Files of tests that take long: a file goes to one worker whole, and none is to begin with these last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long."""
    rank = {f"test_{name}": place for place, name in enumerate(LENGTHY)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden pictures be made anew, to be looked at before they are kept."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Return a function that compares a picture (H, W, 3) BGR with tests/golden/NAME.png.

    Another OpenCV may round differently along edges, so a few pixels may differ a little.
    """

    def compare(name: str, picture: np.ndarray) -> None:
        import cv2

        path = GOLDEN / f"{name}.png"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(path), picture)
            return
        assert path.exists(), f"{path} is not there; make it with: pytest --update-golden, and look at it"
        expected = cv2.imread(str(path)).astype(int)
        assert expected.shape == picture.shape
        off = np.abs(picture.astype(int) - expected).max(axis=2)
        if off.mean() > 1.5 or (off > 40).mean() > 0.01:
            seen = request.getfixturevalue("tmp_path") / f"{path.stem}.png"
            cv2.imwrite(str(seen), picture)
            pytest.fail(
                f"{name} differs from its golden picture by {off.mean():.2f} of 255; it is now {seen}"
            )

    return compare


def _absent(what: str, demand: str) -> None:
    """Skip, or fail where the environment promises that nothing is missing."""
    if os.environ.get(demand) == "1":
        pytest.fail(f"{what}, and {demand}=1 says that it must be here")
    pytest.skip(what)


@pytest.fixture(scope="session")
def assets_folder() -> Path:
    """Return the folder of real weights, pictures and clips that $POSEKIT_ASSETS names."""
    folder = os.environ.get("POSEKIT_ASSETS")
    if not folder or not Path(folder).is_dir():
        _absent("$POSEKIT_ASSETS names no folder with real weights and pictures", "POSEKIT_REQUIRE_ASSETS")
    return Path(str(folder))


@pytest.fixture(scope="session")
def asset(assets_folder: Path):
    """Return a function that finds one file below the assets folder, by its path there."""

    def find(path: str) -> Path:
        found = assets_folder / path
        if not found.exists():
            _absent(f"{path} is not in $POSEKIT_ASSETS", "POSEKIT_REQUIRE_ASSETS")
        return found

    return find


@pytest.fixture(scope="session")
def tool():
    """Return a function that finds a program of the system, such as liblo's oscdump."""

    def find(program: str) -> str:
        found = shutil.which(program)
        if found is None:
            _absent(f"the program {program} is not installed", "POSEKIT_REQUIRE_TOOLS")
        return str(found)

    return find


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory):
    """Keep the tests away from the user's cache; one prepared model serves the whole run."""
    if "POSEKIT_CACHE" not in os.environ:
        os.environ["POSEKIT_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    os.environ.setdefault("POSEKIT_REMEMBERED", "off")
