/** The list of earlier sessions: to open again, or to delete. */

import { byId, element } from "./elements.js";
import { momentText, texts } from "./texts.js";

export class Earlier {
  /** `api` lists and deletes; `deleted(id)` is told of what this page deleted. */
  constructor(api, deleted) {
    this.api = api;
    this.deleted = deleted;
    this.list = byId("sessions");
    this.more = byId("more");
    this.next = null;
    this.current = null;
    this.turn = 0;
    this.more.addEventListener("click", () => this.load(this.next));
  }

  /** The newest sessions, with `current` marked. */
  async show(current) {
    this.current = current;
    await this.load(null);
  }

  async load(after) {
    this.turn += 1;
    const turn = this.turn;
    let page;
    try {
      page = await this.api.sessions(after);
    } catch (error) {
      if (turn === this.turn) {
        this.list.replaceChildren(element("li", { class: "problem" }, error.message));
      }
      return;
    }
    if (turn !== this.turn) {
      return; // Another call has come later and shows what is newer.
    }
    const items = page.sessions.map((session) => this.item(session));
    if (after === null) {
      this.list.replaceChildren(...items);
    } else {
      this.list.append(...items);
    }
    if (this.list.childElementCount === 0) {
      this.list.append(element("li", { class: "empty" }, texts.noSessions));
    }
    this.next = page.next;
    this.more.hidden = page.next === null;
  }

  item(session) {
    const moment = momentText(session.created_at);
    const here = session.session_id === this.current;
    const link = element(
      "a",
      { href: `#${session.session_id}`, "aria-current": here ? "true" : null },
      element("span", { class: "moment" }, moment),
      element("span", { class: "summary" }, texts.sessionSummary(session.total_screenshots, session.total_messages)),
    );
    const remove = element(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": texts.deleteOne(moment),
        title: texts.delete,
        onclick: () => this.remove(session.session_id),
      },
      "×",
    );
    return element("li", {}, link, remove);
  }

  async remove(id) {
    if (!(await confirmed())) {
      return;
    }
    try {
      await this.api.remove(id);
    } catch (error) {
      if (error.status !== 404) {
        this.list.prepend(element("li", { class: "problem", role: "alert" }, error.message));
        return;
      }
    }
    this.deleted(id);
    await this.load(null);
  }
}

/** Whether the person really wants to delete. */
function confirmed() {
  const dialog = byId("delete-dialog");
  return new Promise((resolve) => {
    let answer = false;
    byId("delete-confirm").onclick = () => {
      answer = true;
      dialog.close();
    };
    byId("delete-cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(answer);
    dialog.showModal();
  });
}
