// The newest lines of the log, with a filter.

import { ask } from "./ask.js";
import { find, fill, make } from "./dom.js";

let lines = [];
let shown = "";

export function buildLog() {
  find("severity").addEventListener("change", () => loadLog().catch(() => {}));
  find("search").addEventListener("input", show);
}

export async function loadLog() {
  const severity = find("severity").value;
  try {
    ({ lines } = await ask(`/api/log?count=200${severity ? `&severity=${severity}` : ""}`));
  } catch (error) {
    lines = [{ time: "", name: "log", severity: "notice", sentence: error.message }];
  }
  show();
}

function show() {
  const wanted = find("search").value.trim().toLowerCase();
  const found = lines.filter((line) => !wanted || `${line.name} ${line.sentence}`.toLowerCase().includes(wanted));
  const key = JSON.stringify(found);
  if (key === shown) return;
  shown = key;
  fill(find("lines"), found.length
    ? found.map((line) => make("li", { class: line.severity }, make("time", { datetime: line.time }, when(line.time)), make("strong", {}, line.name.replaceAll("_", " ")), make("span", {}, line.sentence)))
    : make("li", {}, make("span", {}, "nothing that fits")));
}

// The show's own time of day, as its log has it, whatever the clock of this phone says.
function when(time) {
  const [day, rest = ""] = time.split("T");
  return `${day.slice(5)} ${rest.slice(0, 8)}`.trim();
}
