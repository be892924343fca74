// The WebSocket: reconnects by itself, and knows for how long nothing was heard.

const RETRY = [500, 1000, 2000, 4000, 5000];
// Milliseconds that an open one may say nothing: the state comes every half second.
const SILENCE = 6000;
// And what one may take that is not open yet: a phone at the edge of the network needs seconds.
const CONNECTING = 10000;

export class Live {
  constructor(handlers) {
    this.handlers = handlers;
    this.tries = 0;
    this.since = 0;
    this.socket = null;
    this.isWanted = false;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.isWanted && !this.isOpen) this.connect();
    });
  }

  get isOpen() {
    return this.socket !== null && this.socket.readyState <= WebSocket.OPEN;
  }

  start() {
    this.isWanted = true;
    if (!this.isOpen) this.connect();
  }

  stop() {
    this.isWanted = false;
    clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    this.socket = socket;
    this.since = performance.now();
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.since = performance.now();
      this.tries = 0;
      this.handlers.open();
    };
    socket.onmessage = (message) => {
      if (this.socket !== socket) return;
      this.since = performance.now();
      const data = JSON.parse(message.data);
      this.handlers[data.kind]?.(data);
    };
    socket.onclose = () => this.lose(socket);
  }

  lose(socket) {
    if (this.socket !== socket) return;
    this.socket = null;
    const wait = RETRY[Math.min(this.tries, RETRY.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), wait);
    this.handlers.lost();
  }

  // A phone that slept, or a network that is gone, closes nothing: silence is what tells.
  check() {
    if (this.socket === null) return;
    const patience = this.socket.readyState === WebSocket.OPEN ? SILENCE : CONNECTING;
    if (performance.now() - this.since <= patience) return;
    const socket = this.socket;
    this.lose(socket); // at once: a browser tells of the end when the other side has agreed, or a minute later
    socket.close();
  }
}
