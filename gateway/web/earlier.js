/** The list of earlier sessions: to open again, or to delete. */

import { byId } from "./elements.js";
import { Listing } from "./listing.js";
import { momentText, texts } from "./texts.js";

export class Earlier {
  /** `api` lists and deletes; `deleted(id)` is told of what this page deleted. */
  constructor(api, deleted) {
    this.current = null;
    this.listing = new Listing(byId("sessions"), byId("more"), [texts.deleteTitle, texts.deleteHint], {
      page: async (after) => {
        const { sessions, next } = await api.sessions(after);
        return { entries: sessions, next };
      },
      describe: (session) => this.describe(session),
      remove: (session) => api.remove(session.session_id),
      removed: (session) => deleted(session.session_id),
    });
  }

  /** The newest sessions, with `current` marked. */
  async show(current) {
    this.current = current;
    await this.listing.load();
  }

  describe({ session_id: id, created_at: created, total_screenshots: shots, total_messages: messages }) {
    const title = momentText(created);
    return {
      href: `#${id}`,
      isCurrent: id === this.current,
      title,
      summary: texts.sessionSummary(shots, messages),
      label: texts.deleteOne(title),
    };
  }
}
