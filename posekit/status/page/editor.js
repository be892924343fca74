// Drawing and changing zones and ignored places, with a finger, a mouse or the keyboard.

import { ask } from "./ask.js";
import { find, fill, make, press, say } from "./dom.js";
import { fields } from "./fields.js";
import { Shapes, asText, box, hit } from "./shapes.js";

const STEP = 0.005;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HINTS = {
  none: "Drag a shape, its corners, or the small dots between them.",
  area: "Drag over the picture from one corner of the box to the other.",
  polygon: "Tap corner after corner; tap the first one again, or press Finish shape.",
};

const FOR_NOW = "Counts now, until the show starts again: then what is written by hand does (ignore in show.toml).";

export class Editor {
  constructor(overlay, redraw) {
    this.overlay = overlay;
    this.redraw = redraw;
    this.layers = { zones: new Shapes("zone"), ignore: new Shapes("place") };
    this.layer = "zones";
    this.isOpen = false;
    this.tool = "none";
    this.draft = null;
    this.chosen = -1;
    this.grip = null;
    this.message = "";
    this.wire();
  }

  get shapes() {
    return this.layers[this.layer];
  }

  groups(counts) {
    return Object.entries(this.layers).map(([layer, shapes]) => {
      const isEdited = this.isOpen && layer === this.layer;
      return { layer, items: shapes.items, counts: layer === "zones" ? counts : {}, isEdited, chosen: this.chosen };
    }).sort((one, other) => one.isEdited - other.isEdited);
  }

  // Reads what the show has; what is being changed here is not overwritten.
  async load() {
    const [zones, ignore] = await Promise.all([ask("/api/zones"), ask("/api/ignore")]);
    const places = ignore.shapes.map((points, at) => ({ name: `place${at + 1}`, points }));
    this.layers.zones.meet(zones.zones, zones.version);
    this.layers.ignore.meet(places, ignore.version);
    this.isIgnoreKept = ignore.kept;
    this.refresh();
  }

  wire() {
    const on = (id, then) => find(id).addEventListener("click", then);
    on("edit", () => this.open(!this.isOpen));
    on("layer-zones", () => this.choose("zones"));
    on("layer-ignore", () => this.choose("ignore"));
    on("tool-area", () => this.take(this.tool === "area" ? "none" : "area"));
    on("tool-polygon", () => this.take(this.tool === "polygon" ? "none" : "polygon"));
    on("close-polygon", () => this.closePolygon());
    on("add-shape", () => this.addShape(box(0.35, 0.35, 0.65, 0.65)));
    on("undo", () => this.undo());
    on("save", () => this.save());
    on("discard", () => this.discard());
    const { svg } = this.overlay;
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.drag(event));
    svg.addEventListener("pointerup", (event) => this.up(event));
    svg.addEventListener("pointercancel", () => this.cancel());
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("focusin", (event) => this.focus(event));
    find("room").addEventListener("keydown", (event) => this.shortcut(event));
    addEventListener("beforeunload", (event) => {
      if (Object.values(this.layers).some((layer) => layer.isChanged)) event.preventDefault();
    });
  }

  open(isOpen) {
    this.isOpen = isOpen;
    this.take("none");
    find("editor").hidden = !isOpen;
    press(find("edit"), isOpen);
    say(find("edit"), isOpen ? "Close editor" : "Edit zones");
    find("stage").classList.toggle("editing", isOpen);
    this.refresh();
  }

  choose(layer) {
    this.layer = layer;
    this.chosen = -1;
    this.take("none");
    this.refresh();
  }

  take(tool) {
    this.tool = tool;
    this.draft = null;
    this.message = "";
    this.refresh();
  }

  addShape(points) {
    this.chosen = this.shapes.add(points);
    this.take("none");
    this.overlay.svg.querySelector(`[data-key="${this.layer}-${this.chosen}"]`)?.focus();
  }

  closePolygon() {
    if (this.draft?.length >= 3) this.addShape(this.draft);
  }

  undo() {
    if (this.draft?.length && this.tool === "polygon") this.draft.pop();
    else this.shapes.undo();
    this.chosen = Math.min(this.chosen, this.shapes.items.length - 1);
    this.refresh();
  }

  async save() {
    const { shapes, layer } = this;
    const wrong = layer === "zones" && shapes.items.find((item) => !/^[A-Za-z][A-Za-z0-9_]{0,31}$/.test(item.name));
    if (wrong) return this.tell(`"${wrong.name}" cannot be a name: letters, digits and _, beginning with a letter.`);
    try {
      const said = layer === "zones" ? { zones: shapes.items } : { ignore: asText(shapes.items) };
      const body = { ...said, version: shapes.version };
      const sent = JSON.stringify(shapes.items);
      await ask(`/api/${layer}`, "PUT", body);
      shapes.saved = sent;
      shapes.version = undefined;
      shapes.steps = [];
      this.tell(layer === "ignore" && !this.isIgnoreKept ? FOR_NOW : "Saved.");
      setTimeout(() => this.load().catch(() => {}), 700);
    } catch (error) {
      this.tell(error.code === 409 ? "Somebody else changed this meanwhile. Discard, and draw it again." : error.message);
    }
    return undefined;
  }

  async discard() {
    this.shapes.items = JSON.parse(this.shapes.saved);
    this.chosen = -1;
    this.take("none");
    await this.load().catch((error) => this.tell(error.message));
  }

  tell(message) {
    this.message = message;
    this.refresh();
  }

  // -- pointers

  down(event) {
    if (!this.isOpen || event.button > 0 || this.grip) return;
    event.preventDefault();
    this.overlay.svg.setPointerCapture(event.pointerId);
    const at = this.overlay.place(event);
    if (this.tool === "none") this.hold(at);
    else if (this.tool === "area") this.grip = { kind: "area", from: at };
    else this.grip = { kind: "tap", from: at };
    this.refresh();
  }

  hold(at) {
    const found = hit(this.shapes.items, this.chosen, at, this.overlay.size);
    this.chosen = found ? found.at : -1;
    if (!found) return;
    this.shapes.remember();
    if (found.kind === "side") found.corner = this.shapes.insert(found.at, found.corner);
    this.grip = { ...found, last: at };
  }

  drag(event) {
    if (!this.grip) return;
    const [width, height] = this.overlay.size;
    const [x, y] = this.overlay.place(event);
    const { grip } = this;
    if (grip.kind === "area") this.draft = closed(box(...share(grip.from, width, height), ...share([x, y], width, height)));
    else if (grip.kind === "shape") this.shapes.move(grip.at, (x - grip.last[0]) / width, (y - grip.last[1]) / height);
    else if (grip.kind !== "tap") this.shapes.moveCorner(grip.at, grip.corner, x / width, y / height);
    grip.last = [x, y];
    this.refresh();
  }

  up(event) {
    if (!this.grip) return;
    const { grip } = this;
    const [width, height] = this.overlay.size;
    const at = this.overlay.place(event);
    this.grip = null;
    if (grip.kind === "area") this.endArea(grip.from, at);
    else if (grip.kind === "tap") this.tap(share(at, width, height), at);
    this.refresh();
  }

  endArea(from, to) {
    const [width, height] = this.overlay.size;
    if (Math.abs(from[0] - to[0]) < 12 || Math.abs(from[1] - to[1]) < 12) this.take("area");
    else this.addShape(box(...share(from, width, height), ...share(to, width, height)));
  }

  tap(place, [x, y]) {
    const [width, height] = this.overlay.size;
    this.draft ??= [];
    const [first] = this.draft;
    if (this.draft.length >= 3 && Math.hypot(first[0] * width - x, first[1] * height - y) < 26) this.closePolygon();
    else this.draft.push(place);
  }

  cancel() {
    this.grip = null;
    if (this.tool === "area") this.draft = null;
    this.refresh();
  }

  // -- keys

  key(event) {
    const [layer, shape, corner] = (event.target.getAttribute("data-key") ?? "").split("-");
    if (!this.isOpen || layer !== this.layer) return;
    const at = Number(shape);
    const arrow = ARROWS[event.key];
    if (arrow) this.nudge(at, corner, arrow.map((way) => way * (event.shiftKey ? STEP * 10 : STEP)));
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(at, corner);
    else if ((event.key === "+" || event.key === "Insert") && corner !== undefined) {
      this.shapes.remember();
      this.shapes.insert(at, Number(corner));
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.refresh();
  }

  nudge(at, corner, [dx, dy]) {
    this.shapes.remember();
    if (corner === undefined) return this.shapes.move(at, dx, dy);
    const [x, y] = this.shapes.items[at].points[Number(corner)];
    return this.shapes.moveCorner(at, Number(corner), x + dx, y + dy);
  }

  remove(at, corner) {
    if (corner !== undefined) {
      if (!this.shapes.removeCorner(at, Number(corner))) this.message = "Three corners are the least.";
      return;
    }
    this.shapes.remove(at);
    this.chosen = -1;
  }

  focus(event) {
    const [layer, shape] = (event.target.getAttribute("data-key") ?? "").split("-");
    if (layer !== this.layer || this.chosen === Number(shape)) return;
    this.chosen = Number(shape);
    this.refresh();
  }

  shortcut(event) {
    if (!this.isOpen) return;
    if (event.key === "Escape" && this.tool !== "none") this.take("none");
    else if (event.key === "Enter" && this.draft && event.target.tagName !== "BUTTON") this.closePolygon();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey) && event.target.tagName !== "INPUT") {
      event.preventDefault();
      this.undo();
    }
  }

  // -- what is seen of it

  refresh() {
    this.redraw();
    const { shapes } = this;
    press(find("layer-zones"), this.layer === "zones");
    press(find("layer-ignore"), this.layer === "ignore");
    press(find("tool-area"), this.tool === "area");
    press(find("tool-polygon"), this.tool === "polygon");
    find("close-polygon").hidden = !(this.tool === "polygon" && this.draft?.length >= 3);
    find("undo").disabled = !(shapes.steps.length || (this.tool === "polygon" && this.draft?.length));
    find("save").disabled = find("discard").disabled = !shapes.isChanged;
    say(find("editor-hint"), this.message || (shapes.items.length || this.tool !== "none" ? HINTS[this.tool] : this.emptyHint()));
    this.list();
  }

  emptyHint() {
    if (this.layer === "zones") return "No zones yet. Draw a box, or corners.";
    return "Nobody is ignored anywhere. Draw a box over a mirror, a screen, a mannequin.";
  }

  list() {
    const key = `${this.layer}:${this.shapes.items.map((item) => item.name).join("/")}`;
    const isWhole = this.shapes.items.length === find("shapes").children.length;
    // Whoever types in it is not to lose his place.
    const isUsed = document.activeElement?.closest?.("#shapes") && this.listed?.startsWith(`${this.layer}:`);
    if (isWhole && (isUsed || key === this.listed)) return;
    this.listed = key;
    fill(find("shapes"), this.shapes.items.map((item, at) => this.row(item, at)));
  }

  row(item, at) {
    const change = (then) => {
      this.shapes.remember();
      then(this.shapes.items[at]);
      this.message = "";
      this.refresh();
    };
    const choose = () => {
      this.chosen = at;
      this.redraw();
    };
    const removed = () => {
      this.remove(at);
      this.listed = "";
      find("add-shape").focus();
      this.refresh();
    };
    const parts = this.layer === "ignore" ? [make("span", { class: "grow" }, item.name)] : fields(item, change);
    const name = { type: "button", class: "quiet", "aria-label": `Remove ${item.name}` };
    return make("li", { onfocusin: choose }, parts, make("button", { ...name, onclick: removed }, "Remove"));
  }
}

const share = ([x, y], width, height) => [Math.min(1, Math.max(0, x / width)), Math.min(1, Math.max(0, y / height))];
const closed = (points) => [...points, points[0]];
