// What a server prints, as it comes, for as long as somebody looks.

import { errorText } from "./link.js";
import { element } from "./plot.js";
import { nameOf, whole } from "./words.js";

/** Lines from before that are asked for. */
const linesBefore = 500;
/** Lines that are kept; when there are more, the oldest go. */
const mostLines = 5000;
/** A line longer than this is none of ours. */
const longestLine = 1 << 20;
/** Pixels from the end that count as the end. */
const slack = 24;
/** Of the balancer and the agent, not of the server. */
const remark = /^(… \d+ lines? left out$|\[paddler\] )/;

const find = (id) => document.getElementById(id);

export class ServerLog {
  /** @param onUnauthorized when the session is over */
  constructor(onUnauthorized) {
    this.onUnauthorized = onUnauthorized;
    this.dialog = find("server-log");
    this.title = find("server-log-title");
    this.lines = find("server-log-lines");
    this.state = find("server-log-state");
    this.abort = null;
    this.dialog.addEventListener("close", () => this.stop());
  }

  open(agent) {
    this.stop();
    this.lines.replaceChildren();
    this.count = 0;
    this.title.textContent = `Log of ${nameOf(agent)}`;
    this.state.textContent = "Asking its agent.";
    this.dialog.showModal();
    this.lines.focus();
    const abort = new AbortController();
    this.abort = abort;
    this.read(agent, abort.signal).then(
      () => this.end(abort, "It has ended: its agent or the balancer is gone."),
      (error) => this.end(abort, error instanceof TypeError ? "The balancer cannot be reached." : error.message),
    );
  }

  /** Nothing more is read. */
  stop() {
    this.abort?.abort();
    this.abort = null;
  }

  end(abort, text) {
    // Closed, or another one has taken its place.
    if (abort !== this.abort) return;
    this.abort = null;
    this.state.textContent = text;
  }

  async read(agent, signal) {
    const id = encodeURIComponent(agent.agent_id);
    const response = await fetch(`api/v1/agents/${id}/log?lines=${linesBefore}&follow=true`, {
      signal, cache: "no-store", redirect: "error",
    });
    if (response.status === 401) {
      this.onUnauthorized();
      throw new Error("The session is over.");
    }
    if (!response.ok) throw new Error(await errorText(response));
    this.state.textContent = "Further lines are shown as they come.";
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const texts = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = texts.pop();
      if (rest.length > longestLine) throw new Error("A line is too long.");
      if (!signal.aborted) this.append(texts);
    }
  }

  append(texts) {
    const { lines } = this;
    const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < slack;
    const added = document.createDocumentFragment();
    for (const text of texts) element("span", remark.test(text) ? "remark" : "", added).textContent = `${text}\n`;
    lines.append(added);
    this.count += texts.length;
    while (lines.childElementCount > mostLines) lines.firstElementChild.remove();
    if (this.count > mostLines) this.state.textContent = `The last ${whole(mostLines)} lines; further ones are shown as they come.`;
    if (isAtEnd) lines.scrollTop = lines.scrollHeight;
  }
}
