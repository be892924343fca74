// Draws both wrists of up to six people, with a trail. Needs the library oscP5 (Sketch > Import Library).
// Start the sender with: posekit send --for processing
import oscP5.*;

final int PORT = 7000;
final int SLOTS = 6;

OscP5 osc;
// Where each slot's left and right wrist is: x and y from 0 to 1, from the picture's top left, and score.
float[][][] wrists = new float[SLOTS][2][3];
int[] active = new int[SLOTS];

void setup() {
  size(960, 540);
  background(16);
  colorMode(HSB, SLOTS, 1, 1, 1);
  noStroke();
  osc = new OscP5(this, PORT);
}

void draw() {
  fill(0, 0, 0.06, 0.15);
  rect(0, 0, width, height);
  for (int slot = 0; slot < SLOTS; slot++) {
    if (active[slot] == 0) continue;
    for (float[] wrist : wrists[slot]) {
      if (wrist[2] == 0) continue;  // not seen now; it stays where it was
      fill(slot, 0.7, 1);
      circle(wrist[0] * width, wrist[1] * height, 24);
    }
  }
}

// oscP5 calls this in a thread of its own for every message.
void oscEvent(OscMessage message) {
  for (int slot = 0; slot < SLOTS; slot++) {
    String person = "/p" + (slot + 1);
    if (message.checkAddrPattern(person + "/active")) active[slot] = message.get(0).intValue();
    else if (message.checkAddrPattern(person + "/left_wrist")) put(slot, 0, message);
    else if (message.checkAddrPattern(person + "/right_wrist")) put(slot, 1, message);
  }
  if (message.checkAddrPattern("/event/enter")) println("enter: slot " + message.get(0).intValue());
}

void put(int slot, int side, OscMessage message) {
  float[] place = new float[3];
  for (int at = 0; at < 3; at++) place[at] = message.get(at).floatValue();
  wrists[slot][side] = place;
}
