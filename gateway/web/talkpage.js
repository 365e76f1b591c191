/** Talking: which conversation is open, and what its events and the person's wishes do to what is shown. */

import { Beginning } from "./beginning.js";
import { byId } from "./elements.js";
import { evaluationOf, judgementText } from "./judgement.js";
import { Talk } from "./talk.js";
import { TalkLog } from "./talklog.js";
import { relationshipName, talkName, Talks } from "./talks.js";
import { texts } from "./texts.js";

export class TalkPage {
  /** `changed()` is called where `address` or `linkState` have changed. */
  constructor(api, connection, changed) {
    this.api = api;
    this.connection = connection;
    this.changed = changed;
    this.linkState = "";
    this.talk = null;
    this.following = null;
    /** The name of a client who has said nothing yet, or null. */
    this.client = null;
    this.words = byId("words");
    this.log = new TalkLog(byId("talk-log"), byId("latest"), (said) => this.sendAgain(said));
    this.talks = new Talks(api, (id) => this.leave(id));
    this.beginning = new Beginning(api, {
      practise: (relationship, about) => this.practise(relationship, about),
      chat: (name, model) => this.chat(name, model),
      problem: (text) => this.showProblem(text),
    });
  }

  /** What the page's address ends in while this is shown. */
  get address() {
    return this.talk === null ? "#talk" : `#talk/${this.talk.id}`;
  }

  start() {
    byId("say").addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    this.words.addEventListener("keydown", (event) => {
      // While a syllable is being composed Enter ends the composition, and no more.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
        event.preventDefault();
        this.say();
      }
    });
    byId("stop").addEventListener("click", () => this.stop());
    this.log.clear(texts.noTalk);
  }

  /** Opens a conversation, or none where `id` is empty. */
  open(id) {
    if (this.opened !== id) {
      this.opened = id;
      this.show(id === "" ? null : new Talk(id), null);
    }
    this.beginning.loadModels();
    this.talks.show(this.talk?.id ?? null);
  }

  /** Shows a conversation, or that of a client who has said nothing yet, or none. */
  show(talk, client) {
    this.following?.close();
    this.following = null;
    this.talk = talk;
    this.client = client;
    this.showProblem(null);
    this.log.clear(talk === null && client === null ? texts.noTalk : "");
    byId("talk-title").textContent = client === null ? texts.talkTitle : texts.chatOf(client);
    if (client !== null) {
      this.log.clear(texts.emptyTalk);
    }
    this.linked("");
    this.update();
    if (talk !== null) {
      this.follow(talk);
    }
  }

  follow(talk) {
    this.following = this.connection.follow(talk.stream, {
      check: async () => this.named(talk, await this.api.conversation(talk.id)),
      event: (type, data) => this.happened(talk, type, data),
      restart: () => this.restart(talk),
      state: (name) => this.linked(name, talk),
      gone: (detail) => this.gone(detail ?? texts.talkDeleted),
    });
  }

  // ── What happens in the conversation ────────────────────────────────────────────────────────────────────────────

  happened(talk, type, data) {
    const before = talk.waiting.length;
    const turn = talk.apply(type, data);
    if (turn === null) {
      return;
    }
    this.log.show(turn);
    if (talk.waiting.length !== before) {
      this.log.showWaiting(talk.waiting);
    }
    if (turn.state !== "writing") {
      this.announce(turn);
    }
    if (type !== "message.delta") {
      this.update();
    }
  }

  /** Reads a reply out, once it is whole. */
  announce(turn) {
    if (this.linkState === "live") {
      const evaluation = evaluationOf(turn.evaluation);
      const state = { completed: "", failed: turn.problem?.detail ?? "", cancelled: texts.replyStopped }[turn.state];
      const judgement = evaluation === null ? "" : judgementText(evaluation);
      byId("spoken").textContent = [turn.reply.text, state, judgement].filter(Boolean).join(" – ");
    }
  }

  named(talk, view) {
    if (talk === this.talk) {
      this.log.name = view.kind === "client" ? texts.model : relationshipName(view.relationship);
      byId("talk-title").textContent = talkName(view);
    }
  }

  restart(talk) {
    talk.forget();
    this.log.clear("", this.log.name);
    this.log.showWaiting(talk.waiting);
  }

  linked(name, talk = null) {
    this.linkState = name;
    this.changed();
    if (name === "live") {
      this.findWaiting(talk);
    }
  }

  /** Turns that wait for their turn are not in the stream yet. */
  async findWaiting(talk) {
    let turns;
    try {
      turns = await this.api.turns(talk.id);
    } catch {
      return; // They will show when they begin.
    }
    for (const { task_id: task, number, status, input } of turns) {
      if (number === 0 && status === "processing" && input !== null) {
        talk.waits(task, input);
      }
    }
    this.showWaiting(talk);
  }

  gone(detail) {
    this.showProblem(detail);
    this.talk = null;
    this.update();
    this.talks.show(null);
  }

  leave(id) {
    if (this.talk?.id === id) {
      location.hash = "#talk";
    }
  }

  // ── What the person wants ───────────────────────────────────────────────────────────────────────────────────────

  async practise(relationship, about) {
    const id = await this.api.startConversation(relationship, about);
    this.enter(id);
  }

  async chat(name, model) {
    await this.api.chooseModel(name, model);
    const id = await this.talks.find(name);
    if (id !== null) {
      this.enter(id);
      return;
    }
    history.pushState(null, "", "#talk");
    this.opened = "";
    this.show(null, name);
    this.talks.show(null);
    this.words.focus();
  }

  enter(id) {
    location.hash = `#talk/${id}`;
    this.open(id);
    this.words.focus();
  }

  async say() {
    const text = this.words.value.trim();
    if (text === "") {
      return;
    }
    this.words.value = "";
    this.showProblem(null);
    if (this.talk === null) {
      await this.sayFirst(this.client, text);
    } else {
      await this.send(this.talk, this.talk.say(text));
    }
  }

  /** The first thing that a client says begins the conversation. */
  async sayFirst(client, text) {
    try {
      const { stream } = await this.api.query(client, text);
      const id = stream === null ? await this.talks.find(client) : stream.slice("conversation:".length);
      if (this.client === client) {
        this.enter(id);
      }
    } catch (error) {
      this.words.value ||= text;
      this.showProblem(error.message);
    }
  }

  async send(talk, said) {
    this.showWaiting(talk);
    this.log.toEnd();
    try {
      const { task_id: task } = await this.following.command("say", { message: said.text });
      talk.accepted(said, task);
    } catch (error) {
      said.why = error.message;
    }
    this.showWaiting(talk);
  }

  async sendAgain(said) {
    said.why = null;
    this.words.focus();
    await this.send(this.talk, said);
  }

  async stop() {
    this.words.focus();
    try {
      await this.following.cancel();
    } catch (error) {
      this.showProblem(error.message);
    }
  }

  // ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────────

  showWaiting(talk) {
    if (talk === this.talk) {
      this.log.showWaiting(talk.waiting);
      this.update();
    }
  }

  /** Everything that follows from the state alone. */
  update() {
    byId("say").hidden = this.talk === null && this.client === null;
    byId("stop").hidden = !(this.talk?.isRunning ?? false);
  }

  showProblem(text) {
    const place = byId("talk-problem");
    place.hidden = text === null;
    place.textContent = text ?? "";
  }
}
