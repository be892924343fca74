"""The status page in a real Chromium: seen, touched, and used with nothing but a keyboard."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from browser_world import DESKTOP, PHONE, SMALL, a_browser, a_tab, axe_source, faults_by_axe, touch
from builders import a_person, a_pose, a_scene
from soaking import soaked
from status_world import NOON, TOKEN, TROUBLE, ADesk, SomeRecords, a_page, a_state, until

from posekit.scene import ZoneState

PIXELS = """() => {
  const canvas = document.querySelector('#canvas');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let [painted, mark] = [0, 0];
  data.forEach((value, at) => { if (value) { painted += 1; mark = (mark * 31 + at + value) >>> 0; } });
  return [painted, mark];
}"""
"""How many bytes of the canvas are painted, and a mark that is another one when the picture is."""


class AShow:
    """A desk, and a thread that publishes somebody who walks; zones are watched as the desk has them."""

    def __init__(self, page, desk: ADesk) -> None:
        self.page, self.desk = page, desk
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        at = 0
        while not self.is_over.wait(1 / 10):
            at += 1
            x = 0.5 + 0.3 * math.sin(at / 13)
            zones = tuple(ZoneState(zone["name"], (1,)) for zone in self.desk.zones())
            person = a_person(1, 1, a_pose(x, 0.3))
            self.page.publish(a_scene(person, time=at / 10, size=(640, 480), zones=zones))
            if at % 5 == 0:
                self.desk.now = replace(self.desk.now, time=NOON + at / 10)

    def close(self) -> None:
        self.is_over.set()
        self.thread.join()


@pytest.fixture(scope="module")
def browser():
    with a_browser() as browser:
        yield browser


@pytest.fixture
def show():
    desk = ADesk()
    with a_page(desk, records=SomeRecords()) as page:
        show = AShow(page, desk)
        try:
            yield show
        finally:
            show.close()


def url(show: AShow) -> str:
    return show.page.address.url()


def place(tab, x: float, y: float) -> tuple[float, float]:
    """Return where a place of the picture, in shares of it, is on the screen, once that rests."""
    box = None
    while box != (box := tab.locator("#overlay").bounding_box()):
        tab.wait_for_timeout(60)
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_the_page_says_how_the_show_is_and_people_move(browser, show) -> None:
    with a_tab(browser, url(show), **PHONE) as tab:
        assert tab.title() == "Open: Ribbons"
        assert tab.locator("#phase").inner_text() == "Open"
        assert "since 10:00; closes 18:00" in tab.locator("#phase-detail").inner_text()
        figures = dict(
            zip(
                tab.locator("#figures dt").all_inner_texts(),
                tab.locator("#figures dd").all_inner_texts(),
                strict=True,
            )
        )
        assert figures["people now"] == "2"
        assert figures["visits today"] == "87"
        assert figures["latency"] == "41 ms"
        assert figures["up for"] == "3 d 1 h"
        tab.locator("#crowd", has_text="1 person in view").wait_for()
        painted, mark = tab.evaluate(PIXELS)
        assert painted > 1000
        tab.wait_for_function(f"(mark) => ({PIXELS})()[1] !== mark", arg=mark)
        assert tab.locator("#stage img").is_hidden(), "the camera's picture is shown only where it is allowed"
        assert tab.locator(".charts svg").count() == 3
        assert tab.locator("#lines li").count() == 53


def test_trouble_is_told_in_words_and_is_over_when_it_is(browser, show) -> None:
    with a_tab(browser, url(show)) as tab:
        show.desk.now = a_state(troubles=(TROUBLE,), phase="card")
        tab.locator(".trouble", has_text="look whether its cap is on").wait_for()
        assert tab.locator("#phase").inner_text() == "Title card"
        assert tab.title().startswith("⚠")
        assert tab.locator("#troubles").get_attribute("aria-live") == "polite"
        show.desk.now = a_state(phase="open", troubles=(), extra={"test_card": True})
        tab.locator("#phase-detail", has_text="visitors see the test card").wait_for()
        show.desk.now = a_state(phase="closed", troubles=())
        tab.locator("#phase", has_text="Closed").wait_for()
        assert tab.locator(".trouble").count() == 0


def test_a_zone_is_drawn_with_a_finger_and_saved(browser, show) -> None:
    with a_tab(browser, url(show), **PHONE) as tab:
        tab.locator("#edit").click()
        tab.locator("#tool-area").click()
        tab.locator("#stage").scroll_into_view_if_needed()
        touch(tab, place(tab, 0.1, 0.1), place(tab, 0.2, 0.3), place(tab, 0.4, 0.45))
        assert tab.locator("g.shape.zones").count() == 2
        name = tab.locator("#shapes input[type=text]").nth(1)
        name.fill("door")
        name.press("Tab")
        tab.locator("#save").click()
        tab.locator("#editor-hint", has_text="Saved").wait_for()
        assert [zone["name"] for zone in show.desk.watched] == ["stage", "door"]
        drawn = np.array(show.desk.watched[1]["points"])
        assert np.abs(drawn - [[0.1, 0.1], [0.4, 0.1], [0.4, 0.45], [0.1, 0.45]]).max() < 0.02
        tab.locator("#zone-counts li", has_text="door 1").wait_for()
        # corner after corner, and a corner is pulled
        tab.locator("#tool-polygon").click()
        for x, y in ((0.6, 0.1), (0.9, 0.1), (0.9, 0.4), (0.605, 0.105)):
            touch(tab, place(tab, x, y))
        assert tab.locator("g.shape.zones").count() == 3
        touch(tab, place(tab, 0.9, 0.4), place(tab, 0.85, 0.42), place(tab, 0.8, 0.45))
        tab.locator("#save").click()
        until(lambda: len(show.desk.watched) == 3)
        assert show.desk.watched[2]["points"][2] == pytest.approx([0.8, 0.45], abs=0.02)


def test_what_was_drawn_is_taken_back_thrown_away_and_kept_from_overwriting(browser, show) -> None:
    with a_tab(browser, url(show)) as tab:
        tab.locator("#edit").click()
        before = show.desk.watched
        tab.mouse.move(*place(tab, 0.5, 0.8))
        tab.mouse.down()
        tab.mouse.move(*place(tab, 0.55, 0.7), steps=4)
        tab.mouse.up()
        assert not tab.locator("#save").is_disabled()
        tab.locator("#undo").click()
        assert tab.locator("#save").is_disabled()
        tab.locator("#add-shape").click()
        tab.locator("#discard").click()
        assert tab.locator("g.shape.zones").count() == 1
        tab.locator("#add-shape").click()
        show.desk.watched = [{**before[0], "dwell": 9.0}]
        tab.locator("#save").click()
        tab.locator("#editor-hint", has_text="Somebody else").wait_for()
        assert len(show.desk.watched) == 1
        tab.said[:] = [line for line in tab.said if "409" not in line]
        tab.locator("#discard").click()
        tab.locator("#shapes input[type=text]").first.fill("my stage")
        tab.locator("#shapes input[type=text]").first.press("Tab")
        tab.locator("#save").click()
        tab.locator("#editor-hint", has_text="cannot be a name").wait_for()


def test_a_zone_is_made_moved_and_removed_with_the_keyboard_alone(browser, show) -> None:
    with a_tab(browser, url(show)) as tab:
        tab.locator("#edit").focus()
        tab.keyboard.press("Enter")
        tab.locator("#add-shape").focus()
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.dataset.key") == "zones-1"
        for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown", "Tab", "Shift+ArrowLeft"):
            tab.keyboard.press(key)
        assert tab.evaluate("document.activeElement.dataset.key") == "zones-1-0"
        tab.keyboard.press("+")
        tab.locator("#save").focus()
        tab.keyboard.press("Enter")
        until(lambda: len(show.desk.watched) == 2)
        assert show.desk.watched[1]["points"][0] == pytest.approx([0.31, 0.4])
        assert show.desk.watched[1]["points"][3] == pytest.approx([0.66, 0.7])
        assert len(show.desk.watched[1]["points"]) == 5
        tab.locator("#editor-hint", has_text="Saved").wait_for()
        tab.locator("[data-key=zones-1]").focus()
        tab.keyboard.press("Delete")
        tab.locator("#save").focus()
        tab.keyboard.press("Enter")
        until(lambda: len(show.desk.watched) == 1)


def test_places_are_ignored(browser, show) -> None:
    with a_tab(browser, url(show), **PHONE) as tab:
        tab.locator("#edit").click()
        tab.locator("#layer-ignore").click()
        tab.locator("#tool-area").click()
        tab.locator("#stage").scroll_into_view_if_needed()
        touch(tab, place(tab, 0.05, 0.05), place(tab, 0.2, 0.5), place(tab, 0.25, 0.95))
        tab.locator("#save").click()
        until(lambda: show.desk.ignored is not None)
        points = [[float(number) for number in point.split(",")] for point in show.desk.ignored.split()]
        assert (
            np.abs(np.array(points) - [[0.05, 0.05], [0.25, 0.05], [0.25, 0.95], [0.05, 0.95]]).max() < 0.02
        )
        tab.locator("#shapes button", has_text="Remove").click()
        tab.locator("#save").click()
        until(lambda: show.desk.ignored is None)


def test_parameters_are_turned_and_follow_what_others_do(browser, show) -> None:
    desk = show.desk

    def value(name: str):
        return next(one["value"] for one in desk.parameters() if one["name"] == name)

    with a_tab(browser, url(show)) as tab:
        slider = tab.get_by_label("speed", exact=True)
        slider.focus()
        for _ in range(4):
            slider.press("ArrowRight")
        until(lambda: value("speed") == pytest.approx(1.6))
        tab.get_by_label("count", exact=True).fill("40")
        until(lambda: value("count") == 40)
        tab.get_by_role("switch", name="glow").press("Space")
        until(lambda: value("glow") is False)
        tab.get_by_label("mood").select_option("wild")
        until(lambda: value("mood") == "wild")
        desk.ask("parameter", {"name": "count", "value": 7})
        tab.locator("output", has_text="7").wait_for()
        tab.get_by_role("button", name="2 late").click()
        until(lambda: ("preset", 2, "page") in desk.asked)


def test_a_restart_is_asked_about_first_and_a_blackout_is_not(browser, show) -> None:
    desk = show.desk
    with a_tab(browser, url(show), **PHONE) as tab:
        tab.get_by_role("button", name="Restart window").click()
        dialog = tab.get_by_role("dialog")
        assert "black for a few seconds" in dialog.inner_text()
        assert tab.evaluate("document.activeElement.id") == "confirm-no"
        tab.keyboard.press("Escape")
        dialog.wait_for(state="hidden")
        assert desk.asked == []
        tab.get_by_role("button", name="Restart window").click()
        dialog.get_by_role("button", name="Restart window").click()
        until(lambda: desk.asked == [("restart-window", None, "page")])
        black = tab.get_by_role("button", name="Blackout")
        black.click()
        until(lambda: desk.asked[-1] == ("blackout", True, "page"))
        tab.locator("#phase", has_text="Blackout").wait_for()
        black.click()
        until(lambda: desk.asked[-1] == ("blackout", False, "page"))
        tab.get_by_role("button", name="Close now").click()
        tab.locator("#phase", has_text="Closed").wait_for()
        assert "closed by hand" in tab.locator("#phase-detail").inner_text()


def test_the_log_is_filtered(browser, show) -> None:
    with a_tab(browser, url(show)) as tab:
        tab.locator("#lines li").nth(52).wait_for()
        tab.get_by_label("Find").fill("renewed")
        assert tab.locator("#lines li").count() == 1
        tab.get_by_label("Find").fill("")
        tab.locator("#severity").select_option("fault")
        tab.wait_for_function("document.querySelectorAll('#lines li').length === 1")
        assert "engine lost" in tab.locator("#lines").inner_text()


def test_what_a_show_says_never_becomes_part_of_the_page(browser, show) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    show.desk.now = a_state(name=evil, sketch=evil, troubles=(replace(TROUBLE, sentence=evil),))
    show.desk.parameter_list[0]["description"] = evil
    show.desk.preset_list[0]["name"] = evil
    with a_tab(browser, url(show)) as tab:
        tab.on("dialog", lambda _: tab.said.append("a script ran"))
        tab.locator(".trouble", has_text="onerror").wait_for()
        assert tab.locator("img").count() == 1
        assert tab.locator("script").count() == 1


def test_a_locked_page_asks_for_the_token_and_goes_on_with_it(browser) -> None:
    desk = ADesk()
    with a_page(desk, records=SomeRecords(), token=TOKEN) as page, a_tab(browser, **PHONE) as tab:
        tab.goto(page.address.url())
        tab.get_by_label("Token").fill("a wrong one, sixteen letters")
        tab.get_by_role("button", name="Open").click()
        tab.locator("#login-error", has_text="this is not the token").wait_for()
        assert tab.locator("#page").is_hidden()
        tab.get_by_label("Token").fill(TOKEN)
        tab.keyboard.press("Enter")
        tab.locator("#link", has_text="live").wait_for()
        assert tab.locator("#title").inner_text() == "Ribbons"
        assert TOKEN not in tab.evaluate("document.cookie + JSON.stringify(localStorage)")
        tab.reload()
        tab.locator("#link", has_text="live").wait_for()
        assert all("401" in line for line in tab.said)
        tab.said.clear()


def test_a_page_of_another_origin_can_neither_read_nor_act(browser, show) -> None:
    with a_page() as other, a_tab(browser) as tab:
        tab.goto(other.address.url())
        told = tab.evaluate(
            """async (url) => {
              const tries = { read: [url + 'api/state', {}],
                act: [url + 'api/actions/restart', { method: 'POST', body: '{}', mode: 'no-cors' }] };
              const said = {};
              for (const [name, [to, how]] of Object.entries(tries)) {
                try { said[name] = (await fetch(to, how)).status; } catch { said[name] = 'refused'; }
              }
              return said;
            }""",
            url(show),
        )
        assert told == {"read": "refused", "act": "refused"}
        tab.said.clear()
    assert show.desk.asked == []


def test_the_page_says_when_it_has_lost_the_show_and_finds_it_again(browser) -> None:
    desk = ADesk()
    with a_page(desk, records=SomeRecords()) as first, a_tab(browser, first.address.url()) as tab:
        address = first.address
        first.close()
        tab.locator("#lost", has_text="not answered").wait_for()
        assert tab.locator("#link").inner_text() == "out of reach"
        from posekit.status.server import StatusServer

        second = StatusServer(desk, address, records=SomeRecords())
        try:
            tab.locator("#link", has_text="live").wait_for()
            tab.wait_for_function("document.querySelector('#lost').textContent === ''")
        finally:
            tab.goto("about:blank")
            second.close()
        tab.said.clear()


@pytest.mark.parametrize("size", ["phone", *soaked("small", "desktop")])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    browser, show, tool, size, tmp_path_factory
) -> None:
    source = axe(tool, tmp_path_factory)
    show.desk.now = a_state(troubles=(TROUBLE, replace(TROUBLE, name="slow", severity="notice")))
    how = {"phone": PHONE, "small": SMALL, "desktop": DESKTOP}[size]
    with a_tab(browser, url(show), **how) as tab:
        tab.locator(".trouble").first.wait_for()
        tab.locator("#lines li").nth(52).wait_for()
        tab.wait_for_timeout(300)
        tab.locator("#edit").click()
        tab.locator("#add-shape").click()
        tab.locator("details summary").first.click()
        assert faults_by_axe(tab, source) == []
        tab.get_by_role("button", name="Restart show").click()
        assert faults_by_axe(tab, source) == []
        tab.keyboard.press("Escape")
        for view in (how, SMALL, DESKTOP):
            tab.set_viewport_size(view["viewport"])
            assert tab.evaluate("document.documentElement.scrollWidth") <= view["viewport"]["width"]


def test_axe_finds_nothing_serious_in_the_login(browser, tool, tmp_path_factory) -> None:
    with a_page(token=TOKEN) as page, a_tab(browser, **PHONE) as tab:
        tab.goto(page.address.url())
        tab.get_by_label("Token").wait_for()
        assert faults_by_axe(tab, axe(tool, tmp_path_factory)) == []
        tab.said.clear()


_axe: list[str] = []


def axe(tool, tmp_path_factory) -> str:
    if not _axe:
        _axe.append(axe_source(tmp_path_factory.mktemp("axe"), tool("npm")))
    return _axe[0]


def test_nothing_moves_for_whoever_wants_that(browser, show) -> None:
    with a_tab(browser, url(show), reduced_motion="reduce", **DESKTOP) as tab:
        style = "getComputedStyle(document.querySelector('.switch'), '::after').transitionProperty"
        tab.locator(".switch").first.wait_for(state="attached")  # it comes with the show's first word
        assert tab.evaluate(style) == "none"
        assert tab.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    with a_tab(browser, url(show)) as tab:
        tab.get_by_role("button", name="Hold still").click()
        tab.wait_for_timeout(100)
        first = tab.evaluate(PIXELS)
        tab.wait_for_timeout(400)
        assert tab.evaluate(PIXELS) == first
