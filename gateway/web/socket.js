/** One stream over the websocket: connects, resumes where it was, and says how it stands. */

const PROTOCOL = "tokstream.v1.json";
const FIRST_PAUSE = 0.5;
const LONGEST_PAUSE = 15;
const SLACK = 5;
const OPEN_SECONDS = 15;

/**
 * Follows a stream from its beginning until `close()`.
 *
 * `told` has functions: `event(type, data)` for each event, once and in order; `restart()` where the stream is to be
 * forgotten because its events come anew from the first; `state(name)` with connecting, live, reconnecting or stopped;
 * `gone(detail)` where the stream cannot be followed any more, with null where it was deleted. `token()` resolves to
 * what to connect with; what it throws says in `temporary` whether trying again can help.
 */
export class Follower {
  constructor(stream, token, told) {
    this.stream = stream;
    this.token = token;
    this.told = told;
    this.cursor = null;
    this.failures = 0;
    this.closed = false;
    this.socket = null;
    this.silence = OPEN_SECONDS;
    this.timers = new Map();
    this.hurry = () => this.retryNow();
    addEventListener("online", this.hurry);
    this.told.state("connecting");
    this.open();
  }

  close() {
    this.closed = true;
    removeEventListener("online", this.hurry);
    this.drop();
  }

  async open() {
    let token;
    try {
      token = await this.token();
    } catch (error) {
      if (error.temporary) {
        this.lost(false);
      } else if (!this.closed) {
        this.end(error.message);
      }
      return;
    }
    if (this.closed) {
      return;
    }
    const address = new URL("ws", document.baseURI);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, [PROTOCOL]);
    this.socket = socket;
    this.expect(OPEN_SECONDS);
    socket.onopen = () => {
      this.send(token === null ? { type: "connect", id: "connect" } : { type: "connect", id: "connect", token });
      const since = this.cursor === null ? {} : { since: this.cursor };
      this.send({ type: "subscribe", id: "subscribe", stream: this.stream, ...since });
    };
    socket.onmessage = ({ data }) => {
      for (const message of [JSON.parse(data)].flat()) {
        if (this.socket === socket) {
          this.receive(message);
        }
      }
    };
    socket.onclose = ({ code }) => {
      if (this.socket === socket) {
        this.drop();
        this.lost(isFinal(code));
      }
    };
  }

  receive(message) {
    this.expect(this.silence);
    switch (message.type) {
      case "connected":
        // The server pings after this much silence of ours, so that it says something at least that often.
        this.silence = message.ping + message.pong + SLACK;
        break;
      case "subscribed":
        this.begin(message);
        break;
      case "event":
        this.deliver(message.epoch, message.seq, message.event, message.data);
        break;
      case "ping":
        this.send({ type: "pong" });
        break;
      case "unsubscribed":
        this.end(null);
        break;
      case "error":
        this.refused(message);
        break;
    }
  }

  begin({ recovered, events }) {
    if (!recovered) {
      this.cursor = null;
      this.told.restart();
    }
    for (const event of events) {
      this.deliver(event.epoch, event.seq, event.type, event.data);
    }
    this.failures = 0;
    this.told.state("live");
  }

  deliver(epoch, seq, type, data) {
    if (this.cursor !== null && this.cursor.epoch === epoch && seq <= this.cursor.seq) {
      return;
    }
    this.cursor = { epoch, seq };
    this.told.event(type, data);
  }

  refused({ id, error }) {
    if (id === "subscribe" && !error.temporary) {
      this.end(error.detail);
    } else if (id === "subscribe") {
      this.drop();
      this.lost(false);
    }
    // Whatever else is refused ends with the server closing, which says whether to come back.
  }

  end(detail) {
    this.close();
    this.told.state("stopped");
    this.told.gone(detail);
  }

  lost(final) {
    if (this.closed) {
      return;
    }
    if (final) {
      this.told.state("stopped");
      return;
    }
    this.told.state("reconnecting");
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures);
    this.failures += 1;
    // Spread out, so that the clients of a gateway that restarts do not come back all at once.
    this.after("retry", longest * (0.5 + Math.random() / 2), () => this.open());
  }

  retryNow() {
    if (this.timers.has("retry")) {
      this.stopTimer("retry");
      this.open();
    }
  }

  /** A server that says nothing for this long is taken for dead: a cable that was pulled closes no socket. */
  expect(seconds) {
    this.after("silence", seconds, () => {
      this.drop();
      this.lost(false);
    });
  }

  send(message) {
    this.socket?.send(JSON.stringify(message));
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.stopTimer("silence");
    this.stopTimer("retry");
    socket?.close();
  }

  after(name, seconds, act) {
    this.stopTimer(name);
    const timer = setTimeout(() => {
      this.timers.delete(name);
      act();
    }, seconds * 1000);
    this.timers.set(name, timer);
  }

  stopTimer(name) {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

/** Codes 3500–3999 and 4500–4999 say that coming back cannot help. */
function isFinal(code) {
  return (code >= 3500 && code < 4000) || code >= 4500;
}
