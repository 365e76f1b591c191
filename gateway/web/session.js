/** What is known of one session: its events, applied one after the other. */

/**
 * A session as its stream tells of it. `shots` has the screenshots in the order of their upload: `id`, `number`,
 * `status` (queued, read or failed), `problem`, `bubbles` in reading order. `merging` is true while `process` runs,
 * `grown` where screenshots have come since it last completed.
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
    return this.shots.reduce((sum, shot) => sum + shot.bubbles.length, 0);
  }

  /** As before the first event. */
  forget() {
    this.known = new Map();
    this.merging = false;
    this.grown = false;
  }

  /**
   * Applies one event and returns what it means for who shows the session: `shot` and `bubble` that have changed,
   * `merged` or `failed` (a problem) where a run of `process` has ended. Event types that are not known mean nothing.
   */
  apply(type, data) {
    switch (type) {
      case "screenshot.accepted":
        return { shot: this.accepted(data.screenshot) };
      case "bubble.read":
        return this.bubbleRead(data);
      case "screenshot.read":
        return this.settled(data.screenshot_id, "read", null);
      case "screenshot.failed":
        return this.settled(data.screenshot_id, "failed", data.problem.detail);
      case "session.processing":
        this.merging = true;
        return {};
      case "session.completed":
        this.merging = false;
        this.grown = false;
        return { merged: true };
      case "session.failed":
        this.merging = false;
        return { failed: data.problem };
      default:
        return {};
    }
  }

  accepted({ screenshot_id: id, upload_order: number }) {
    if (!this.known.has(id)) {
      this.grown = true;
      this.known.set(id, { id, number, status: "queued", problem: null, bubbles: [] });
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
    return { shot, bubble };
  }

  settled(id, status, problem) {
    const shot = this.known.get(id);
    if (shot === undefined) {
      return {};
    }
    Object.assign(shot, { status, problem });
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
