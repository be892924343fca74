// What the show is doing, in large letters; what is wrong, in words; and the figures below.

import { find, fill, make, say } from "./dom.js";
import { PHASES, bytes, clock, duration, many } from "./words.js";

const CAMERAS = { lost: "lost", ok: "ok", frozen: "frozen", black: "black" };
let lastTroubles = "";
let lastParts = "";

export function showState(state) {
  const [word, detail] = PHASES[state.phase] ?? [state.phase, ""];
  document.title = `${state.healthy ? "" : "⚠ "}${word}: ${state.name}`;
  say(find("title"), state.name);
  say(find("phase"), word);
  find("phase-dot").className = `dot ${state.healthy ? state.phase : "fault"}`;
  say(find("phase-detail"), describe(state, detail));
  showTroubles(state);
  showFigures(state);
  showParts(state);
  say(find("sketch-name"), [state.sketch, state.estimator, state.source].filter(Boolean).join(" · "));
}

function describe(state, detail) {
  const seen = state.phase === "open" && state.extra?.test_card ? "visitors see the test card" : detail;
  const words = [`${seen}, since ${clock(state.phase_since || state.started, state.time)}`];
  if (state.held) words.push(state.held);
  if (state.next_change) {
    const next = state.phase === "closed" ? "opens" : "closes";
    words.push(`${state.held ? "the schedule decides again" : next} ${clock(state.next_change, state.time)}`);
  }
  if (state.paused) words.push("paused: nobody is looked for");
  return words.join("; ");
}

function showTroubles(state) {
  const key = JSON.stringify(state.troubles.map((one) => [one.name, one.sentence, one.severity]));
  const ages = state.troubles.map((one) => `for ${duration(state.time - one.since)}`);
  if (key !== lastTroubles) {
    lastTroubles = key;
    fill(find("troubles"), state.troubles.map((one) =>
      make("div", { class: `trouble ${one.severity}` },
        make("strong", {}, one.name.replaceAll("_", " ")), " ",
        make("span", {}, one.sentence), " ",
        make("span", { class: "age", "aria-hidden": "true" }))));
  }
  find("troubles").querySelectorAll(".age").forEach((age, at) => say(age, ages[at] ?? ""));
}

function showFigures(state) {
  const figures = [
    ["people now", String(state.people), "big"],
    ["visits today", String(state.visits_today), "big"],
    ["scenes / s", state.fps.toFixed(1), ""],
    ["latency", `${Math.round(state.latency_ms)} ms`, ""],
    ["pictures / s", state.window_fps.toFixed(1), ""],
    ["up for", duration(state.uptime), ""],
    ["camera", CAMERAS[state.camera] ?? state.camera, state.camera === "ok" ? "" : "bad"],
    ["disk free", bytes(state.disk_free), ""],
  ];
  const list = find("figures");
  if (list.children.length !== figures.length) {
    fill(list, figures.map(([name]) => make("div", {}, make("dt", {}, name), make("dd", {}))));
  }
  figures.forEach(([, value, kind], at) => {
    const place = list.children[at];
    place.className = kind;
    say(place.querySelector("dd"), value);
  });
}

function showParts(state) {
  const rows = state.parts.map((part) => [
    part.name, part.state, part.started ? duration(state.time - part.started) : "–",
    part.memory ? bytes(part.memory) : "–", String(part.restarts), part.last_end,
  ]);
  const key = JSON.stringify(rows);
  if (key === lastParts) return;
  lastParts = key;
  const head = ["process", "is", "for", "memory", "restarts"];
  const table = find("parts");
  table.querySelectorAll("thead, tbody").forEach((old) => old.remove());
  table.append(
    make("thead", {}, make("tr", {}, head.map((word) => make("th", { scope: "col" }, word)))),
    make("tbody", {}, rows.map(([name, ...cells]) => make("tr", { title: cells.at(-1) },
      make("th", { scope: "row" }, name), cells.slice(0, -1).map((cell) => make("td", {}, cell))))));
}

export const crowd = (count) => (count ? `${many(count, "person", "people")} in view` : "nobody in view");
