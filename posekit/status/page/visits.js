// Visits: by hour, and by how long they were; each as a chart and as a table.

import { ask } from "./ask.js";
import { find, fill, make, say } from "./dom.js";
import { duration, many, span } from "./words.js";

const WIDTH = 640;
const HEIGHT = 220;
const FOOT = 34;
const TOP = 30;
let shown = "";

export async function loadVisits() {
  const day = find("day").value;
  let counts;
  try {
    counts = await ask(`/api/counts${day ? `?day=${day}` : ""}`);
  } catch (error) {
    say(find("visits-summary"), error.message);
    shown = "";
    fill(find("charts"));
    return;
  }
  find("day").max = counts.today.day ?? "";
  if (!day) find("day").value = counts.day;
  const key = JSON.stringify(counts);
  if (key === shown) return;
  shown = key;
  show(counts);
}

function show(counts) {
  const visits = counts.hours.reduce((sum, hour) => sum + hour.visits, 0);
  const median = counts.day === counts.today.day && counts.today.median ? `; half of them longer than ${duration(counts.today.median)}` : "";
  say(find("visits-summary"), `${many(visits, "visit", "visits")} on ${counts.day}${median}`);
  const hours = busy(counts.hours).map((hour) => ({ name: hour.hour, short: hour.hour.slice(0, 2), visits: hour.visits }));
  const lengths = counts.dwell.map((one) => ({ name: span(one.from, one.to), short: brief(one.from), visits: one.visits }));
  const days = counts.days.map((one) => ({ name: one.day, short: String(Number(one.day.slice(8))), visits: one.visits }));
  fill(find("charts"),
    chart("Visits per hour", "hour", hours), chart("How long visits were", "length", lengths), chart("The last days", "day", days));
}

// Opening hours only: the first and the last hour with a visit, and one more on either side.
function busy(hours) {
  const some = hours.map((hour, at) => (hour.visits ? at : -1)).filter((at) => at >= 0);
  if (!some.length) return hours.slice(9, 19);
  return hours.slice(Math.max(0, some[0] - 1), some.at(-1) + 2);
}

const brief = (seconds) => (seconds < 60 ? `${seconds}s` : `${Math.round(seconds / 60)}m`);

function chart(title, unit, bars) {
  const most = Math.max(1, ...bars.map((bar) => bar.visits));
  const best = bars.find((bar) => bar.visits === most);
  const label = best ? `${title}: most at ${best.name}, ${best.visits}` : `${title}: none`;
  const step = WIDTH / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / 12);
  const drawn = bars.flatMap((bar, at) => {
    const high = ((HEIGHT - FOOT - TOP) * bar.visits) / most;
    const y = HEIGHT - FOOT - high;
    const middle = (at + 0.5) * step;
    const value = { class: "value", x: Math.min(WIDTH - 20, Math.max(20, middle)), y: y - 8 };
    const column = {
      class: bar === best ? "bar best" : "bar",
      x: at * step + step * 0.14,
      y,
      width: step * 0.72,
      height: Math.max(high, bar.visits ? 3 : 0),
      rx: Math.min(5, step * 0.2),
    };
    return [
      make("rect", column, make("title", {}, `${bar.name}: ${bar.visits}`)),
      bar === best ? make("text", value, String(bar.visits)) : null,
      at % every === 0 ? make("text", { class: "tick", x: middle, y: HEIGHT - 8 }, bar.short) : null,
    ];
  });
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    make("line", { class: "ground", x1: 0, x2: WIDTH, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT }), drawn);
  return make("figure", {}, make("figcaption", {}, title), svg,
    make("details", {}, make("summary", {}, make("span", { class: "unseen" }, `${title} `), "as a table"),
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${title}, table` }, table(unit, bars))));
}

function table(unit, bars) {
  const head = [unit, "visits"].map((name) => make("th", { scope: "col" }, name));
  const rows = bars.map((bar) =>
    make("tr", {}, make("th", { scope: "row" }, bar.name), make("td", {}, String(bar.visits))));
  return make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows));
}
