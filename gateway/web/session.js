/** What is known of one session: its events, applied one after the other. */

/**
 * A session as its stream tells of it. `shots` has the screenshots in the order of their upload: `id`, `number`,
 * `status` (queued, read or failed), `problem`, `bubbles` in reading order; of a chat export, which is `exported`, no
 * bubbles are told, only their `count`. `merging` is true while `process` runs, `grown` where screenshots have come
 * since it last completed.
 *
 * `analysis` is the run that judges the own messages now, how many it has to and how many it has (`all`, `done`), or
 * null; `judgements` has the AI fields that were told of the messages that were merged last, by message id. `isFresh` is true while
 * those are not the messages that the service shows: it does once the run ends. `isUnjudged`: the last run has failed
 * where it judged, so the messages are there and can be judged again.
 */
export class Session {
  constructor(id) {
    this.id = id;
    this.forget();
  }

  get stream() {
    return `session:${this.id}`;
  }

  get shots() {
    return [...this.known.values()].sort((one, other) => one.number - other.number);
  }

  get bubbles() {
    return this.shots.reduce((sum, shot) => sum + shot.count, 0);
  }

  /** As before the first event. */
  forget() {
    this.known = new Map();
    this.merging = false;
    this.grown = false;
    this.analysis = null;
    this.judgements = new Map();
    this.isFresh = false;
    this.isUnjudged = false;
  }

  /**
   * Applies one event and returns what it means for who shows the session: `shot` and `bubble` that have changed,
   * `judged`, the id and the AI fields of a message, `begun` where a run has begun, `merged` where there are
   * messages to get, `failed` (a problem) where a run has failed. Event types that are not known mean nothing.
   */
  apply(type, data) {
    switch (type) {
      case "screenshot.accepted":
        return { shot: this.accepted(data.screenshot) };
      case "bubble.read":
        return this.bubbleRead(data);
      case "screenshot.read":
        return this.settled(data.screenshot_id, "read", null, data.bubbles);
      case "screenshot.failed":
        return this.settled(data.screenshot_id, "failed", data.problem.detail);
      case "session.processing":
        this.merging = true;
        this.isUnjudged = false;
        return { begun: true };
      case "session.merged":
        this.judgements.clear();
        this.isFresh = true;
        return {};
      case "session.analyzing":
        this.analysis = { task: data.task_id, all: data.own_messages, done: 0 };
        this.isUnjudged = false;
        return { begun: true };
      case "message.analyzed":
        return this.judged(data);
      case "session.completed":
        this.merging = false;
        this.grown = false;
        this.ended();
        return { merged: true };
      case "session.failed":
        this.merging = false;
        return this.failed(data);
      default:
        return {};
    }
  }

  judged({ task_id: task, order: _, ...judged }) {
    this.judgements.set(judged.message_id, judged);
    if (this.analysis?.task === task) {
      this.analysis.done += 1;
      this.analysis.last = judged;
    }
    return { judged };
  }

  failed({ task_id: task, problem }) {
    const wasMerged = this.isFresh;
    const wasJudging = wasMerged || this.analysis?.task === task;
    this.isUnjudged ||= wasJudging;
    this.grown &&= !wasMerged;
    this.ended();
    return { failed: problem, merged: wasJudging };
  }

  ended() {
    this.analysis = null;
    this.isFresh = false;
  }

  accepted({ screenshot_id: id, upload_order: number, processed: exported }) {
    if (!this.known.has(id)) {
      this.grown = true;
      this.known.set(id, { id, number, exported, status: "queued", problem: null, bubbles: [], count: 0 });
    }
    return this.known.get(id);
  }

  bubbleRead({ screenshot_id: id, bubble }) {
    const shot = this.known.get(id);
    if (shot === undefined) {
      return {};
    }
    const after = shot.bubbles.findIndex((one) => one.order >= bubble.order);
    if (after >= 0 && shot.bubbles[after].order === bubble.order) {
      shot.bubbles[after] = bubble;
    } else {
      shot.bubbles.splice(after < 0 ? shot.bubbles.length : after, 0, bubble);
    }
    shot.count = shot.bubbles.length;
    return { shot, bubble };
  }

  settled(id, status, problem, count = 0) {
    const shot = this.known.get(id);
    if (shot === undefined) {
      return {};
    }
    Object.assign(shot, { status, problem });
    shot.count = Math.max(count, shot.bubbles.length);
    return { shot };
  }
}

/**
 * The places in merged messages before which nothing proves that none is missing: where the first message of a
 * screenshot stands that was appended without proof.
 */
export function gapPlaces(messages, mergeInfo) {
  const steps = mergeInfo?.merge_history ?? [];
  const open = new Set(steps.filter((step) => step.gap).map((step) => step.right_screenshot_id));
  const places = new Set();
  messages.forEach((message, place) => {
    if (open.delete(message.screenshot_id) && place > 0) {
      places.add(place);
    }
  });
  return places;
}
