// Brings the page to life, and says when the show is out of reach.

import { ask, whenLocked } from "./ask.js";
import { find, say } from "./dom.js";
import { buildHands, showHands } from "./hands.js";
import { Live } from "./live.js";
import { buildLog, loadLog } from "./log.js";
import { Room } from "./room.js";
import { loadSketch } from "./sketch.js";
import { showState } from "./state.js";
import { loadVisits } from "./visits.js";
import { duration } from "./words.js";

let room = null;
let lostSince = null;
let isLocked = false;
let hasRecords = false;
let asking = null;

const live = new Live({
  open: () => {
    forgetLoss();
    say(find("link"), "live");
    refresh();
  },
  lost: () => {
    lostSince ??= performance.now();
    document.body.classList.add("away");
    say(find("link"), "out of reach");
    askWhetherLocked();
  },
  state: ({ state }) => {
    tell(state);
  },
  scene: (scene) => room.show(scene),
  event: ({ event }) => room.event(event),
});

function forgetLoss() {
  lostSince = null;
  document.body.classList.remove("away");
  say(find("lost"), "");
}

// Of a WebSocket that is refused a page is not told why. HTTP tells when the token has changed meanwhile, or the session
// has ended: `ask` then opens the login. A question that hangs ends with the next one, so there is one at a time.
function askWhetherLocked() {
  asking?.abort();
  asking = new AbortController();
  ask("/api/state", "GET", undefined, asking.signal).catch(() => {});
}

function tell(state) {
  showState(state);
  showHands(state);
  room.preview(state.preview);
  find("logout").hidden = !state.needs_token;
  hasRecords = state.has_records;
  find("visits").hidden = find("log").hidden = !hasRecords;
}

function show(isOpen) {
  find("page").hidden = find("nav").hidden = !isOpen;
  find("login").hidden = isOpen;
}

async function start() {
  try {
    const state = await ask("/api/state");
    isLocked = false;
    show(true);
    room ??= new Room();
    tell(state);
    live.start();
  } catch (error) {
    if (error.code === 401) return;
    show(true);
    room ??= new Room();
    lostSince ??= performance.now();
    say(find("link"), "out of reach");
    setTimeout(start, 2000);
  }
}

whenLocked(() => {
  isLocked = true;
  live.stop();
  forgetLoss();
  show(false);
  say(find("link"), "locked");
  find("logout").hidden = true;
  find("token").focus();
});

find("login-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  say(find("login-error"), "");
  try {
    await ask("/api/login", "POST", { token: find("token").value.trim() });
    find("token").value = "";
    await start();
    find("show").focus();
  } catch (error) {
    say(find("login-error"), error.message);
    find("token").select();
  }
});

find("logout").addEventListener("click", async () => {
  await ask("/api/logout", "POST", {}).catch(() => {});
  location.reload();
});

// What is not told live is asked for now and then, and only while somebody looks.
function refresh() {
  if (document.hidden || isLocked || !room) return;
  Promise.allSettled([loadSketch(), room.editor.load(), ...(hasRecords ? [loadVisits(), loadLog()] : [])]);
}

setInterval(() => {
  live.check();
  if (lostSince === null) return;
  const seconds = Math.round((performance.now() - lostSince) / 1000);
  if (seconds < 2) return;
  // Told in steps, so that a reader of the screen is not told every second.
  const told = seconds < 10 ? "some seconds" : duration(Math.floor(seconds / 10) * 10);
  say(find("lost"), `The show has not answered for ${told}. What you see is old. Trying again …`);
}, 1000);
setInterval(() => { if (live.isOpen && !document.hidden) loadSketch().catch(() => {}); }, 3000);
setInterval(() => { if (live.isOpen && hasRecords && !document.hidden) { loadVisits(); loadLog(); } }, 15000);
find("day").addEventListener("change", () => loadVisits());

buildHands();
buildLog();
start();
