/** The page put together: which session is open, and what its events and the person's wishes do to what is shown. */

import { Api } from "./api.js";
import { Chat } from "./chat.js";
import { Earlier } from "./earlier.js";
import { byId } from "./elements.js";
import { askKey } from "./key.js";
import { Session } from "./session.js";
import { Shots } from "./shots.js";
import { Follower } from "./socket.js";
import { texts, translatePage } from "./texts.js";
import { takeFiles, Uploads } from "./uploads.js";

class Page {
  constructor() {
    this.api = new Api(askKey);
    this.session = null;
    this.follower = null;
    this.merged = null;
    this.shots = new Shots(byId("shots"), (id) => this.api.image(this.session.id, id));
    this.chat = new Chat(
      byId("log"),
      (names) => this.shots.light(names),
      (names) => this.shots.reveal(names),
    );
    this.uploads = new Uploads(byId("uploads"), (file, retrying) => this.upload(file, retrying));
    this.earlier = new Earlier(this.api, (id) => this.leave(id));
    this.isLive = true;
    this.isMergedStale = false;
  }

  start() {
    byId("about").value = texts.aboutDefault;
    takeFiles(byId("files"), byId("drop"), (files) => this.add(files));
    byId("merge").addEventListener("submit", (event) => {
      event.preventDefault();
      this.merge();
    });
    byId("view-live").addEventListener("click", () => this.showLive());
    byId("view-merged").addEventListener("click", () => this.showMerged());
    for (const link of document.querySelectorAll("[data-format]")) {
      link.addEventListener("click", (event) => this.download(event, link));
    }
    addEventListener("hashchange", () => this.open(location.hash.slice(1)));
    this.open(location.hash.slice(1));
  }

  /** Opens a session, or none where `id` is empty. */
  open(id) {
    if (this.session !== null && this.session.id === id) {
      return;
    }
    this.follower?.close();
    this.follower = null;
    this.session = id === "" ? null : new Session(id);
    this.merged = null;
    this.isMergedStale = false;
    this.uploads.clear();
    this.shots.clear();
    this.chat.showHint(texts.empty);
    this.showProblem(null);
    this.showLinkState("");
    this.update();
    if (this.session !== null) {
      this.follow(this.session);
    }
    this.earlier.show(id === "" ? null : id);
  }

  follow(session) {
    // Asking for the session first asks for a key, too, where one is needed, and tells of a session that is not there.
    const token = async () => {
      await this.api.session(session.id);
      return this.api.socketToken();
    };
    this.follower = new Follower(session.stream, token, {
      event: (type, data) => this.happened(session, type, data),
      restart: () => this.restart(session),
      state: (name) => this.linked(session, name),
      gone: (detail) => this.gone(detail ?? texts.sessionDeleted),
    });
  }

  // ── What happens in the session ─────────────────────────────────────────────────────────────────────────────────

  happened(session, type, data) {
    const { shot, merged, failed } = session.apply(type, data);
    if (shot !== undefined) {
      this.shots.show(shot);
      if (this.isLive) {
        this.chat.showShot(shot);
      } else if (type === "screenshot.accepted") {
        this.showLive();
      }
      this.fillShots();
    }
    if (merged) {
      this.isMergedStale = true;
      this.fetchMerged(session);
    }
    if (failed !== undefined) {
      this.showProblem(failed.detail);
    }
    this.update();
  }

  linked(session, name) {
    this.showLinkState(name);
    this.fetchMerged(session);
  }

  restart(session) {
    session.forget();
    this.merged = null;
    this.shots.clear();
    this.chat.showHint(texts.empty);
    this.update();
  }

  /** Gets the merged messages where there are new ones; not while the events of the past still come in. */
  async fetchMerged(session) {
    if (!this.isMergedStale || byId("link-state").dataset.state !== "live") {
      return;
    }
    this.isMergedStale = false;
    try {
      const [{ messages }, view] = await Promise.all([this.api.messages(session.id), this.api.session(session.id)]);
      if (session !== this.session) {
        return;
      }
      this.merged = { messages, mergeInfo: view.merge_info, shots: view.total_screenshots };
      if (session.grown) {
        this.update();
      } else {
        this.showMerged();
      }
    } catch (error) {
      this.showProblem(error.message);
    }
    this.earlier.show(session.id);
  }

  gone(detail) {
    this.showProblem(detail);
    this.earlier.show(null);
  }

  leave(id) {
    if (this.session?.id === id) {
      location.hash = "";
    }
  }

  // ── What the person wants ───────────────────────────────────────────────────────────────────────────────────────

  async add(files) {
    this.showProblem(null);
    const adding = this.uploads.add(files);
    this.update();
    await adding;
    this.fillShots();
    this.update();
    this.earlier.show(this.session?.id ?? null);
  }

  async upload(file, retrying) {
    const session = this.session ?? (await this.begin());
    const { screenshot_id: id } = await this.api.upload(session.id, file, retrying);
    if (session === this.session) {
      this.shots.useFile(id, file);
    }
  }

  /** Makes a session, and opens it unless another one was opened in the meantime. */
  async begin() {
    const session = new Session((await this.api.newSession()).session_id);
    if (this.session === null) {
      this.session = session;
      history.pushState(null, "", `#${session.id}`);
      this.follow(session);
      this.earlier.show(session.id);
    }
    return session;
  }

  async merge() {
    const session = this.session;
    this.showProblem(null);
    session.merging = true;
    this.update();
    try {
      await this.api.process(session.id, byId("relationship").value, byId("about").value);
    } catch (error) {
      session.merging = false;
      this.showProblem(error.message);
      this.update();
    }
  }

  async download(event, link) {
    if (this.api.key === null) {
      return; // A plain link will do.
    }
    event.preventDefault();
    try {
      const file = await this.api.transcript(this.session.id, link.dataset.format);
      const saved = document.createElement("a");
      saved.href = URL.createObjectURL(file);
      saved.download = `transcript-${this.session.id}.${link.dataset.format}`;
      saved.click();
      URL.revokeObjectURL(saved.href);
    } catch (error) {
      this.showProblem(error.message);
    }
  }

  // ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────────

  showLive() {
    this.isLive = true;
    this.chat.showLive(this.session);
    this.update();
  }

  showMerged() {
    this.isLive = false;
    this.chat.showMerged(this.merged.messages, this.merged.mergeInfo);
    this.update();
  }

  /** Images are not asked for while this page sends some itself: the next one may be one of those. */
  fillShots() {
    if (!this.uploads.running) {
      this.shots.fill();
    }
  }

  /** Everything that follows from the state alone. */
  update() {
    const session = this.session;
    const shots = session?.shots ?? [];
    const merged = this.merged;
    this.isLive ||= merged === null;
    const live = this.isLive;
    byId("view-live").setAttribute("aria-pressed", String(live));
    byId("view-merged").setAttribute("aria-pressed", String(!live));
    byId("views").hidden = merged === null;
    byId("downloads").hidden = merged === null || live;
    const button = byId("merge-button");
    button.disabled = shots.length === 0 || session.merging || this.uploads.running;
    button.textContent = session?.merging ? texts.merging : texts.merge;
    byId("log").dataset.view = live ? "live" : "merged";
    byId("counts").textContent = countsText(session, live ? null : merged);
    if (merged !== null) {
      for (const link of document.querySelectorAll("[data-format]")) {
        link.href = this.api.transcriptPath(session.id, link.dataset.format);
      }
    }
  }

  showProblem(text) {
    const place = byId("problem");
    place.hidden = text === null;
    place.textContent = text ?? "";
  }

  showLinkState(name) {
    const place = byId("link-state");
    place.dataset.state = name;
    place.textContent = name === "" ? "" : texts[name];
  }
}

function countsText(session, merged) {
  if (merged !== null) {
    return texts.mergedCount(merged.messages.length, merged.shots);
  }
  return session === null || session.shots.length === 0 ? "" : texts.readCount(session.bubbles, session.shots.length);
}

translatePage();
new Page().start();
