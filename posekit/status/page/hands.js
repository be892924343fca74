// What can be asked of the show; what would interrupt it is asked about first.

import { act } from "./ask.js";
import { find, fill, make, press, say } from "./dom.js";

const BUTTONS = [
  { name: "open", word: "Open now" },
  { name: "close", word: "Close now" },
  { name: "schedule", word: "Let the hours decide" },
  { name: "blackout", word: "Blackout", isOn: (state) => state.phase === "blackout" },
  { name: "test-card", word: "Test card", isOn: (state) => Boolean(state.extra?.test_card) },
  { name: "pause", word: "Pause looking", isOn: (state) => state.paused },
  { name: "reload", word: "Reload file and sketch" },
  { name: "reset", word: "Forget everybody", ask: "Everybody who is in view gets another number, and running visits end." },
  { name: "calibrate-view", word: "Remember the empty room", ask: "Do this while nobody is in view and the light is as it should be." },
  { name: "restart-window", word: "Restart window", ask: "Visitors see black for a few seconds." },
  { name: "restart-engine", word: "Restart engine", ask: "Nobody is seen for a few seconds." },
  { name: "restart", word: "Restart show", ask: "Window and engine end and start anew; visitors see black for some seconds.", isDanger: true },
];
const pressed = new Map();

export function buildHands() {
  fill(find("actions"), BUTTONS.map((one) => make("button", {
    id: `act-${one.name}`, type: "button", class: one.isDanger ? "danger" : "", "aria-pressed": one.isOn ? "false" : undefined, onclick: () => go(one),
  }, one.word)));
}

export function showHands(state) {
  for (const one of BUTTONS.filter(({ isOn }) => isOn)) {
    const asked = pressed.get(one.name);
    const isFresh = asked && performance.now() - asked.at < 2500;
    press(find(`act-${one.name}`), isFresh ? asked.on : one.isOn(state));
  }
}

async function go(one) {
  if (one.ask && !(await confirm(one.word, one.ask))) return;
  const button = find(`act-${one.name}`);
  const on = one.isOn ? button.getAttribute("aria-pressed") !== "true" : undefined;
  button.disabled = true;
  try {
    await act(one.name, on);
    if (one.isOn) {
      pressed.set(one.name, { on, at: performance.now() });
      press(button, on);
    }
    say(find("action-message"), `${one.word}: ${on === false ? "taken back" : "asked for"}.`);
  } catch (error) {
    say(find("action-message"), `${one.word}: ${error.message}`);
  } finally {
    button.disabled = false;
    button.focus();
  }
}

function confirm(title, text) {
  const dialog = find("confirm");
  say(find("confirm-title"), `${title}?`);
  say(find("confirm-text"), text);
  say(find("confirm-yes"), title);
  return new Promise((resolve) => {
    const end = (answer) => { resolve(answer); if (dialog.open) dialog.close(); };
    find("confirm-yes").onclick = () => end(true);
    find("confirm-no").onclick = () => end(false);
    dialog.onclose = () => end(false);
    dialog.showModal();
    find("confirm-no").focus();
  });
}
