"""What a show is seen by may be missing; the show goes on without it, and says so."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from posekit.gallery.nothing import NoStatus
from posekit.gallery.outlets import open_status
from posekit.show.tables import StatusTable
from posekit.status import opening


def test_a_show_goes_on_without_its_page_where_the_web_extra_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "PACKAGES", ("a_package_that_nobody_has",))
    gallery = SimpleNamespace(status=StatusTable())
    parts = SimpleNamespace(show=SimpleNamespace(gallery=gallery), not_reachable=())
    told: list[str] = []
    assert isinstance(open_status(parts, told.append), NoStatus)  # type: ignore[arg-type]
    assert told == [
        "no status page: the status page needs a-package-that-nobody-has; pip install 'posekit[web]', "
        'or write [status] address = "off"'
    ]
    assert parts.not_reachable == tuple(told)
