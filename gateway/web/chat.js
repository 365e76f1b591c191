/** The conversation: bubbles as they are read, screenshot by screenshot, or the merged messages. */

import { boxName, bubbleElement, dividerElement, shotName } from "./bubbles.js";
import { element } from "./elements.js";
import { judgementElement, judgementOf } from "./judgement.js";
import { gapPlaces } from "./session.js";
import { texts } from "./texts.js";

const NEAR_THE_END = 80;

export class Chat {
  /**
   * `log` is the element that scrolls. `light(names)` lights up the boxes on the screenshots that the bubble under the
   * pointer was read from, `reveal(names)` brings them into view.
   */
  constructor(log, light, reveal) {
    this.log = log;
    this.parts = new Map();
    this.rows = new Map();
    log.addEventListener("pointerover", ({ target }) => light(boxesOf(target)));
    log.addEventListener("pointerleave", () => light([]));
    log.addEventListener("click", ({ target }) => reveal(boxesOf(target)));
  }

  showHint(text) {
    this.forget();
    this.log.replaceChildren(element("p", { class: "empty" }, text));
  }

  /** All that was read so far. */
  showLive(session) {
    this.forget();
    this.log.replaceChildren();
    for (const shot of session.shots) {
      this.showShot(shot);
    }
    if (session.shots.length === 0) {
      this.showHint(texts.empty);
    }
    this.toEnd();
  }

  /** One screenshot as read by now. */
  showShot(shot) {
    const follow = this.isAtEnd();
    const part = this.part(shot);
    const bubbles = shot.bubbles.map((bubble, place) =>
      bubbleElement(bubble, place === 0 ? null : shot.bubbles[place - 1], [boxName(shot.id, bubble.order)]),
    );
    // What stands there already stays, so that only what is new fades in and is read out.
    const shown = part.children.length - 1;
    if (shot.exported) {
      part.firstElementChild.firstElementChild.textContent = `${shotName(shot)} · ${texts.exported(shot.count)}`;
    }
    if (bubbles.length >= shown && sameBoxes(part, bubbles, shown)) {
      part.append(...bubbles.slice(shown));
    } else {
      part.replaceChildren(part.firstElementChild, ...bubbles);
    }
    if (follow) {
      this.toEnd();
    }
  }

  /** The merged messages, gaps, judgements and all. */
  showMerged(messages, mergeInfo) {
    this.forget();
    const gaps = gapPlaces(messages, mergeInfo);
    const rows = messages.flatMap((message, place) => {
      const isAfterGap = gaps.has(place);
      const before = place === 0 || isAfterGap ? null : messages[place - 1];
      const boxes = message.sources.map((source) => boxName(source.screenshot_id, source.order));
      const bubble = bubbleElement(message, before, boxes);
      this.rows.set(message.message_id, bubble);
      const judgement = judgementOf(message);
      if (judgement !== null) {
        bubble.append(judgementElement(judgement));
      }
      return isAfterGap ? [dividerElement(texts.gap, "gap"), bubble] : [bubble];
    });
    this.log.replaceChildren(...rows);
    if (messages.length === 0) {
      this.showHint(texts.emptyTranscript);
    }
    this.log.scrollTop = 0;
  }

  /** Shows what is said of a merged message (its five AI fields) below it. */
  judge(judged) {
    const row = this.rows.get(judged.message_id);
    const judgement = judgementOf(judged);
    if (row === undefined) {
      return;
    }
    const follow = this.isAtEnd();
    row.querySelector(".judgement")?.remove();
    if (judgement !== null) {
      row.append(judgementElement(judgement));
    }
    if (follow) {
      this.toEnd();
    }
  }

  forget() {
    this.parts.clear();
    this.rows.clear();
  }

  part(shot) {
    let part = this.parts.get(shot.id);
    if (part === undefined) {
      if (this.parts.size === 0) {
        this.log.replaceChildren();
      }
      part = element("div", { class: "part" }, dividerElement(shotName(shot), "shot"));
      this.parts.set(shot.id, part);
      this.log.append(part);
    }
    return part;
  }

  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }
}

function boxesOf(target) {
  return target.closest("[data-boxes]")?.dataset.boxes.split(" ") ?? [];
}

function sameBoxes(part, bubbles, count) {
  return bubbles.slice(0, count).every((bubble, place) => {
    return bubble.dataset.boxes === part.children[place + 1].dataset.boxes;
  });
}
