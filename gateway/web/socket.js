/** The one websocket of the page: connects, resumes every stream where it was, and carries requests. */

import { Refusal } from "./api.js";
import { Following } from "./following.js";
import { texts } from "./texts.js";

const PROTOCOL = "tokstream.v1.json";
const FIRST_PAUSE = 0.5;
const LONGEST_PAUSE = 15;
const SLACK = 5;
const OPEN_SECONDS = 15;

export class Connection {
  /** `token()` resolves to what to connect with; what it throws says in `temporary` whether trying again can help. */
  constructor(token) {
    this.token = token;
    this.followings = new Map();
    this.leaving = new Map();
    this.requests = new Map();
    this.numbers = 0;
    this.failures = 0;
    this.attempt = 0;
    this.opening = false;
    this.socket = null;
    this.silence = OPEN_SECONDS;
    this.timers = new Map();
    addEventListener("online", () => this.retryNow());
  }

  /** Follows a stream that is not followed yet. The websocket is open as long as there is one. */
  follow(stream, told) {
    const following = new Following(this, stream, told);
    this.followings.set(stream, following);
    told.state("connecting");
    if (this.isOpen) {
      this.join(following);
    } else if (this.socket === null && !this.opening) {
      this.stopTimer("retry");
      this.open();
    }
    return following;
  }

  leave(following) {
    if (this.followings.get(following.stream) !== following) {
      return;
    }
    this.followings.delete(following.stream);
    if (this.followings.size === 0) {
      this.drop();
    } else if (following.asked !== null) {
      // Until the service has let go of the stream it takes no other subscription of it.
      this.leaving.set(this.send({ type: "unsubscribe", stream: following.stream }), following.stream);
    }
  }

  /** Resolves to the answer. Throws what was refused; where the connection goes first it is temporary. */
  request(message) {
    if (!this.isOpen) {
      return Promise.reject(new Refusal({ status: 0, detail: texts.notConnected }));
    }
    return new Promise((resolve, reject) => this.requests.set(this.send(message), { resolve, reject }));
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  // ── Opening, and the streams ────────────────────────────────────────────────────────────────────────────────────

  async open() {
    this.attempt += 1;
    const attempt = this.attempt;
    this.opening = true;
    let token;
    try {
      await Promise.all([...this.followings.values()].map((one) => this.isThere(one)));
      token = this.followings.size === 0 ? null : await this.token();
    } catch (error) {
      if (attempt === this.attempt) {
        this.failed(error);
      }
      return;
    }
    if (attempt !== this.attempt) {
      return;
    }
    this.opening = false;
    if (this.followings.size === 0) {
      return;
    }
    const address = new URL("ws", document.baseURI);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.listen(new WebSocket(address, [PROTOCOL]), token);
  }

  listen(socket, token) {
    this.socket = socket;
    this.expect(OPEN_SECONDS);
    socket.onopen = () => {
      this.send(token === null ? { type: "connect" } : { type: "connect", token });
      for (const following of this.followings.values()) {
        this.subscribe(following);
      }
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

  /** Whether a stream may be followed; one that may not has ended. Throws where that cannot be told now. */
  async isThere(following) {
    try {
      await following.told.check?.();
    } catch (error) {
      if (error.temporary) {
        throw error;
      }
      this.end(following, error.message);
      return false;
    }
    return true;
  }

  /** Takes a stream into the connection that there is. */
  async join(following) {
    const socket = this.socket;
    try {
      await this.isThere(following);
    } catch {
      if (this.socket === socket) {
        this.drop();
        this.lost(false);
      }
      return;
    }
    if (this.socket === socket && following.asked === null) {
      this.subscribe(following);
    }
  }

  subscribe(following) {
    const { stream, cursor } = following;
    if (this.followings.get(stream) !== following || [...this.leaving.values()].includes(stream)) {
      return;
    }
    following.asked = this.send({ type: "subscribe", stream, ...(cursor === null ? {} : { since: cursor }) });
  }

  left(id) {
    const stream = this.leaving.get(id);
    this.leaving.delete(id);
    const following = this.followings.get(stream);
    if (following !== undefined && following.asked === null) {
      this.subscribe(following);
    }
  }

  end(following, detail) {
    if (this.followings.get(following.stream) === following) {
      following.asked = null;
      this.leave(following);
      following.end(detail);
    }
  }

  // ── What the service says ───────────────────────────────────────────────────────────────────────────────────────

  receive(message) {
    this.expect(this.silence);
    const following = this.followings.get(message.stream);
    switch (message.type) {
      case "connected":
        // The server pings after this much silence of ours, so that it says something at least that often.
        this.silence = message.ping + message.pong + SLACK;
        break;
      case "subscribed":
        if (following?.asked === message.id) {
          this.failures = 0;
          following.begin(message);
        }
        break;
      case "event":
        if (following !== undefined && following.asked !== null) {
          following.deliver(message.epoch, message.seq, message.event, message.data);
        }
        break;
      case "ping":
        this.send({ type: "pong" });
        break;
      case "unsubscribed":
        if (this.leaving.has(message.id)) {
          this.left(message.id);
        } else if (following !== undefined) {
          this.end(following, null);
        }
        break;
      case "accepted":
      case "cancelled":
        this.requests.get(message.id)?.resolve(message);
        this.requests.delete(message.id);
        break;
      case "error":
        this.refused(message);
        break;
    }
  }

  refused({ id, error }) {
    const following = [...this.followings.values()].find((one) => one.asked !== null && one.asked === id);
    if (this.requests.has(id)) {
      this.requests.get(id).reject(new Refusal(error));
      this.requests.delete(id);
    } else if (this.leaving.has(id)) {
      this.left(id);
    } else if (following !== undefined && error.temporary) {
      this.drop();
      this.lost(false);
    } else if (following !== undefined) {
      this.end(following, error.detail);
    }
    // Whatever else is refused ends with the server closing, which says whether to come back.
  }

  // ── Losing it, and coming back ──────────────────────────────────────────────────────────────────────────────────

  failed(error) {
    this.drop();
    if (error.temporary) {
      this.lost(false);
      return;
    }
    for (const following of [...this.followings.values()]) {
      this.end(following, error.message);
    }
  }

  lost(final) {
    for (const following of this.followings.values()) {
      following.told.state(final ? "stopped" : "reconnecting");
    }
    if (final || this.followings.size === 0) {
      return;
    }
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

  /** Returns the id of the message. */
  send(message) {
    this.numbers += 1;
    const id = `${message.type}-${this.numbers}`;
    this.socket?.send(JSON.stringify(message.type === "pong" ? message : { ...message, id }));
    return id;
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.opening = false;
    this.attempt += 1;
    this.stopTimer("silence");
    this.stopTimer("retry");
    this.leaving.clear();
    for (const following of this.followings.values()) {
      following.asked = null;
    }
    for (const { reject } of this.requests.values()) {
      reject(new Refusal({ status: 0, detail: texts.connectionLost }));
    }
    this.requests.clear();
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
