/** The transcript as a file: plain links, unless a key must go with the request. */

const LINKS = "[data-format]";

/** `session()` is the id of the session that is shown, `problem(text)` tells what went wrong. */
export function setUpDownloads(api, session, problem) {
  for (const link of document.querySelectorAll(LINKS)) {
    link.addEventListener("click", async (event) => {
      if (api.key === null) {
        return; // A plain link will do.
      }
      event.preventDefault();
      try {
        await save(api, session(), link.dataset.format);
      } catch (error) {
        problem(error.message);
      }
    });
  }
}

/** Makes the links those of a session. */
export function updateDownloads(api, session) {
  for (const link of document.querySelectorAll(LINKS)) {
    link.href = api.transcriptPath(session, link.dataset.format);
  }
}

async function save(api, session, format) {
  const file = await api.transcript(session, format);
  const saved = document.createElement("a");
  saved.href = URL.createObjectURL(file);
  saved.download = `transcript-${session}.${format}`;
  saved.click();
  URL.revokeObjectURL(saved.href);
}
