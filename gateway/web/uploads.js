/** The files that are on their way: one after the other, each with what became of it beside it. */

import { element } from "./elements.js";
import { texts } from "./texts.js";

export class Uploads {
  /** `send(file, retrying)` uploads one file and throws where it is refused. */
  constructor(list, send) {
    this.list = list;
    this.send = send;
    this.waiting = [];
    this.running = false;
  }

  /** Queues files, and sends them unless that is under way. Returns when it has nothing left to send. */
  async add(files) {
    for (const file of files) {
      const state = element("span", { class: "state" }, texts.waiting);
      const item = element("li", {}, element("span", { class: "name" }, file.name), state);
      this.list.append(item);
      this.waiting.push({ file, item, state });
    }
    if (!this.running) {
      this.running = true;
      try {
        await this.drain();
      } finally {
        this.running = false;
      }
    }
  }

  /** Forgets what waits and what was refused. */
  clear() {
    this.waiting = [];
    this.list.replaceChildren();
  }

  async drain() {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      const { file, item, state } = next;
      state.textContent = texts.uploading;
      try {
        await this.send(file, () => {
          state.textContent = texts.retrying;
        });
        item.remove();
      } catch (error) {
        item.classList.add("refused");
        state.textContent = error.message;
        item.append(
          element(
            "button",
            { type: "button", class: "quiet", "aria-label": texts.dismiss(file.name), onclick: () => item.remove() },
            "×",
          ),
        );
      }
    }
  }
}

/** Calls `take` with the files that are chosen, or, while `place` is shown, dropped anywhere on the page or pasted. */
export function takeFiles(input, place, take) {
  const chosen = (files) => {
    const list = [...files];
    if (list.length > 0 && place.checkVisibility()) {
      take(list);
    }
  };
  input.addEventListener("change", () => {
    chosen(input.files);
    input.value = ""; // So that choosing the same file again is a change, too.
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) {
      place.classList.remove("over");
    }
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    chosen(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => chosen(event.clipboardData.files));
}
