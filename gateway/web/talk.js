/** What is known of one conversation: its events, applied one after the other. */

import { Fold } from "./fold.js";

const ENDS = { "message.completed": "completed", "message.failed": "failed", "message.cancelled": "cancelled" };

/**
 * A conversation as its stream tells of it. `turns` has what was spoken, in order: `task`, `said` by the user (null
 * where the other side opens), `reply` (a Fold, null before it begins), `state` (writing, completed, failed or
 * cancelled), `evaluation`, `problem`, `model`, `finish`.
 *
 * `waiting` has what this page has sent and the stream has not told of yet: `text`, `task` once it is accepted, `why`
 * where it was not.
 */
export class Talk {
  constructor(id) {
    this.id = id;
    this.waiting = [];
    this.forget();
  }

  get stream() {
    return `conversation:${this.id}`;
  }

  get turns() {
    return [...this.known.values()];
  }

  /** Whether a reply is being written, or a turn waits for its own. */
  get isRunning() {
    return this.turns.some((turn) => turn.state === "writing") || this.waiting.some((one) => one.task !== null);
  }

  /** As before the first event. What waits still waits. */
  forget() {
    this.known = new Map();
  }

  /** Applies one event; returns the turn that it is about, null for any other. */
  apply(type, data) {
    if (type === "message.created") {
      return this.created(data);
    }
    const turn = this.known.get(data.task_id);
    if (turn === undefined) {
      // It was stopped, or has failed, before its turn came.
      return type in ENDS ? this.ended(this.begun(data), type, data) : null;
    }
    if (type === "message.delta") {
      turn.reply ??= new Fold();
      turn.reply.apply(data.offset, data.text);
      return turn;
    }
    return type in ENDS ? this.ended(turn, type, data) : null;
  }

  /** Something that the person has just said. */
  say(text) {
    const said = { text, task: null, why: null };
    this.waiting.push(said);
    return said;
  }

  /** The service has taken it on. */
  accepted(said, task) {
    said.task = task;
    if (this.known.has(task)) {
      this.drop(said);
    }
  }

  /** The service says that this turn waits, wherever it came from. */
  waits(task, text) {
    if (!this.known.has(task) && !this.waiting.some((one) => one.task === task)) {
      this.dropUnsure(text);
      this.waiting.push({ text, task, why: null });
    }
  }

  /** Something whose answer got lost was taken on after all. */
  dropUnsure(text) {
    this.drop(this.waiting.find((one) => one.why !== null && one.text === text));
  }

  drop(said) {
    this.waiting = this.waiting.filter((one) => one !== said);
  }

  created(data) {
    const turn = this.known.get(data.task_id) ?? this.begun(data);
    if (data.role === "user") {
      turn.said = data.content;
      this.dropUnsure(data.content);
    } else {
      turn.reply ??= new Fold();
      turn.model = data.model;
    }
    return turn;
  }

  begun({ task_id: task }) {
    const said = this.waiting.find((one) => one.task === task);
    const turn = { task, said: said?.text ?? null, reply: null, state: "writing" };
    Object.assign(turn, { evaluation: null, problem: null, model: null, finish: null });
    this.known.set(task, turn);
    this.drop(said);
    return turn;
  }

  ended(turn, type, data) {
    turn.state = ENDS[type];
    turn.reply ??= new Fold();
    turn.reply.set(data.content);
    turn.evaluation = data.evaluation ?? null;
    turn.problem = data.problem ?? null;
    turn.model = data.model ?? turn.model;
    turn.finish = data.finish_reason ?? null;
    return turn;
  }
}
