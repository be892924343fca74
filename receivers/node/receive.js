// Prints where the first person's left wrist is: node receive.js [PORT]. Needs nothing but Node.
//
// It hears `posekit send --osc 7000,layout=packed`, whose packets are OSC 1.0 bundles of ints and floats.
'use strict';
const dgram = require('node:dgram');

const port = Number(process.argv[2] ?? 7000);

// An OSC string ends with at least one zero byte and is filled up to a multiple of four.
function readString(packet, at) {
  const end = packet.indexOf(0, at);
  if (end < 0) throw new RangeError('a string without an end');
  return [packet.toString('ascii', at, end), (end & ~3) + 4];
}

// Calls `hear(address, values)` for every message of a packet, however deep its bundles are.
function read(packet, hear) {
  if (packet.toString('ascii', 0, 8) === '#bundle\0') {
    for (let at = 16; at < packet.length; ) { // after the name and the time tag
      const size = packet.readInt32BE(at);
      if (size <= 0 || at + 4 + size > packet.length) throw new RangeError('a part beyond the packet');
      read(packet.subarray(at + 4, at + 4 + size), hear);
      at += 4 + size;
    }
    return;
  }
  const [address, tagsAt] = readString(packet, 0);
  const [tags, first] = readString(packet, tagsAt);
  let at = first;
  const values = [];
  for (const tag of tags.slice(1)) {
    if (tag === 'i') values.push(packet.readInt32BE(at));
    else if (tag === 'f') values.push(packet.readFloatBE(at));
    else throw new RangeError(`a value of type ${tag}, which posekit does not send unless it is asked to`);
    at += 4;
  }
  hear(address, values);
}

const socket = dgram.createSocket('udp4');
let undecodable = 0;
socket.on('message', (packet) => {
  try {
    read(packet, (address, values) => {
      if (address === '/p1/left_wrist') {
        const [x, y, score] = values.map((value) => value.toFixed(6));
        console.log(`${address} ${x} ${y} ${score}`);
      } else if (address.startsWith('/event/')) {
        const [slot, person, value] = values;
        console.log(`${address} slot ${slot} person ${person} value ${value.toFixed(2)}`);
      }
    });
  } catch (error) {
    undecodable += 1; // somebody else's packet must not end the show
    console.log(`packet ${undecodable} that is no OSC of posekit's: ${error.message}`);
  }
});
socket.bind(port, '127.0.0.1', () => console.log(`listening at port ${port}; end with Ctrl-C`));
