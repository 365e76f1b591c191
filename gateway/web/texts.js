/** What the page says, in the language of its reader. */

import { english } from "./english.js";
import { korean } from "./korean.js";

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

/** A moment (ISO 8601) as people say it. */
export function momentText(moment) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}
