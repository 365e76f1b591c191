/** Reading a chat: which session is open, and what its events and the person's wishes do to what is shown. */

import { Chat } from "./chat.js";
import { setUpDownloads, updateDownloads } from "./downloads.js";
import { Earlier } from "./earlier.js";
import { byId } from "./elements.js";
import { askOwnName, isExport } from "./exports.js";
import { outcome } from "./following.js";
import { judgementOf, numberText } from "./judgement.js";
import { Session } from "./session.js";
import { Shots } from "./shots.js";
import { Suggestions } from "./suggestions.js";
import { texts } from "./texts.js";
import { takeFiles, Uploads } from "./uploads.js";

export class SessionPage {
  /** `changed()` is called where `address` or `linkState` have changed. */
  constructor(api, connection, changed) {
    this.api = api;
    this.connection = connection;
    this.changed = changed;
    this.linkState = "";
    this.session = null;
    this.following = null;
    this.merged = null;
    this.shots = new Shots(byId("shots"), (id) => this.api.image(this.session.id, id));
    this.chat = new Chat(
      byId("log"),
      (names) => this.shots.light(names),
      (names) => this.shots.reveal(names),
    );
    this.uploads = new Uploads(byId("uploads"), (file, retrying) => this.upload(file, retrying));
    this.earlier = new Earlier(this.api, (id) => this.leave(id));
    this.suggestions = new Suggestions(
      () => this.suggest(this.session),
      (text) => this.showProblem(text),
    );
    this.isLive = true;
    this.isMergedStale = false;
  }

  /** What the page's address ends in while this is shown. */
  get address() {
    return `#${this.session?.id ?? ""}`;
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
    byId("again").addEventListener("click", () => this.analyze());
    setUpDownloads(
      this.api,
      () => this.session.id,
      (text) => this.showProblem(text),
    );
  }

  /** Opens a session, or none where `id` is empty. */
  open(id) {
    if (this.opened === id) {
      return;
    }
    this.opened = id;
    this.following?.close();
    this.following = null;
    this.session = id === "" ? null : new Session(id);
    this.merged = null;
    this.isMergedStale = false;
    this.suggestions.clear();
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
    this.following = this.connection.follow(session.stream, {
      // Asks for a key, too, where one is needed, and tells of a session that is not there.
      check: () => this.api.session(session.id),
      event: (type, data) => this.happened(session, type, data),
      restart: () => this.restart(session),
      state: (name) => this.linked(session, name),
      gone: (detail) => this.gone(detail ?? texts.sessionDeleted),
    });
  }

  // ── What happens in the session ─────────────────────────────────────────────────────────────────────────────────

  happened(session, type, data) {
    const { shot, judged, begun, merged, failed } = session.apply(type, data);
    if (shot !== undefined) {
      this.shots.show(shot);
      if (this.isLive) {
        this.chat.showShot(shot);
      } else if (type === "screenshot.accepted") {
        this.showLive();
      }
      this.fillShots();
    }
    if (judged && !session.isFresh) {
      this.chat.judge(judged);
    }
    if (begun) {
      this.showProblem(null);
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
    if (!this.isMergedStale || this.linkState !== "live") {
      return;
    }
    this.isMergedStale = false;
    try {
      const [{ messages }, view] = await Promise.all([this.api.messages(session.id), this.api.session(session.id)]);
      if (session !== this.session) {
        return;
      }
      this.merged = { messages, mergeInfo: view.merge_info, shots: view.total_screenshots };
      this.suggestions.clear();
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
    if (isExport(file)) {
      await this.importExport(session, file, retrying);
      return;
    }
    const { screenshot_id: id } = await this.api.upload(session.id, file, retrying);
    if (session === this.session) {
      this.shots.useFile(id, file);
    }
  }

  /** Asks for the own name where the export does not tell it, until it fits or the person gives up. */
  async importExport(session, file, retrying) {
    for (let me = null; ; ) {
      try {
        const { stream, result } = await this.api.importExport(session.id, file, me, retrying);
        const imported = result ?? (await outcome(this.connection, stream));
        if (session === this.session) {
          this.shots.describe(imported.screenshot_id, file.name, imported);
        }
        return;
      } catch (error) {
        me = error.field === "me" ? await askOwnName(error.message) : null;
        if (me === null) {
          throw error;
        }
      }
    }
  }

  /** Makes a session, and opens it unless another one was opened in the meantime. */
  async begin() {
    const session = new Session((await this.api.newSession()).session_id);
    if (this.session === null) {
      this.session = session;
      this.opened = session.id;
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

  async analyze() {
    const session = this.session;
    this.showProblem(null);
    session.merging = true;
    this.update();
    try {
      await this.api.analyze(session.id);
    } catch (error) {
      session.merging = false;
      this.showProblem(error.message);
      this.update();
    }
  }

  async suggest(session) {
    this.showProblem(null);
    const { stream, result } = await this.api.predictNext(session.id);
    return (result ?? (await outcome(this.connection, stream))).suggestions;
  }

  // ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────────

  showLive() {
    this.isLive = true;
    this.chat.showLive(this.session);
    this.update();
  }

  showMerged() {
    this.isLive = false;
    const { messages, mergeInfo } = this.merged;
    const { judgements, isFresh } = this.session;
    const judged = (message) => (isFresh ? message : { ...message, ...judgements.get(message.message_id) });
    this.chat.showMerged(messages.map(judged), mergeInfo);
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
    byId("coach").hidden = merged === null || live;
    byId("suggestions").classList.toggle("away", live);
    byId("again").hidden = !session?.isUnjudged;
    byId("again").disabled = session?.merging ?? false;
    const button = byId("merge-button");
    button.disabled = shots.length === 0 || session.merging || this.uploads.running;
    button.textContent = session?.merging ? texts.merging : texts.merge;
    byId("log").dataset.view = live ? "live" : "merged";
    byId("counts").textContent = countsText(session, live ? null : merged);
    showJudging(session?.analysis ?? null);
    if (merged !== null) {
      updateDownloads(this.api, session.id);
    }
  }

  showProblem(text) {
    const place = byId("problem");
    place.hidden = text === null;
    place.textContent = text ?? "";
  }

  showLinkState(name) {
    this.linkState = name;
    this.changed();
  }
}

function countsText(session, merged) {
  const hasExports = session?.shots.some((shot) => shot.exported) ?? false;
  if (merged !== null) {
    return (hasExports ? texts.readFiles : texts.mergedCount)(merged.messages.length, merged.shots);
  }
  if (session === null || session.shots.length === 0) {
    return "";
  }
  return (hasExports ? texts.readFiles : texts.readCount)(session.bubbles, session.shots.length);
}

/** What was judged last, in a line: the transcript is shown only when all is judged. */
function lastText({ text, ...judged }) {
  const judgement = judgementOf(judged);
  return judgement === null ? text : `${text} · ${texts.score} ${numberText(judgement.score)}`;
}

/** How far the analysis is. A screen reader hears it in the end, from the transcript, and not at every step. */
function showJudging(analysis) {
  byId("judging").hidden = analysis === null;
  if (analysis !== null) {
    byId("judging-text").textContent = texts.judged(analysis.done, analysis.all);
    byId("judging-bar").max = Math.max(1, analysis.all);
    byId("judging-bar").value = analysis.done;
    byId("judging-last").textContent = analysis.last ? lastText(analysis.last) : "";
  }
}
