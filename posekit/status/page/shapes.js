// Polygons that are edited: places in shares of the picture, steps that can be taken back, and what was hit.

const PLACES = 4;
const round = (number) => Number(number.toFixed(PLACES));
const bound = (number, low, high) => Math.min(high, Math.max(low, number));
const copy = (value) => JSON.parse(JSON.stringify(value));

export class Shapes {
  constructor(prefix) {
    this.prefix = prefix;
    this.items = [];
    this.version = undefined;
    this.saved = "[]";
    this.steps = [];
  }

  load(items, version) {
    this.items = copy(items);
    this.version = version;
    this.saved = JSON.stringify(this.items);
    this.steps = [];
  }

  // Takes what the show has, unless it is being changed here; then only to know that it is what we began with.
  meet(items, version) {
    const known = (item) => [item.points, item.what === undefined ? 0 : [item.name, item.what, item.dwell]];
    const isOurs = JSON.stringify(items.map(known)) === JSON.stringify(JSON.parse(this.saved).map(known));
    if (!this.isChanged) {
      if (!isOurs || this.version === undefined) this.load(items, version);
    } else if (isOurs) this.version = version;
  }

  get isChanged() {
    return JSON.stringify(this.items) !== this.saved;
  }

  // Call before a change: what is now can be brought back.
  remember() {
    const now = JSON.stringify(this.items);
    if (this.steps.at(-1) !== now) this.steps.push(now);
    if (this.steps.length > 100) this.steps.shift();
  }

  undo() {
    const now = JSON.stringify(this.items);
    while (this.steps.length) {
      const before = this.steps.pop();
      if (before !== now) {
        this.items = JSON.parse(before);
        return true;
      }
    }
    return false;
  }

  nextName() {
    const taken = new Set(this.items.map((item) => item.name));
    let number = 1;
    while (taken.has(`${this.prefix}${number}`)) number += 1;
    return `${this.prefix}${number}`;
  }

  add(points) {
    this.remember();
    this.items.push({ name: this.nextName(), points: points.map(([x, y]) => [round(x), round(y)]), what: "feet", dwell: 3 });
    return this.items.length - 1;
  }

  remove(at) {
    this.remember();
    this.items.splice(at, 1);
  }

  moveCorner(at, corner, x, y) {
    this.items[at].points[corner] = [round(bound(x, 0, 1)), round(bound(y, 0, 1))];
  }

  move(at, dx, dy) {
    this.items[at].points = this.items[at].points.map(([x, y]) => [round(bound(x + dx, -1, 2)), round(bound(y + dy, -1, 2))]);
  }

  insert(at, corner) {
    const { points } = this.items[at];
    const [[x, y], [u, v]] = [points[corner], points[(corner + 1) % points.length]];
    points.splice(corner + 1, 0, [round((x + u) / 2), round((y + v) / 2)]);
    return corner + 1;
  }

  removeCorner(at, corner) {
    if (this.items[at].points.length <= 3) return false;
    this.remember();
    this.items[at].points.splice(corner, 1);
    return true;
  }
}

export const box = (x, y, u, v) => [[Math.min(x, u), Math.min(y, v)], [Math.max(x, u), Math.min(y, v)], [Math.max(x, u), Math.max(y, v)], [Math.min(x, u), Math.max(y, v)]];

// By the even-odd rule, as the show itself has it.
export function isInside([x, y], points) {
  let odd = false;
  points.forEach(([u, v], at) => {
    const [s, t] = points.at(at - 1);
    if (v > y !== t > y && x < ((s - u) * (y - v)) / (t - v) + u) odd = !odd;
  });
  return odd;
}

// What lies under a finger, given in pixels: a corner, the middle of a side of the chosen shape, a shape, nothing.
export function hit(items, chosen, [x, y], [width, height], reach = 26) {
  const away = ([u, v]) => Math.hypot(u * width - x, v * height - y);
  const order = items.map((_, at) => at).sort((one, other) => (other === chosen) - (one === chosen) || other - one);
  let best = null;
  for (const at of order) {
    items[at].points.forEach((point, corner) => {
      const distance = away(point) + (at === chosen ? 0 : 8);
      if (distance < reach && (best === null || distance < best.distance)) best = { kind: "corner", at, corner, distance };
    });
  }
  if (best) return best;
  if (items[chosen]) {
    const { points } = items[chosen];
    for (let corner = 0; corner < points.length; corner += 1) {
      const [[u, v], [s, t]] = [points[corner], points[(corner + 1) % points.length]];
      if (away([(u + s) / 2, (v + t) / 2]) < reach * 0.8) return { kind: "side", at: chosen, corner };
    }
  }
  const at = order.find((one) => isInside([x / width, y / height], items[one].points));
  return at === undefined ? null : { kind: "shape", at };
}

export const asText = (items) => items.map(({ points }) => points.map(([x, y]) => `${x},${y}`).join(" ")).join("; ") || null;
