/** Chat exports among the screenshots: imported files, shown as such. */

import { byId, element } from "./elements.js";
import { texts } from "./texts.js";

const EXPORT_NAME = /\.(txt|csv)$/i;

/** Whether a file is to be imported, and not read as a picture. */
export function isExport(file) {
  return EXPORT_NAME.test(file.name);
}

/** What stands in the place of the picture. `imported` is the answer of the import, where this page has it: { name,
 * result }. */
export function exportElement(imported) {
  if (imported === null) {
    return element("div", { class: "export" }, element("span", { class: "sheet", "aria-hidden": "true" }));
  }
  const { name, result } = imported;
  const broken = result.broken_lines.map(({ line, reason }) => element("li", {}, texts.brokenLine(line, reason)));
  return element(
    "div",
    { class: "export" },
    element("span", { class: "sheet", "aria-hidden": "true" }),
    element("p", { class: "name", title: name }, name),
    result.participants.length > 0 ? element("p", { class: "participants" }, result.participants.join(", ")) : null,
    result.broken_total > 0
      ? element(
          "details",
          { class: "broken" },
          element("summary", {}, texts.brokenLines(result.broken_total)),
          element("ul", {}, ...broken),
        )
      : null,
  );
}

/** Resolves to the name that the person goes by in an export, or null where the dialog is closed. `why` has what the
 * service said, with the names that there are. */
export function askOwnName(why) {
  const dialog = byId("me-dialog");
  const input = byId("me");
  byId("me-why").textContent = why;
  input.value = "";
  return new Promise((resolve) => {
    let given = null;
    byId("me-form").onsubmit = (event) => {
      event.preventDefault();
      given = input.value.trim();
      dialog.close();
    };
    byId("me-cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(given || null);
    dialog.showModal();
  });
}
