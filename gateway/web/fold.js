/** The text of a reply, put together from its deltas. */

/**
 * Folds deltas by the rule of the stream: keep the first `offset` characters of the text so far, append `text`.
 * Characters are Unicode code points. A delta that goes on at the end, as nearly all do, costs as much as its own text.
 */
export class Fold {
  constructor() {
    this.text = "";
    this.length = 0;
  }

  apply(offset, text) {
    if (offset < this.length) {
      this.text = Array.from(this.text).slice(0, offset).join("");
      this.length = offset;
    }
    this.text += text;
    this.length += codePoints(text);
  }

  /** What the text is in the end, whatever the deltas were. */
  set(text) {
    this.text = text;
    this.length = codePoints(text);
  }
}

function codePoints(text) {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}
