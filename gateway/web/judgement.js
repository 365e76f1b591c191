/** What an engine says of an own message, shown below it. */

import { element } from "./elements.js";
import { language, texts } from "./texts.js";

const GOOD = 70;
const FAIR = 40;
const TONES = ["POSITIVE", "NEUTRAL", "NEGATIVE"];

/** The judgement in a message, or in an event that tells of it; null where there is none. */
export function judgementOf({ score, emotional_tone: tone, impact_score: impact, ai_message: comment, ...rest }) {
  if (score === null || score === undefined) {
    return null;
  }
  return { score, tone, impact, comment, alternative: rest.suggested_alternative };
}

/** The same of the evaluation of a turn; null where there is none. */
export function evaluationOf(evaluation) {
  if (evaluation === null || evaluation === undefined) {
    return null;
  }
  const { appropriateness_rating: score, review_comment: comment } = evaluation;
  return judgementOf({ ...evaluation, score, ai_message: comment });
}

export function judgementElement({ score, tone, impact, comment, alternative }) {
  // Not read out as it comes: a whole conversation of them would be.
  return element(
    "div",
    { class: "judgement", "data-level": levelOf(score), "aria-live": "off" },
    element(
      "p",
      { class: "verdict" },
      element("span", {}, `${texts.score} `, element("strong", { class: "score" }, numberText(score))),
      tone ? element("span", { class: "tone" }, toneText(tone)) : null,
      typeof impact === "number" ? element("span", { class: "impact" }, impactText(impact)) : null,
    ),
    comment ? element("p", { class: "comment", dir: "auto" }, comment) : null,
    alternative
      ? element(
          "p",
          { class: "alternative" },
          element("span", { class: "label" }, `${texts.better} `),
          element("span", { class: "said", dir: "auto" }, alternative),
        )
      : null,
  );
}

/** A judgement in one sentence, to be read out. */
export function judgementText({ score, tone, impact, comment }) {
  const effect = typeof impact === "number" ? impactText(impact) : null;
  return [`${texts.score} ${numberText(score)}`, tone && toneText(tone), effect, comment].filter(Boolean).join(", ");
}

/** An effect on the relationship, −3…3, with its sign. */
export function impactText(impact) {
  const sign = new Intl.NumberFormat(language, { signDisplay: "exceptZero", maximumFractionDigits: 1 });
  return texts.impact(sign.format(impact));
}

function toneText(tone) {
  return TONES.includes(tone) ? texts[tone] : tone;
}

export function numberText(score) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(score);
}

function levelOf(score) {
  if (score >= GOOD) {
    return "good";
  }
  return score >= FAIR ? "fair" : "poor";
}
