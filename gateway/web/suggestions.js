/** What the person could say next: three replies, each to be copied. */

import { byId, element } from "./elements.js";
import { impactText } from "./judgement.js";
import { texts } from "./texts.js";

const STYLES = ["공감형", "해결형", "관계형"];
const COPIED_SECONDS = 2;

export class Suggestions {
  /** `ask()` resolves to the suggestions for what is shown; what it throws is told by `problem(text)`. */
  constructor(ask, problem) {
    this.ask = ask;
    this.problem = problem;
    this.button = byId("suggest");
    this.place = byId("suggestions");
    this.list = byId("suggestion-list");
    this.turn = 0;
    this.running = false;
    this.button.addEventListener("click", () => this.running || this.run());
  }

  /** Forgets what was suggested, and what is being thought of. */
  clear() {
    this.turn += 1;
    this.place.hidden = true;
    this.list.replaceChildren();
    this.show(false);
  }

  async run() {
    this.clear();
    const turn = this.turn;
    this.show(true);
    try {
      const suggestions = await this.ask();
      if (turn === this.turn) {
        this.list.replaceChildren(...suggestions.map(suggestionElement));
        this.place.hidden = false;
        this.place.scrollIntoView({ block: "nearest" });
      }
    } catch (error) {
      if (turn === this.turn) {
        this.problem(error.message);
      }
    }
    if (turn === this.turn) {
      this.show(false);
    }
  }

  show(busy) {
    this.running = busy;
    // Not disabled: the button keeps the focus of who pressed it.
    this.button.setAttribute("aria-disabled", String(busy));
    this.button.textContent = busy ? texts.suggesting : texts.suggest;
  }
}

function suggestionElement({ style, text, expected_impact: impact, explanation }) {
  const name = STYLES.includes(style) ? texts[style] : style;
  const copy = element(
    "button",
    { type: "button", "aria-label": texts.copyOne(name), onclick: () => copyFrom(copy, said) },
    texts.copy,
  );
  const said = element("p", { class: "said", dir: "auto" }, text);
  return element(
    "li",
    { class: "suggestion" },
    element("div", { class: "heading" }, element("h4", {}, name), element("span", { class: "impact" }, impactText(impact))),
    said,
    element("p", { class: "why", dir: "auto" }, explanation),
    copy,
  );
}

async function copyFrom(button, place) {
  if (await copied(place)) {
    button.textContent = texts.copied;
    setTimeout(() => {
      button.textContent = texts.copy;
    }, COPIED_SECONDS * 1000);
  }
}

/** Whether the text is on the clipboard now; where it may not be put there it is selected, to be copied by hand. */
async function copied(place) {
  try {
    await navigator.clipboard.writeText(place.textContent);
    return true;
  } catch {
    // Not to be had on plain http beyond this machine, and the person may refuse.
    getSelection().selectAllChildren(place);
    return false;
  }
}
