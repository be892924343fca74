// The people as lines on a canvas: keypoints in PoseNet's order, in ten-thousandths of the picture.

const GRAIN = 10000;
const MISSING = -99999;
const BONES = [[5, 6], [5, 7], [7, 9], [6, 8], [8, 10], [5, 11], [6, 12], [11, 12], [11, 13], [13, 15], [12, 14], [14, 16]];
const FACE = [0, 1, 2, 3, 4];

export const colorOf = (id) => `hsl(${(id * 137 + 150) % 360} 62% 72%)`;

export function drawScene(canvas, scene) {
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  pen.clearRect(0, 0, width, height);
  pen.lineCap = pen.lineJoin = "round";
  for (const person of scene.people) drawPerson(pen, person, width, height, person.id === scene.lead);
}

function drawPerson(pen, person, width, height, isLead) {
  const at = (number) => {
    const x = person.points[number * 2];
    return x === MISSING ? null : [(x / GRAIN) * width, (person.points[number * 2 + 1] / GRAIN) * height];
  };
  const size = bodyHeight(person, height);
  pen.strokeStyle = pen.fillStyle = colorOf(person.id);
  pen.lineWidth = Math.max(2, size / 26);
  for (const [from, to] of BONES) {
    const [start, end] = [at(from), at(to)];
    if (!start || !end) continue;
    pen.beginPath();
    pen.moveTo(...start);
    pen.lineTo(...end);
    pen.stroke();
  }
  const face = FACE.map(at).filter(Boolean);
  if (!face.length) return;
  const middle = face.reduce(([x, y], [u, v]) => [x + u / face.length, y + v / face.length], [0, 0]);
  pen.beginPath();
  pen.arc(...middle, Math.max(4, size / 14), 0, 2 * Math.PI);
  if (isLead) pen.fill(); else pen.stroke();
  if (person.slot === null) return;
  pen.font = `600 ${Math.max(11, Math.min(20, size / 10))}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.fillText(String(person.slot), middle[0], middle[1] - Math.max(8, size / 9));
}

function bodyHeight(person, height) {
  let [top, bottom] = [Infinity, -Infinity];
  for (let at = 1; at < person.points.length; at += 2) {
    if (person.points[at] === MISSING) continue;
    top = Math.min(top, person.points[at]);
    bottom = Math.max(bottom, person.points[at]);
  }
  return bottom > top ? ((bottom - top) / GRAIN) * height : 0;
}
