/** The REST routes. A key is asked for when the service wants one, and kept in this tab. */

import { texts } from "./texts.js";

const KEY = "tokstream-key";
const ATTEMPTS = 4;
const PAUSE_SECONDS = 1;
const TEMPORARY = [429, 503];

/** What the service refused, as its problem document tells it. `message` is for people. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.temporary = problem.temporary ?? (problem.status === 0 || problem.status >= 500);
    this.retryAfter = problem.retry_after ?? null;
    this.field = problem.field ?? null;
  }
}

export class Api {
  /** `askKey(wrong)` resolves to a key, or null where the person has none; `wrong`: one was given and refused. */
  constructor(askKey) {
    this.askKey = askKey;
    this.asking = null;
  }

  get key() {
    return sessionStorage.getItem(KEY);
  }

  async newSession() {
    return this.json("sessions", { method: "POST", again: true });
  }

  async sessions(after) {
    return this.json(`sessions?limit=20${after === null ? "" : `&after=${encodeURIComponent(after)}`}`);
  }

  async session(id) {
    return this.json(sessionPath(id));
  }

  async remove(id) {
    await this.request(sessionPath(id), { method: "DELETE" });
  }

  async messages(id) {
    return this.json(`${sessionPath(id)}/messages`);
  }

  /** `retrying` is called before each repetition. */
  async upload(id, file, retrying) {
    const body = new FormData();
    body.append("file", file);
    return this.json(`${sessionPath(id)}/upload`, { method: "POST", body, again: true, retrying });
  }

  /** Starts to import a chat export; `me` names the own side, or is null. Returns what `started` does. */
  async importExport(id, file, me, retrying) {
    const body = new FormData();
    body.append("file", file);
    if (me !== null) {
      body.append("me", me);
    }
    return this.started(`${sessionPath(id)}/import`, { body, retrying });
  }

  /** Starts to merge; the session's stream tells how it ends. */
  async process(id, relationship, about) {
    const query = new URLSearchParams({ relationship, relationship_info: about });
    await this.started(`${sessionPath(id)}/process?${query}`);
  }

  /** Starts to judge the messages again; the session's stream tells each judgement, and how it ends. */
  async analyze(id) {
    await this.started(`${sessionPath(id)}/analyze`);
  }

  /** Starts to think of replies. Returns what `started` does. */
  async predictNext(id) {
    return this.started(`${sessionPath(id)}/predict-next`);
  }

  async conversations(after, limit = 20) {
    const query = after === null ? "" : `&after=${encodeURIComponent(after)}`;
    return this.json(`conversations?limit=${limit}${query}`);
  }

  async conversation(id) {
    return this.json(conversationPath(id));
  }

  /** The first turns of a conversation: those that wait come before all others, with number 0. */
  async turns(id) {
    return (await this.json(`${conversationPath(id)}/turns`)).turns;
  }

  /** Starts a simulated conversation and returns its id. */
  async startConversation(relationship, about) {
    const { stream, result } = await this.started("start-conversation", {
      body: new URLSearchParams({ relationship, relationship_info: about }),
    });
    return result?.thread_id ?? stream.slice("conversation:".length);
  }

  /** A client's conversation goes by its history, so that its name begins a new one afterwards. */
  async removeConversation({ conversation_id: id, kind, client_name: name }) {
    const path = kind === "client" ? `history?client_name=${encodeURIComponent(name)}` : conversationPath(id);
    await this.request(path, { method: "DELETE" });
  }

  async models() {
    return (await this.json("models")).data.map((model) => model.id);
  }

  async chooseModel(name, model) {
    await this.request("model", { method: "POST", body: new URLSearchParams({ client_name: name, model }) });
  }

  /** Says the first thing in a client's conversation. Returns what `started` does. */
  async query(name, input) {
    return this.started("query", { body: new URLSearchParams({ client_name: name, input }) });
  }

  /**
   * Starts work by a POST and returns at once: `stream` is where its end will be told, `result` its result where it has
   * ended already.
   */
  async started(path, options = {}) {
    const headers = { Prefer: "respond-async" };
    const answer = await this.request(path, { method: "POST", headers, again: true, ...options });
    const body = await answer.json();
    return answer.status === 202 ? { stream: body.stream, result: null } : { stream: null, result: body };
  }

  async image(id, screenshotId) {
    const answer = await this.request(`${sessionPath(id)}/screenshots/${encodeURIComponent(screenshotId)}`);
    return answer.blob();
  }

  async transcript(id, format) {
    const answer = await this.request(this.transcriptPath(id, format));
    return answer.blob();
  }

  transcriptPath(id, format) {
    return `${sessionPath(id)}/transcript?format=${format}`;
  }

  /** What to open a socket with: a ticket for the key, or null where no key is asked for. */
  async socketToken() {
    return this.key === null ? null : (await this.json("tickets", { method: "POST" })).ticket;
  }

  async json(path, options) {
    return (await this.request(path, options)).json();
  }

  /**
   * The answer, if it is a good one. With `again` a POST that was not answered, or that the service had no room for, is
   * repeated a few times under one Idempotency-Key: what it does is done once. Throws Refusal.
   */
  async request(path, { again = false, retrying = () => {}, headers = {}, ...options } = {}) {
    const sent = again ? { ...headers, "Idempotency-Key": randomName() } : headers;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(path, { ...options, headers: sent });
      } catch (error) {
        const mended = error instanceof Refusal && (error.status === 0 || TEMPORARY.includes(error.status));
        if (!again || !mended || attempt === ATTEMPTS) {
          throw error;
        }
        retrying();
        await pause(error.retryAfter ?? PAUSE_SECONDS * attempt);
      }
    }
  }

  async once(path, options) {
    for (;;) {
      const key = this.key;
      const headers = key === null ? options.headers : { ...options.headers, "x-api-key": key };
      let answer;
      try {
        answer = await fetch(path, { ...options, headers });
      } catch {
        throw new Refusal({ status: 0, detail: texts.unreachable });
      }
      if (answer.ok) {
        return answer;
      }
      if (answer.status !== 401) {
        throw new Refusal(await problemOf(answer));
      }
      if (!(await this.newKey(key))) {
        throw new Refusal({ status: 401, detail: texts.keyNeeded });
      }
    }
  }

  /** Whether there is a key now other than `refused`. Requests that are refused at the same time ask only once. */
  async newKey(refused) {
    if (this.key !== refused) {
      return true;
    }
    this.asking ??= this.askKey(refused !== null).finally(() => {
      this.asking = null;
    });
    const given = await this.asking;
    if (given === null) {
      return false;
    }
    sessionStorage.setItem(KEY, given);
    return true;
  }
}

function sessionPath(id) {
  return `sessions/${encodeURIComponent(id)}`;
}

function conversationPath(id) {
  return `conversations/${encodeURIComponent(id)}`;
}

async function problemOf(answer) {
  const fallback = { status: answer.status, detail: `${answer.status} ${answer.statusText}` };
  try {
    const body = await answer.json();
    return { ...fallback, ...(typeof body.error === "string" ? { detail: body.error } : body) };
  } catch {
    return fallback; // A proxy on the way may answer with something else than a problem document.
  }
}

/** 128 random bits. crypto.randomUUID is not to be had on plain http beyond this machine. */
function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
