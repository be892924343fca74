"""Takes the pictures of docs/status-page.md: the page of a show that is not there, in Chromium.

    python docs/make_status_pictures.py

It needs Debian's chromium, and playwright (`pip install playwright`, which is told to bring no browser).
"""

from __future__ import annotations

import math
import sys
import threading
from pathlib import Path

import cv2
import numpy as np

TESTS = Path(__file__).parent.parent / "tests"
PICTURES = Path(__file__).parent / "pictures" / "status"
LARGEST = 200_000
"""Bytes of one picture."""
sys.path.insert(0, str(TESTS))

from browser_world import DESKTOP, PHONE, a_browser, a_tab  # noqa: E402  # it is found only now
from builders import a_person, a_pose, a_scene  # noqa: E402
from status_world import TROUBLE, ADesk, SomeRecords, a_page, a_state  # noqa: E402

from posekit.scene import ZoneState  # noqa: E402


def two_people(at: int) -> object:
    """Return a moment of two people, one of whom waves."""
    turn = at / 30
    waving = a_pose(0.36, 0.24, left_wrist=(0.47, 0.2 + 0.04 * math.sin(5 * turn)), left_elbow=(0.46, 0.36))
    people = (a_person(1, 1, waving), a_person(2, 2, a_pose(0.66, 0.27, scale=0.95)))
    return a_scene(*people, time=turn, size=(640, 480), lead_id=1, zones=(ZoneState("stage", (1, 2)),))


def keep(name: str, png: bytes) -> None:
    """Write a picture as WebP."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    _, data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 82])
    assert len(data) < LARGEST, f"{name} has {len(data)} bytes"
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.webp").write_bytes(data.tobytes())
    print(f"{name}.webp  {picture.shape[1]}x{picture.shape[0]}  {len(data) // 1000} kB")


def main() -> None:
    """Take every picture."""
    desk, is_over = ADesk(), threading.Event()
    with a_page(desk, records=SomeRecords()) as page:

        def live() -> None:
            at = 0
            while not is_over.wait(1 / 30):
                at += 1
                page.publish(two_people(at))

        thread = threading.Thread(target=live)
        thread.start()
        try:
            with a_browser() as browser:
                take(browser, page.address.url(), desk)
        finally:
            is_over.set()
            thread.join()


def take(browser: object, url: str, desk: ADesk) -> None:
    """Look at the page as it is on a phone and on a desk."""
    with a_tab(browser, url, device_scale_factor=2, **PHONE) as tab:
        tab.locator("#lines li").nth(5).wait_for()
        tab.wait_for_timeout(700)
        keep("phone", tab.screenshot())
        tab.locator("#edit").click()
        tab.locator("[data-key=zones-0]").focus()
        tab.evaluate("document.querySelector('#room').scrollIntoView()")
        tab.wait_for_timeout(300)
        keep("editor", tab.screenshot())
        tab.locator("#edit").click()
        tab.evaluate("document.querySelector('#visits').scrollIntoView()")
        tab.wait_for_timeout(300)
        keep("visits", tab.screenshot())
    desk.now = a_state(troubles=(TROUBLE,), camera="black", people=0, phase="card")
    with a_tab(browser, url, device_scale_factor=2, **PHONE) as tab:
        tab.locator(".trouble").wait_for()
        tab.wait_for_timeout(500)
        keep("trouble", tab.screenshot())
    desk.now = a_state()
    with a_tab(browser, url, **DESKTOP) as tab:
        tab.locator("#lines li").nth(5).wait_for()
        tab.wait_for_timeout(700)
        keep("desktop", tab.screenshot(full_page=True))


if __name__ == "__main__":
    main()
