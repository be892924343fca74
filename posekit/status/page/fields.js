// What can be said of a zone in the editor's list: its name, what counts in it, and for how long.

import { make } from "./dom.js";

// As zones.toml has it, and as people read it.
const WHATS = [["feet", "feet"], ["center", "middle"], ["hands", "hands"], ["nose", "nose"]];

// `change` is given a function that changes the zone.
export function fields(item, change) {
  const name = make("input", {
    type: "text",
    value: item.name,
    maxlength: 32,
    autocapitalize: "none",
    spellcheck: "false",
    onchange: (event) => change((one) => { one.name = event.target.value.trim(); }),
  });
  const isKnown = WHATS.some(([what]) => what === item.what);
  const whats = isKnown ? WHATS : [...WHATS, [item.what, item.what.replaceAll("_", " ")]];
  const counts = make("select", { onchange: (event) => change((one) => { one.what = event.target.value; }) },
    whats.map(([what, word]) => make("option", { value: what, selected: what === item.what }, word)));
  const dwell = make("input", {
    type: "number",
    class: "short",
    min: 0,
    max: 86400,
    step: 0.5,
    value: item.dwell,
    onchange: (event) => change((one) => { one.dwell = Math.max(0, Number(event.target.value) || 0); }),
  });
  return [
    make("label", { class: "grow" }, "Name", name),
    make("label", {}, "Counts", counts),
    make("label", {}, "Dwell s", dwell),
  ];
}
