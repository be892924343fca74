// The sketch's parameters and presets.

import { act, ask, setParameter } from "./ask.js";
import { find, fill, make, say } from "./dom.js";

let structure = "";
const controls = new Map();
const touched = new Map();

export async function loadSketch() {
  const [{ parameters }, { presets }] = await Promise.all([ask("/api/parameters"), ask("/api/presets")]);
  const now = JSON.stringify([parameters.map(({ value, ...rest }) => rest), presets]);
  if (now !== structure) {
    structure = now;
    controls.clear();
    fill(find("parameters"), parameters.length ? parameters.map(control) : make("p", { class: "hint" }, "This sketch has no parameters."));
    fill(find("presets"), presets.map((preset) => make("button", { type: "button", onclick: () => load(preset) }, `${preset.number} ${preset.name ?? ""}`.trim())));
  }
  for (const { name, value } of parameters) {
    if (performance.now() - (touched.get(name) ?? -1e9) > 1500) controls.get(name)?.(value);
  }
}

async function load(preset) {
  try {
    await act("preset", preset.number);
    say(find("sketch-message"), `Preset ${preset.number} ${preset.name ?? ""} was asked for.`);
    setTimeout(() => loadSketch().catch(() => {}), 500);
  } catch (error) {
    say(find("sketch-message"), error.message);
  }
}

function send(name, value) {
  touched.set(name, performance.now());
  setParameter(name, value, (error) => say(find("sketch-message"), error ? `${name}: ${error.message}` : ""));
}

function control(parameter) {
  const { name, value } = parameter;
  const id = `parameter-${name}`;
  const help = parameter.description ? make("p", { id: `${id}-help`, class: "hint" }, parameter.description) : null;
  const said = help ? { id, "aria-describedby": `${id}-help` } : { id };
  const [input, beside, show] = widget(parameter, said);
  controls.set(name, show);
  show(value);
  return make("div", { class: "parameter" }, make("div", { class: "line" }, make("label", { for: id }, name.replaceAll("_", " ")), beside), input, help);
}

function widget(parameter, said) {
  const { name, value } = parameter;
  if (typeof value === "boolean") return toggle(name, said);
  if (parameter.choices?.length) return choice(parameter, said);
  if (typeof value === "number") return number(parameter, said);
  const isColor = /^#[0-9a-f]{6}$/i.test(value);
  const input = make("input", { ...said, type: isColor ? "color" : "text", maxlength: isColor ? undefined : 64, [isColor ? "oninput" : "onchange"]: () => send(name, input.value) });
  return [input, null, (now) => { if (document.activeElement !== input) input.value = now; }];
}

function toggle(name, said) {
  const input = make("input", { ...said, type: "checkbox", role: "switch", class: "switch", onchange: () => send(name, input.checked) });
  return [null, input, (now) => { input.checked = now; }];
}

function choice({ name, choices }, said) {
  const input = make("select", { ...said, onchange: () => send(name, input.value) }, choices.map((one) => make("option", { value: one }, one)));
  return [input, null, (now) => { input.value = now; }];
}

function number(parameter, said) {
  const { name, min, max, kind, value } = parameter;
  const isWhole = kind === "int" || (kind === undefined && Number.isInteger(value) && Number.isInteger(min ?? 0));
  const hasRange = Number.isFinite(min) && Number.isFinite(max);
  const step = parameter.step || (isWhole ? 1 : hasRange ? (max - min) / 200 : "any");
  const output = make("output", { for: said.id });
  const input = make("input", { ...said, type: hasRange ? "range" : "number", min, max, step, [hasRange ? "oninput" : "onchange"]: () => {
    if (input.value === "") return;
    say(output, shortly(Number(input.value)));
    send(name, Number(input.value));
  } });
  return [input, hasRange ? output : null, (now) => {
    if (!hasRange && document.activeElement === input) return;
    input.value = now;
    say(output, shortly(now));
  }];
}

const shortly = (value) => (Number.isInteger(value) ? String(value) : value.toPrecision(3).replace(/\.?0+$/, ""));
