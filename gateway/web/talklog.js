/** A conversation on the page: what was said, and the reply that is being written. */

import { bubbleElement } from "./bubbles.js";
import { element } from "./elements.js";
import { evaluationOf, judgementElement } from "./judgement.js";
import { texts } from "./texts.js";

const NEAR_THE_END = 80;

export class TalkLog {
  /** `log` is the element that scrolls, `latest` the button that leads to its end, `again(said)` sends once more what
   * was not sent. */
  constructor(log, latest, again) {
    this.log = log;
    this.latest = latest;
    this.again = again;
    this.rows = new Map();
    this.changed = new Set();
    this.frame = null;
    this.name = "";
    this.sticks = true;
    log.addEventListener("scroll", () => this.scrolled());
    latest.addEventListener("click", () => {
      this.toEnd();
      log.focus();
    });
  }

  /** An empty conversation, or none. `name` is that of the other side. */
  clear(hint, name = "") {
    this.rows.clear();
    this.changed.clear();
    this.name = name;
    this.turns = element("div", {});
    this.waiting = element("div", {});
    this.hint = element("p", { class: "empty", hidden: hint === "" }, hint);
    this.log.replaceChildren(this.hint, this.turns, this.waiting);
    this.toEnd();
  }

  /** Shows a turn as it stands; however often it changes, it is drawn once a frame. */
  show(turn) {
    this.changed.add(turn);
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  /** What was sent and has not begun. */
  showWaiting(waiting) {
    this.hint.hidden ||= waiting.length > 0;
    this.waiting.replaceChildren(...waiting.map((said) => this.waitingElement(said)));
    this.stick();
  }

  toEnd() {
    this.sticks = true;
    this.stick();
  }

  draw() {
    this.frame = null;
    for (const turn of this.changed) {
      const row = this.rows.get(turn.task) ?? this.row(turn);
      row.draw(turn, this.name);
    }
    this.hint.hidden ||= this.changed.size > 0;
    this.changed.clear();
    this.stick();
  }

  row(turn) {
    const row = new Row();
    this.rows.set(turn.task, row);
    this.turns.append(row.place);
    return row;
  }

  waitingElement(said) {
    const state = said.task === null ? texts.sending : texts.waitingTurn;
    const place = ownElement(said.text);
    place.append(
      said.why === null
        ? element("p", { class: "state" }, state)
        : element(
            "p",
            { class: "state problem", role: "alert" },
            `${texts.notSent(said.why)} `,
            element("button", { type: "button", onclick: () => this.again(said) }, texts.sendAgain),
          ),
    );
    return place;
  }

  stick() {
    if (this.sticks) {
      this.log.scrollTop = this.log.scrollHeight;
    }
    this.scrolled();
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    this.sticks = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    this.latest.hidden = this.sticks;
  }
}

/** One turn: what the user said with its judgement, and the reply. */
class Row {
  constructor() {
    this.own = null;
    this.judged = null;
    this.sender = element("p", { class: "sender" });
    this.words = document.createTextNode("");
    this.bubble = element(
      "div",
      { class: "bubble text" },
      element("span", { class: "visually-hidden" }),
      element("span", { class: "words", dir: "auto" }, this.words),
    );
    this.marks = element("div", { class: "beside" });
    this.state = element("p", { class: "state problem", hidden: true });
    this.reply = element(
      "div",
      { class: "message theirs", hidden: true },
      this.sender,
      element("div", { class: "line" }, this.bubble, this.marks),
      this.state,
    );
    this.place = element("div", { class: "turn" }, this.reply);
  }

  draw(turn, name) {
    if (this.own === null && turn.said !== null) {
      this.own = ownElement(turn.said);
      this.place.prepend(this.own);
    }
    if (turn.evaluation !== this.judged && this.own !== null) {
      this.judged = turn.evaluation;
      this.own.append(judgementElement(evaluationOf(turn.evaluation)));
    }
    if (turn.reply === null) {
      return;
    }
    const { text } = turn.reply;
    const speaker = turn.model ?? name;
    const isWriting = turn.state === "writing";
    this.reply.hidden = false;
    this.sender.textContent = speaker;
    this.bubble.firstElementChild.textContent = isWriting && text === "" ? texts.writing : `${speaker}: `;
    if (this.words.data !== text) {
      this.words.data = text;
    }
    this.bubble.classList.toggle("writing", isWriting);
    this.bubble.hidden = text === "" && !isWriting;
    this.reply.dataset.state = turn.state;
    this.marks.replaceChildren(...marksOf(turn).map((mark) => element("span", { class: "mark" }, mark)));
    this.state.hidden = turn.problem === null;
    this.state.textContent = turn.problem === null ? "" : texts.replyFailed(turn.problem.detail);
  }
}

function marksOf(turn) {
  if (turn.state === "cancelled") {
    return [texts.replyStopped];
  }
  return turn.finish === "length" ? [texts.replyCut] : [];
}

function ownElement(text) {
  const message = { text, kind: "text", speaker: "user", sender: null, sent_at: null };
  return bubbleElement(message, null, []);
}
