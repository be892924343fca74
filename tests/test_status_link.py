"""The page's link to the show in a real Chromium: lost, slow, silent, locked meanwhile, and found again."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from browser_world import a_browser, a_tab
from status_world import TOKEN, ADesk, a_page, until

from posekit.status.server import StatusServer

LINK = """() => {
  const link = (window.link = { latency: 20, isUp: true, tried: 0 });
  window.WebSocket = class {
    static OPEN = 1;
    constructor() {
      link.tried += 1;
      this.readyState = 0;
      setTimeout(() => this.arrive(), link.latency);
    }
    arrive() {
      if (this.readyState !== 0) return;
      if (!link.isUp) return this.end();
      this.readyState = 1;
      this.onopen();
      setInterval(() => this.hear(), 500);
    }
    hear() {
      if (link.isUp && this.readyState === 1) this.onmessage({ data: '{"kind":""}' });
    }
    // An open one asks the other side first, and browsers give it up to a minute.
    close() {
      if (this.readyState > 1) return;
      setTimeout(() => this.end(), this.readyState === 0 ? 0 : 60000);
      this.readyState = 2;
    }
    end() {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose();
    }
  };
}"""
"""A network in place of the browser's: how long it takes, and whether anything comes through."""


@pytest.fixture(scope="module")
def browser():
    with a_browser() as browser:
        yield browser


@contextmanager
def a_linked_tab(browser, page):
    """Open the page over a network of ours, with a clock led by hand; it is live when this returns."""
    with a_tab(browser) as tab:
        tab.add_init_script(f"({LINK})()")
        tab.clock.install()
        tab.goto(page.address.url())
        tab.locator("#page").wait_for()
        tab.clock.pause_at(tab.evaluate("Date.now()") / 1000 + 5)
        tab.clock.run_for(3000)
        assert link_of(tab) == "live"
        yield tab


def link_of(tab) -> str:
    return tab.locator("#link").inner_text()


@pytest.fixture
def linked(browser):
    with a_page() as page, a_linked_tab(browser, page) as tab:
        yield tab


def test_a_slow_link_is_found_again_after_an_outage(linked) -> None:
    linked.evaluate("link.isUp = false")
    linked.clock.run_for(10_000)
    assert link_of(linked) == "out of reach"
    linked.locator("#lost", has_text="not answered").wait_for()
    linked.evaluate("Object.assign(link, { isUp: true, latency: 1300, tried: 0 })")
    linked.clock.run_for(15_000)
    assert link_of(linked) == "live"
    assert linked.evaluate("link.tried") <= 2
    assert linked.locator("#lost").inner_text() == ""
    linked.clock.run_for(60_000)
    assert link_of(linked) == "live"
    assert linked.evaluate("link.tried") <= 2


def test_silence_is_told_at_once_and_not_when_the_other_side_has_agreed(linked) -> None:
    linked.clock.run_for(20_000)
    assert link_of(linked) == "live"
    linked.evaluate("link.isUp = false")
    linked.clock.run_for(5_000)
    assert link_of(linked) == "live"
    linked.clock.run_for(3_000)
    assert link_of(linked) == "out of reach"


def test_a_connection_that_never_comes_about_is_given_up_and_begun_anew(linked) -> None:
    linked.evaluate("Object.assign(link, { isUp: false, latency: 1e8, tried: 0 })")
    linked.clock.run_for(12_000)
    assert linked.evaluate("link.tried") == 1
    linked.evaluate("Object.assign(link, { isUp: true, latency: 9000 })")
    linked.clock.run_for(20_000)
    assert link_of(linked) == "live"
    assert linked.evaluate("link.tried") == 2


def test_a_token_that_was_changed_while_the_show_was_away_is_asked_for(browser) -> None:
    desk = ADesk()
    with a_page(desk, token=TOKEN) as first, a_tab(browser) as tab:
        address = first.address
        tab.goto(address.url())
        log_in(tab, TOKEN)
        first.close()
        tab.locator("#link", has_text="out of reach").wait_for()
        another = TOKEN[::-1]
        second = StatusServer(desk, address, token=another)
        try:
            log_in(tab, another)
            assert "away" not in (tab.locator("body").get_attribute("class") or "")
            assert tab.locator("#lost").inner_text() == ""
        finally:
            tab.goto("about:blank")
            second.close()
        tab.said.clear()  # the refusals, which a browser writes into its console


def test_a_page_whose_session_was_ended_in_another_one_asks_for_the_token(browser, monkeypatch) -> None:
    monkeypatch.setattr("posekit.status.site.LOOK_AGAIN_SECONDS", 0.05)
    with a_page(token=TOKEN) as page, a_tab(browser) as tab:
        tab.goto(page.address.url())
        log_in(tab, TOKEN)
        other = tab.context.new_page()
        other.goto(page.address.url())
        other.locator("#link", has_text="live").wait_for()
        other.get_by_role("button", name="Log out").click()
        other.get_by_label("Token").wait_for()
        tab.get_by_label("Token").wait_for()
        assert link_of(tab) == "locked"
        until(lambda: page.watchers == 0)
        tab.said.clear()


def log_in(tab, token: str) -> None:
    tab.get_by_label("Token").fill(token)
    tab.get_by_role("button", name="Open").click()
    tab.locator("#link", has_text="live").wait_for()
