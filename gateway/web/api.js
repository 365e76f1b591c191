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

  /** Starts to merge and returns the task at once; the stream tells how it ends. */
  async process(id, relationship, about) {
    const query = new URLSearchParams({ relationship, relationship_info: about });
    const headers = { Prefer: "respond-async" };
    return this.json(`${sessionPath(id)}/process?${query}`, { method: "POST", headers, again: true });
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

async function problemOf(answer) {
  const fallback = { status: answer.status, detail: `${answer.status} ${answer.statusText}` };
  try {
    return { ...fallback, ...(await answer.json()) };
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
