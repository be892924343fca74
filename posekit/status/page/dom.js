// Making and finding elements. Text is always set as text, so that nothing a show says becomes part of the page.

export const find = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const svg = ["svg", "g", "polygon", "polyline", "circle", "rect", "line", "path", "text", "title"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "checked" || (name === "value" && tag !== "option")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// Replaces what is in an element only where it differs: a reader of the screen is not told the same twice.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat());
}

export function press(button, on) {
  button.setAttribute("aria-pressed", on ? "true" : "false");
}

export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
