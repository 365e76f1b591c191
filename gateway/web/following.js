/** One stream that the page follows: where it is, and what is told of it. */

import { Refusal } from "./api.js";
import { texts } from "./texts.js";

/**
 * Follows a stream from its beginning until `close()`. Connection.follow makes it.
 *
 * `told` has functions: `check()`, optional, resolves where the stream may be followed, and what it throws says in
 * `temporary` whether trying again can help; `event(type, data)` for each event, once and in order; `restart()` where
 * the stream is to be forgotten because its events come anew from the first; `state(name)` with connecting, live,
 * reconnecting or stopped; `gone(detail)` where the stream cannot be followed any more, with null where it was deleted.
 */
export class Following {
  constructor(connection, stream, told) {
    this.connection = connection;
    this.stream = stream;
    this.told = told;
    this.cursor = null;
    /** The id of the request to subscribe, on the socket that there is now. */
    this.asked = null;
  }

  close() {
    this.connection.leave(this);
  }

  /** Has the service do something in this stream. Resolves to what was accepted; throws where it was not, or where
   * that cannot be known because the connection went. */
  command(name, data) {
    return this.connection.request({ type: "command", stream: this.stream, name, data });
  }

  /** Has what is under way in this stream stopped. */
  cancel() {
    return this.connection.request({ type: "cancel", stream: this.stream });
  }

  // ── For the connection ──────────────────────────────────────────────────────────────────────────────────────────

  begin({ recovered, events }) {
    if (!recovered) {
      this.cursor = null;
      this.told.restart();
    }
    for (const event of events) {
      this.deliver(event.epoch, event.seq, event.type, event.data);
    }
    this.told.state("live");
  }

  deliver(epoch, seq, type, data) {
    if (this.cursor !== null && this.cursor.epoch === epoch && seq <= this.cursor.seq) {
      return;
    }
    this.cursor = { epoch, seq };
    this.told.event(type, data);
  }

  end(detail) {
    this.told.state("stopped");
    this.told.gone(detail);
  }
}

/** Resolves to the result of a task whose end is told on `stream`; throws a Refusal where it has failed. */
export function outcome(connection, stream) {
  return new Promise((resolve, reject) => {
    const ended = (settle, value) => {
      following.close();
      settle(value);
    };
    const following = connection.follow(stream, {
      event: (type, data) => {
        if (type === "task.completed") {
          ended(resolve, data.result);
        } else if (type === "task.failed") {
          ended(reject, new Refusal(data.problem));
        }
      },
      restart: () => {},
      state: () => {},
      gone: (detail) => reject(new Refusal({ status: 404, detail: detail ?? texts.taskGone })),
    });
  });
}
