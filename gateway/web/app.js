/** The page put together: which of its two parts is shown, by the address, and how the connection stands. */

import { Api } from "./api.js";
import { byId } from "./elements.js";
import { askKey } from "./key.js";
import { SessionPage } from "./sessionpage.js";
import { Connection } from "./socket.js";
import { TalkPage } from "./talkpage.js";
import { texts, translatePage } from "./texts.js";

const TALK = "talk";

class App {
  constructor() {
    const api = new Api(askKey);
    const connection = new Connection(() => api.socketToken());
    this.sessions = new SessionPage(api, connection, () => this.update());
    this.talk = new TalkPage(api, connection, () => this.update());
    this.shown = this.sessions;
  }

  start() {
    this.sessions.start();
    this.talk.start();
    addEventListener("hashchange", () => this.route());
    this.route();
  }

  /** `#talk` and `#talk/<conversation>` talk, `#` and `#<session>` read. */
  route() {
    const [first, ...rest] = location.hash.slice(1).split("/");
    this.shown = first === TALK ? this.talk : this.sessions;
    for (const [page, view, link] of this.parts()) {
      byId(view).hidden = page !== this.shown;
      byId(link).setAttribute("aria-current", page === this.shown ? "page" : "false");
    }
    this.shown.open(first === TALK ? rest.join("/") : first);
    this.update();
  }

  update() {
    for (const [page, , link] of this.parts()) {
      byId(link).href = page.address;
    }
    const place = byId("link-state");
    const { linkState } = this.shown;
    place.dataset.state = linkState;
    place.textContent = linkState === "" ? "" : texts[linkState];
  }

  parts() {
    return [
      [this.sessions, "session-view", "nav-sessions"],
      [this.talk, "talk-view", "nav-talk"],
    ];
  }
}

translatePage();
new App().start();
