/** The two forms that begin a conversation: with somebody whom the AI plays, or with a model. */

import { byId } from "./elements.js";

export class Beginning {
  /**
   * `told` has functions: `practise(relationship, about)` and `chat(name, model)`, both resolve when the conversation
   * is open; `problem(text)` tells what went wrong.
   */
  constructor(api, told) {
    this.api = api;
    this.told = told;
    this.relationship = byId("practise-relationship");
    this.who = byId("practise-who");
    this.models = byId("ask-model");
    this.relationship.addEventListener("change", () => this.showWho(true));
    this.takes(byId("practise"), byId("practise-button"), () =>
      told.practise(this.relationship.value || this.who.value.trim(), byId("practise-about").value.trim()),
    );
    this.takes(byId("ask"), byId("ask-button"), () => told.chat(byId("ask-name").value.trim(), this.models.value));
    this.showWho(false);
  }

  /** Gets the models, unless they are there. */
  async loadModels() {
    if (this.models.childElementCount > 0) {
      return;
    }
    try {
      const models = await this.api.models();
      this.models.replaceChildren(...models.map((model) => new Option(model, model)));
    } catch (error) {
      this.told.problem(error.message);
    }
  }

  showWho(focused) {
    const asks = this.relationship.value === "";
    byId("practise-who-field").hidden = !asks;
    this.who.required = asks;
    if (asks && focused) {
      this.who.focus();
    }
  }

  takes(form, button, act) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        await act();
      } catch (error) {
        this.told.problem(error.message);
      }
      button.disabled = false;
    });
  }
}
