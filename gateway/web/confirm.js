/** The dialog that asks before something is deleted. */

import { byId } from "./elements.js";

/** Whether the person really wants to delete. */
export function confirmed(title, hint) {
  const dialog = byId("delete-dialog");
  byId("delete-title").textContent = title;
  byId("delete-hint").textContent = hint;
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
