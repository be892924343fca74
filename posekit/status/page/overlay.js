// Zones and ignored places drawn over the people; while they are edited, with corners that can be taken hold of.

import { make } from "./dom.js";

export class Overlay {
  constructor(svg) {
    this.svg = svg;
    this.structure = "";
    this.size = [1, 1];
  }

  get isSmall() {
    return this.size[0] < 2;
  }

  measure() {
    const { width, height } = this.svg.getBoundingClientRect();
    this.size = [Math.max(1, width), Math.max(1, height)];
    this.svg.setAttribute("viewBox", `0 0 ${this.size[0]} ${this.size[1]}`);
  }

  place(event) {
    const { left, top } = this.svg.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  // groups: [{ layer, items, counts, isEdited, chosen }]; draft: corners of a shape that is being drawn.
  draw(groups, draft = null) {
    const structure = JSON.stringify([
      groups.map((group) => [group.layer, group.isEdited, group.items.map((item) => [item.name, item.points.length])]),
      draft?.length ?? null,
    ]);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(groups, draft);
    }
    this.update(groups, draft);
  }

  build(groups, draft) {
    const focused = document.activeElement?.getAttribute?.("data-key");
    this.svg.replaceChildren(...groups.flatMap((group) => group.items.map((item, at) => this.buildShape(group, item, at))));
    if (draft) this.svg.append(make("polyline", { class: "draft" }), ...draft.map(() => make("circle", { class: "draft-corner", r: 7 })));
    if (focused) this.svg.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  buildShape(group, item, at) {
    const word = group.layer === "zones" ? "zone" : "ignored";
    const key = `${group.layer}-${at}`;
    const handle = (corner) => make("circle", {
      class: "corner", r: 9, "data-key": `${key}-${corner}`, tabindex: 0, role: "button",
      "aria-label": `${item.name}, corner ${corner + 1} of ${item.points.length}; arrow keys move it`,
    });
    const body = make("polygon", group.isEdited
      ? { "data-key": key, tabindex: 0, role: "button", "aria-label": `${word} ${item.name}; arrow keys move it, Delete removes it` }
      : {});
    return make("g", { class: `shape ${group.layer}`, "data-at": at, "data-layer": group.layer },
      body, make("text", { class: "name", "aria-hidden": group.isEdited ? "true" : undefined }),
      group.isEdited ? item.points.map((_, corner) => make("circle", { class: "side", r: 5, "data-side": corner })) : [],
      group.isEdited ? item.points.map((_, corner) => handle(corner)) : []);
  }

  update(groups, draft) {
    const [width, height] = this.size;
    const at = ([x, y]) => [x * width, y * height];
    const shapes = [...this.svg.querySelectorAll("g.shape")];
    let number = 0;
    for (const group of groups) {
      for (const [index, item] of group.items.entries()) {
        const shape = shapes[number];
        number += 1;
        const count = group.counts?.[item.name] ?? 0;
        shape.classList.toggle("chosen", group.isEdited && group.chosen === index);
        shape.classList.toggle("busy", count > 0);
        const points = item.points.map(at);
        shape.querySelector("polygon").setAttribute("points", points.map((point) => point.join(",")).join(" "));
        this.writeName(shape.querySelector("text"), points, group.layer === "ignore" ? "" : count ? `${item.name} · ${count}` : item.name);
        shape.querySelectorAll(".corner").forEach((circle, corner) => put(circle, points[corner]));
        shape.querySelectorAll(".side").forEach((circle, corner) => {
          const [[x, y], [u, v]] = [points[corner], points[(corner + 1) % points.length]];
          put(circle, [(x + u) / 2, (y + v) / 2]);
        });
      }
    }
    if (!draft) return;
    this.svg.querySelector(".draft")?.setAttribute("points", draft.map((point) => at(point).join(",")).join(" "));
    this.svg.querySelectorAll(".draft-corner").forEach((circle, corner) => put(circle, at(draft[corner])));
  }

  writeName(text, points, name) {
    const x = points.reduce((sum, point) => sum + point[0], 0) / points.length;
    const y = points.reduce((sum, point) => sum + point[1], 0) / points.length;
    text.setAttribute("x", Math.min(this.size[0] - 8, Math.max(8, x)));
    text.setAttribute("y", Math.min(this.size[1] - 8, Math.max(16, y)));
    if (text.textContent !== name) text.textContent = name;
  }
}

function put(circle, [x, y]) {
  circle.setAttribute("cx", x);
  circle.setAttribute("cy", y);
}
