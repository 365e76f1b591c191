// What is true of the page, read from its layout: every message with its box and its lines, in CSS pixels.
(scroll) => {
  const chat = document.querySelector("[data-chat]");
  chat.scrollTop = scroll * (chat.scrollHeight - chat.clientHeight);
  const clip = chat.getBoundingClientRect();
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

  function lines(element) {
    const found = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let line = null;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const { segment, index } of segmenter.segment(node.data)) {
        if (segment === "\n") {
          line = null;
          found.push({ text: "", top: 0, bottom: 0 });
          continue;
        }
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + segment.length);
        const box = [...range.getClientRects()].filter((r) => r.width > 0).pop();
        if (!box) {
          if (line) line.text += segment;
          continue;
        }
        if (!line || box.top > line.top + 0.5 * box.height) {
          const empty = found[found.length - 1];
          line = !line && empty && empty.bottom === 0 ? empty : null;
          if (!line) {
            line = { text: "" };
            found.push(line);
          }
          line.top = box.top;
          line.bottom = box.bottom;
        }
        line.text += segment;
      }
    }
    return found.map((one) => ({ text: one.text.trim(), top: one.top, bottom: one.bottom }));
  }

  const covers = [...document.querySelectorAll("[data-cover]")].map((e) => e.getBoundingClientRect());
  const messages = [...document.querySelectorAll("[data-message]")].map((element) => {
    const box = element.getBoundingClientRect();
    const texts = [...element.querySelectorAll("[data-text]")];
    if (element.hasAttribute("data-text")) texts.unshift(element);
    const name = element.closest(".row")?.querySelector(".name")?.getBoundingClientRect();
    return {
      ...element.dataset,
      named: element.dataset.named && name && name.top >= clip.top && name.bottom <= clip.bottom ? "yes" : "",
      box: [box.left, box.top, box.right, box.bottom],
      covered: covers.some((c) => c.left < box.right && c.right > box.left && c.top < box.bottom && c.bottom > box.top),
      buttons: [...element.querySelectorAll("[data-button]")].map((button) => button.textContent),
      lines: texts.flatMap(lines),
    };
  });
  return { clip: [clip.left, clip.top, clip.right, clip.bottom], messages };
}
