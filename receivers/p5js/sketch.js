// Draws the skeletons that posekit sends over a WebSocket. In this folder p5.min.js stands beside it.
// Start the sender with: posekit send --web 8080

const ADDRESS = new URLSearchParams(window.location.search).get('address') ?? 'ws://127.0.0.1:8080';
const AGAIN_AFTER = 1000; // milliseconds
const BONES = [
  ['leftShoulder', 'rightShoulder'], ['leftHip', 'rightHip'],
  ['leftShoulder', 'leftElbow'], ['leftElbow', 'leftWrist'],
  ['rightShoulder', 'rightElbow'], ['rightElbow', 'rightWrist'],
  ['leftShoulder', 'leftHip'], ['leftHip', 'leftKnee'], ['leftKnee', 'leftAnkle'],
  ['rightShoulder', 'rightHip'], ['rightHip', 'rightKnee'], ['rightKnee', 'rightAnkle'],
];

let poses = [];
let image = { width: 1, height: 1 };
let status = `no connection to ${ADDRESS}`;

function listen() {
  const socket = new WebSocket(ADDRESS);
  socket.onopen = () => {
    status = '';
    console.log(`connected to ${ADDRESS}`);
  };
  socket.onmessage = (message) => {
    const told = JSON.parse(message.data);
    if (!Array.isArray(told.poses)) return; // an event, or news of the engine
    poses = told.poses;
    image = told.image;
    for (const pose of poses) {
      const wrist = pose.keypoints.find((keypoint) => keypoint.part === 'leftWrist');
      if (wrist?.score > 0) console.log(`p${pose.slot} left_wrist ${fraction(wrist)} ${wrist.score.toFixed(6)}`);
    }
  };
  socket.onclose = () => { // posekit ended, or is not there yet
    poses = [];
    status = `no connection to ${ADDRESS}`;
    setTimeout(listen, AGAIN_AFTER);
  };
}

// Where a keypoint is in the picture, from 0 to 1, as OSC tells it.
function fraction({ position }) {
  return `${(position.x / image.width).toFixed(6)} ${(position.y / image.height).toFixed(6)}`;
}

function setup() {
  createCanvas(windowWidth, windowHeight);
  colorMode(HSB, 6, 1, 1);
  textSize(16);
  listen();
}

function draw() {
  background(0, 0, 0.08);
  const scale = Math.min(width / image.width, height / image.height); // the whole picture, undistorted
  for (const pose of poses) drawPose(pose, scale);
  fill(0, 0, 1);
  noStroke();
  text(status || `${poses.length} here`, 16, 28);
}

function drawPose(pose, scale) {
  const place = {};
  for (const { part, position, score } of pose.keypoints) {
    if (score > 0) place[part] = [position.x * scale, position.y * scale];
  }
  stroke(pose.id % 6, 0.6, 1);
  strokeWeight(4);
  for (const [one, other] of BONES) {
    if (place[one] && place[other]) line(...place[one], ...place[other]);
  }
  noStroke();
  fill(pose.id % 6, 0.6, 1);
  for (const name of ['nose', 'leftWrist', 'rightWrist']) {
    if (place[name]) circle(...place[name], 28);
  }
}

function windowResized() {
  resizeCanvas(windowWidth, windowHeight);
}
