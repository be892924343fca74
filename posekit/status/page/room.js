// The room: people as lines, zones over them, who is in which, and the picture where the owner allows it.

import { find, fill, isCalm, make, press, say } from "./dom.js";
import { Editor } from "./editor.js";
import { drawScene } from "./figures.js";
import { Overlay } from "./overlay.js";
import { crowd } from "./state.js";

const STALE = 3000;

export class Room {
  constructor() {
    this.canvas = find("canvas");
    this.scene = null;
    this.arrived = 0;
    this.drawn = null;
    this.drawnAt = 0;
    this.isHeld = false;
    this.chips = "";
    this.overlay = new Overlay(find("overlay"));
    this.editor = new Editor(this.overlay, () => this.drawZones());
    find("hold").addEventListener("click", () => {
      this.isHeld = !this.isHeld;
      press(find("hold"), this.isHeld);
    });
    new ResizeObserver(() => this.fit()).observe(find("stage"));
    requestAnimationFrame(() => this.tick());
  }

  show(scene) {
    this.scene = scene;
    this.arrived = performance.now();
    const known = this.editor.layers.zones.items.map((item) => item.name);
    const isOther = Object.keys(scene.zones).some((name) => !known.includes(name));
    if (isOther && !this.editor.layers.zones.isChanged && performance.now() - (this.asked ?? -9999) > 3000) {
      this.asked = performance.now();
      this.editor.load().catch(() => {});
    }
  }

  fit() {
    const [width, height] = this.scene?.size ?? [640, 480];
    const stage = find("stage");
    stage.style.aspectRatio = `${width} / ${height}`;
    const wide = Math.round(stage.clientWidth * Math.min(2, devicePixelRatio || 1));
    const high = Math.round((wide * height) / width);
    if (wide && (this.canvas.width !== wide || this.canvas.height !== high)) {
      this.canvas.width = wide;
      this.canvas.height = high;
      this.drawn = null;
    }
    this.overlay.measure();
    this.drawZones();
  }

  tick() {
    requestAnimationFrame(() => this.tick());
    const now = performance.now();
    if (now - (this.looked ?? 0) > 250) {
      this.looked = now;
      this.note(now);
    }
    if (!this.scene || this.scene === this.drawn || this.isHeld || (isCalm() && now - this.drawnAt < 1000)) return;
    const isFirst = this.drawn === null || this.drawn.size.join() !== this.scene.size.join();
    this.drawn = this.scene;
    this.drawnAt = now;
    if (isFirst) this.fit();
    this.drawn = this.scene;
    drawScene(this.canvas, this.scene);
    this.drawZones();
  }

  // Slow words beside quick lines: how many are there, and whether what is seen is old.
  note(now) {
    const isStale = !this.scene || now - this.arrived > STALE;
    const note = find("stage-note");
    note.hidden = !isStale;
    if (isStale) say(note, this.scene ? `nothing new for ${Math.round((now - this.arrived) / 1000)} s` : "nothing seen yet");
    this.canvas.classList.toggle("stale", isStale);
    say(find("crowd"), this.scene && !isStale ? crowd(this.scene.people.length) : "");
    const zones = Object.entries(this.scene?.zones ?? {});
    const key = JSON.stringify(zones);
    if (key === this.chips) return;
    this.chips = key;
    fill(find("zone-counts"), zones.map(([name, count]) => make("li", { class: count ? "busy" : "" }, `${name} `, make("strong", {}, String(count)))));
  }

  drawZones() {
    this.overlay.draw(this.editor?.groups(this.scene?.zones ?? {}) ?? [], this.editor?.draft ?? null);
  }

  event(event) {
    if (!event.zone) return;
    const words = { zone_enter: "somebody came into", zone_leave: "somebody left", zone_dwell: "somebody stays in" };
    const what = Object.keys(words).find((name) => event.name.endsWith(name.replace("zone", ""))) ?? "zone_enter";
    say(find("happened"), `${words[what]} ${event.zone}`);
  }

  // A still picture now and then, only where it is allowed, and only while somebody looks.
  preview(isAllowed) {
    if (isAllowed === this.isAllowed) return;
    this.isAllowed = isAllowed;
    find("preview").hidden = !isAllowed;
    if (isAllowed) this.fetchPreview();
  }

  async fetchPreview() {
    if (!this.isAllowed) return;
    if (!document.hidden && !this.isHeld) {
      try {
        const answer = await fetch("/api/preview.jpg", { cache: "no-store" });
        if (answer.ok) {
          const url = URL.createObjectURL(await answer.blob());
          const before = find("preview").src;
          find("preview").src = url;
          if (before.startsWith("blob:")) URL.revokeObjectURL(before);
        }
      } catch { /* the next one may come */ }
    }
    setTimeout(() => this.fetchPreview(), isCalm() ? 3000 : 500);
  }
}
