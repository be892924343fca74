// Times tfjs-models' decodeMultiplePoses on raw tensors: node decode.js FOLDER
//
// Reads one line of JSON from stdin for each round of work, {name, height, width, repeats}, and answers
// with one line, {poses, times}: so that whoever asks can let several decoders take turns. FOLDER holds
// NAME.scores, .offsets, .forward and .backward as float32, little-endian, row by row.
'use strict';

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const tf = require('@tensorflow/tfjs-core');
const posenet = require('@tensorflow-models/posenet/dist/multi_pose/decode_multiple_poses');

const KEYPOINTS = 17;
const EDGES = 16;
const STRIDE = 16;
const folder = process.argv[2];
const opened = new Map();

function buffer(name, part, height, width, channels) {
  const bytes = fs.readFileSync(path.join(folder, `${name}.${part}`));
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return tf.buffer([height, width, channels], 'float32', values);
}

function open(order) {
  if (!opened.has(order.name)) {
    const { name, height, width } = order;
    opened.set(name, [
      buffer(name, 'scores', height, width, KEYPOINTS),
      buffer(name, 'offsets', height, width, 2 * KEYPOINTS),
      buffer(name, 'forward', height, width, 2 * EDGES),
      buffer(name, 'backward', height, width, 2 * EDGES),
    ]);
  }
  return opened.get(order.name);
}

function decode(order) {
  const tensors = open(order);
  const times = [];
  let poses = 0;
  for (let round = 0; round < order.repeats; round++) {
    const begin = process.hrtime.bigint();
    // 10 poses, root score 0.5, suppression within 20 pixels: the package's own defaults but for its 5 poses.
    const found = posenet.decodeMultiplePoses(...tensors, STRIDE, 10, 0.5, 20);
    times.push(Number(process.hrtime.bigint() - begin) / 1e6);
    poses = found.length;
  }
  return { poses, times };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(JSON.stringify(decode(JSON.parse(line))) + '\n');
});
