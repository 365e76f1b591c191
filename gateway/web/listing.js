/** A list of what is there, page by page: each entry to open, or to delete. */

import { confirmed } from "./confirm.js";
import { element } from "./elements.js";
import { texts } from "./texts.js";

export class Listing {
  /**
   * `source` has functions: `page(after)` resolves to { entries, next }; `describe(entry)` returns { href, isCurrent,
   * title, summary, label } where `label` says what its button deletes; `remove(entry)` deletes it; `removed(entry)` is
   * told so. `question` is [title, hint] of the dialog before deleting.
   */
  constructor(list, more, question, source) {
    this.list = list;
    this.more = more;
    this.question = question;
    this.source = source;
    this.next = null;
    this.turn = 0;
    this.more.addEventListener("click", () => this.load(this.next));
  }

  /** The entries after a cursor, or the first ones, which take the place of what is listed. */
  async load(after = null) {
    this.turn += 1;
    const turn = this.turn;
    let page;
    try {
      page = await this.source.page(after);
    } catch (error) {
      if (turn === this.turn) {
        this.list.replaceChildren(element("li", { class: "problem" }, error.message));
      }
      return;
    }
    if (turn !== this.turn) {
      return; // Another call has come later and shows what is newer.
    }
    const items = page.entries.map((entry) => this.item(entry));
    if (after === null) {
      this.list.replaceChildren(...items);
    } else {
      this.list.append(...items);
    }
    this.next = page.next;
    this.more.hidden = page.next === null;
    if (this.list.childElementCount === 0 && page.next === null) {
      this.list.append(element("li", { class: "empty" }, texts.noEntries));
    }
  }

  item(entry) {
    const { href, isCurrent, title, summary, label } = this.source.describe(entry);
    const link = element(
      "a",
      { href, "aria-current": isCurrent ? "true" : null },
      element("span", { class: "moment" }, title),
      element("span", { class: "summary" }, summary),
    );
    const remove = element(
      "button",
      { type: "button", class: "quiet", "aria-label": label, title: texts.delete, onclick: () => this.remove(entry) },
      "×",
    );
    return element("li", {}, link, remove);
  }

  async remove(entry) {
    if (!(await confirmed(...this.question))) {
      return;
    }
    try {
      await this.source.remove(entry);
    } catch (error) {
      if (error.status !== 404) {
        this.list.prepend(element("li", { class: "problem", role: "alert" }, error.message));
        return;
      }
    }
    this.source.removed(entry);
    await this.load();
  }
}
