/** The screenshots, with the boxes being drawn on them. */

import { boxName, shotName } from "./bubbles.js";
import { byId, drawing, element } from "./elements.js";
import { exportElement } from "./exports.js";
import { texts } from "./texts.js";

export class Shots {
  /** `fetchImage(id)` resolves to the image (a Blob) of a screenshot that this page did not upload itself. */
  constructor(list, fetchImage) {
    this.list = list;
    this.fetchImage = fetchImage;
    this.cards = new Map();
    this.imports = new Map();
    this.addresses = new Map();
    this.dialog = byId("shot-dialog");
    byId("shot-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    this.clear();
  }

  clear() {
    this.cards.clear();
    this.imports.clear();
    for (const address of this.addresses.values()) {
      URL.revokeObjectURL(address);
    }
    this.addresses.clear();
    this.list.replaceChildren(element("li", { class: "empty" }, texts.noShots));
  }

  /** Uses a file of this machine for the image of a screenshot. */
  useFile(id, file) {
    if (!this.addresses.has(id)) {
      this.addresses.set(id, URL.createObjectURL(file));
    }
    const card = this.cards.get(id);
    if (card !== undefined) {
      card.image.src = this.addresses.get(id);
    }
  }

  /** Tells what became of a chat export that this page has sent: the `name` of the file, the `result` of the import. */
  describe(id, name, result) {
    this.imports.set(id, { name, result });
    const card = this.cards.get(id);
    card?.item.firstElementChild.replaceWith(exportElement({ name, result }));
  }

  /** Shows a screenshot as it stands. */
  show(shot) {
    const card = this.card(shot);
    for (const bubble of shot.bubbles) {
      const name = boxName(shot.id, bubble.order);
      if (!card.boxes.has(name)) {
        const box = boxElement(bubble, name);
        card.boxes.set(name, box);
        card.drawn.append(box);
      }
    }
    card.item.dataset.status = shot.status;
    card.state.textContent = stateText(shot);
  }

  /** Lights up these boxes, and no others. */
  light(names) {
    const wanted = new Set(names);
    for (const card of this.cards.values()) {
      for (const [name, box] of card.boxes) {
        box.classList.toggle("lit", wanted.has(name));
      }
    }
  }

  /** Brings the first of these boxes into view. */
  reveal(names) {
    for (const card of this.cards.values()) {
      const box = names.map((name) => card.boxes.get(name)).find((one) => one !== undefined);
      if (box !== undefined) {
        box.scrollIntoView({ block: "nearest", inline: "nearest" });
        return;
      }
    }
  }

  card(shot) {
    const known = this.cards.get(shot.id);
    if (known !== undefined) {
      return known;
    }
    const state = element("span", { class: "state" });
    const caption = element("p", { class: "caption" }, element("span", {}, shotName(shot)), state);
    const shown = shot.exported ? { image: null } : this.picture(shot);
    const place = shown.open ?? exportElement(this.imports.get(shot.id) ?? null);
    const item = element("li", {}, place, caption);
    const card = { ...shown, item, state, boxes: new Map(), number: shot.number, filling: shot.exported };
    if (this.cards.size === 0) {
      this.list.replaceChildren();
    }
    const later = [...this.cards.values()].find((one) => one.number > shot.number);
    this.list.insertBefore(item, later?.item ?? null);
    this.cards.set(shot.id, card);
    if (this.addresses.has(shot.id)) {
      card.image.src = this.addresses.get(shot.id);
    }
    return card;
  }

  picture(shot) {
    const image = element("img", { alt: "", draggable: "false" });
    const drawn = drawing("svg", { class: "boxes", "aria-hidden": "true", preserveAspectRatio: "none" });
    const open = element(
      "button",
      { type: "button", class: "shot", "aria-label": texts.openShot(shot.number), onclick: () => this.enlarge(shot) },
      image,
      drawn,
    );
    // Positions are pixels of the image upright, which is how browsers show and measure it.
    image.onload = () => drawn.setAttribute("viewBox", `0 0 ${image.naturalWidth} ${image.naturalHeight}`);
    return { image, drawn, open };
  }

  /** Gets the images that this page does not have yet. */
  async fill() {
    for (const [id, card] of [...this.cards]) {
      if (card.filling || this.addresses.has(id)) {
        continue;
      }
      card.filling = true;
      try {
        const image = await this.fetchImage(id);
        if (this.cards.get(id) === card) {
          this.useFile(id, image);
        }
      } catch {
        card.image.alt = texts.imageGone;
      }
    }
  }

  enlarge(shot) {
    const card = this.cards.get(shot.id);
    byId("shot-title").textContent = `${texts.shot(shot.number)} · ${stateText(shot)}`;
    const image = element("img", { src: card.image.src, alt: texts.shot(shot.number) });
    byId("shot-large").replaceChildren(element("div", { class: "frame" }, image, card.drawn.cloneNode(true)));
    this.dialog.showModal();
  }
}

function boxElement(bubble, name) {
  const { x, y, width, height } = bubble.position;
  const side = bubble.kind === "system" ? "system" : bubble.speaker;
  const classes = `box ${side}${bubble.uncertain ? " uncertain" : ""}${bubble.partial ? " partial" : ""}`;
  return drawing("rect", { class: classes, "data-box": name, x, y, width, height, rx: 12 });
}

function stateText(shot) {
  if (shot.status !== "read") {
    return texts[shot.status];
  }
  return shot.exported ? texts.exported(shot.count) : texts.read(shot.count);
}
