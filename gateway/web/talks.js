/** The list of conversations: to go on with, or to delete. */

import { byId } from "./elements.js";
import { Listing } from "./listing.js";
import { momentText, texts } from "./texts.js";

const RELATIONSHIPS = ["FRIEND", "LOVER", "FAMILY", "COLLEAGUE", "SUPERIOR", "OTHER"];
const LARGEST_PAGE = 200;

export class Talks {
  /** `api` lists and deletes; `deleted(id)` is told of what this page deleted. */
  constructor(api, deleted) {
    this.api = api;
    this.current = null;
    this.listing = new Listing(byId("talks"), byId("talks-more"), [texts.deleteTalk, texts.deleteTalkHint], {
      page: (after) => this.page(after),
      describe: (talk) => this.describe(talk),
      remove: (talk) => api.removeConversation(talk),
      removed: (talk) => deleted(talk.conversation_id),
    });
  }

  /** The newest conversations, with `current` marked. */
  async show(current) {
    this.current = current;
    await this.listing.load();
  }

  /** The id of the conversation of a client name, null where it has none. */
  async find(name) {
    for (let after = null; ; ) {
      const { conversations, next } = await this.api.conversations(after, LARGEST_PAGE);
      const found = conversations.find((talk) => talk.kind === "client" && talk.client_name === name);
      if (found !== undefined || next === null) {
        return found?.conversation_id ?? null;
      }
      after = next;
    }
  }

  async page(after) {
    const { conversations, next } = await this.api.conversations(after);
    // Completions are single answers to other programs: nothing can be said in them.
    return { entries: conversations.filter((talk) => talk.kind !== "completion"), next };
  }

  describe(talk) {
    const title = talkName(talk);
    return {
      href: `#talk/${talk.conversation_id}`,
      isCurrent: talk.conversation_id === this.current,
      title,
      summary: momentText(talk.created_at),
      label: texts.deleteTalkOne(title),
    };
  }
}

/** What a conversation is called. */
export function talkName({ kind, client_name: client, relationship }) {
  return kind === "client" ? texts.chatOf(client) : texts.practiceWith(relationshipName(relationship));
}

/** A relationship as people say it: codes in the reader's language, free text as it is. */
export function relationshipName(relationship) {
  return RELATIONSHIPS.includes(relationship) ? texts[relationship] : (relationship ?? "");
}
