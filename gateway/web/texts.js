/** What the page says, in the language of its reader. */

import { english } from "./english.js";
import { korean } from "./korean.js";

const LOCAL_MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;
const speaksKorean = navigator.language.toLowerCase().split("-")[0] === "ko";

/** The language of the page, as in `lang`. */
export const language = speaksKorean ? "ko" : "en";

/** What the page says, in its language. */
export const texts = speaksKorean ? korean : english;

/** Puts the page's own elements into the reader's language. */
export function translatePage() {
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-text]")) {
    one.textContent = texts[one.dataset.text];
  }
  for (const one of document.querySelectorAll("[data-label]")) {
    one.setAttribute("aria-label", texts[one.dataset.label]);
  }
}

/** When a message was sent: a moment of an export (ISO 8601, local time) as people say it, anything else as it was read. */
export function sentText(sent) {
  if (!LOCAL_MOMENT.test(sent)) {
    return sent;
  }
  const form = { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, form).format(new Date(sent));
}

/** A moment (ISO 8601) as people say it. */
export function momentText(moment) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}
