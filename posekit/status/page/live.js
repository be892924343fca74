// The WebSocket: reconnects by itself, and knows for how long nothing was heard.

const RETRY = [500, 1000, 2000, 4000, 5000];

export class Live {
  constructor(handlers) {
    this.handlers = handlers;
    this.tries = 0;
    this.heard = 0;
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
    this.socket?.close();
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    this.socket = socket;
    socket.onopen = () => {
      this.tries = 0;
      this.handlers.open();
    };
    socket.onmessage = (message) => {
      this.heard = performance.now();
      const data = JSON.parse(message.data);
      this.handlers[data.kind]?.(data);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.handlers.lost();
      if (!this.isWanted) return;
      const wait = RETRY[Math.min(this.tries, RETRY.length - 1)];
      this.tries += 1;
      this.timer = setTimeout(() => this.connect(), wait);
    };
  }

  // A phone that slept, or a network that is gone, closes nothing: silence is what tells.
  check() {
    if (this.isOpen && this.heard && performance.now() - this.heard > 6000) this.socket.close();
  }
}
