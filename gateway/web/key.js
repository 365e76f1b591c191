/** The dialog that asks for an API key. */

import { byId } from "./elements.js";

/** Resolves to the key given, or null where the person closes the dialog. `wrong`: the last one was refused. */
export function askKey(wrong) {
  const dialog = byId("key-dialog");
  const input = byId("key");
  byId("key-wrong").hidden = !wrong;
  input.value = "";
  return new Promise((resolve) => {
    let given = null;
    byId("key-form").onsubmit = (event) => {
      event.preventDefault();
      given = input.value.trim();
      dialog.close();
    };
    byId("key-cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(given || null);
    dialog.showModal();
  });
}
