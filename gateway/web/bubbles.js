/** Bubbles: read ones and merged messages look the same. */

import { element } from "./elements.js";
import { sentText, texts } from "./texts.js";

/**
 * One message: own ones right, the other side's left, what the messenger itself says in the middle. `before` is the
 * message above it, or null; `boxes` names the boxes on the screenshots that it was read from (`boxName`).
 */
export function bubbleElement(message, before, boxes) {
  const data = { "data-boxes": boxes.length === 0 ? null : boxes.join(" ") };
  if (message.kind === "system") {
    return element("div", { class: "message system", ...data }, element("p", { class: "notice-line" }, message.text));
  }
  const own = message.speaker === "user";
  const continues = before !== null && isSameRun(before, message);
  const name = own ? null : message.sender;
  const heading = continues || name === null ? null : element("p", { class: "sender" }, name);
  const who = element("span", { class: "visually-hidden" }, `${own ? texts.me : (name ?? texts.other)}: `);
  const marks = ["partial", "uncertain"].filter((mark) => message[mark]);
  const time = message.sent_at === null ? null : element("span", { class: "time" }, sentText(message.sent_at));
  const bubble = element(
    "div",
    { class: ["bubble", message.kind, ...marks].join(" ") },
    who,
    message.kind === "text" ? null : element("span", { class: "kind" }, texts[message.kind] ?? message.kind),
    message.text === "" ? null : element("span", { class: "words", dir: "auto" }, message.text),
  );
  const beside = element(
    "div",
    { class: "beside" },
    ...marks.map((mark) => element("span", { class: "mark" }, texts[mark])),
    time,
  );
  const classes = `message ${own ? "own" : "theirs"}${continues ? " continues" : ""}`;
  return element("div", { class: classes, ...data }, heading, element("div", { class: "line" }, bubble, beside));
}

/** A line across the conversation. */
export function dividerElement(text, kind) {
  return element("div", { class: `divider ${kind}` }, element("span", {}, text));
}

/** The name of the box of a bubble on its screenshot. */
export function boxName(screenshotId, order) {
  return `${screenshotId}/${order}`;
}

/** What a screenshot or a chat export of a session is called. */
export function shotName(shot) {
  return shot.exported ? texts.chatExport(shot.number) : texts.shot(shot.number);
}

function isSameRun(before, message) {
  return before.kind !== "system" && before.speaker === message.speaker && before.sender === message.sender;
}
