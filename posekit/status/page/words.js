// How things are said: phases, lengths of time, sizes.

export const PHASES = {
  starting: ["Starting", "the sketch will be there in a moment"],
  open: ["Open", "visitors see the sketch"],
  closed: ["Closed", "the screen is black"],
  blackout: ["Blackout", "the screen is black because somebody asked for it"],
  card: ["Title card", "visitors see the title card, because something is broken"],
  ending: ["Ending", "the show is going down"],
};

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  const hours = Math.floor(whole / 3600);
  if (hours < 48) return `${hours} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function clock(wall, now) {
  const at = new Date(wall * 1000);
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const isToday = at.toDateString() === new Date(now * 1000).toDateString();
  return isToday ? time : `${at.toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" })}, ${time}`;
}

export function bytes(count) {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  return `${Math.round(count / 1e6)} MB`;
}

export const many = (count, one, more) => `${count} ${count === 1 ? one : more}`;

export function span(from, to) {
  const word = (seconds) => (seconds < 60 ? `${seconds} s` : `${seconds / 60} min`);
  if (to === null) return `${word(from)} or more`;
  return from < 60 && to < 60 ? `${from} to ${to} s` : `${word(from)} to ${word(to)}`;
}
