// The stream of snapshots: read, watched for silence, and opened again by itself.

const shortestPause = 500;
const longestPause = 8000;
/** The balancer says something every 5 s, if only a comment. */
const longestSilence = 15000;
/** An event larger than this is none of ours. */
const longestEvent = 16 << 20;

export class Link {
  /**
   * @param path of the stream
   * @param on `snapshot(object)`, `open()`, `lost(reason, milliseconds until the next attempt)`, `unauthorized()`
   */
  constructor(path, on) {
    this.path = path;
    this.on = on;
    this.failures = 0;
    this.timer = null;
    this.abort = null;
  }

  start() {
    clearTimeout(this.timer);
    this.timer = null;
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.read(abort).then(
      () => this.failed(abort, "the balancer ended the stream"),
      (error) => this.failed(abort, reason(error)),
    );
  }

  /** At once, if it waits to try again. */
  retry() {
    if (this.timer !== null) this.start();
  }

  async read(abort) {
    let silence = null;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(new Error("nothing came for 15 s")), longestSilence);
    };
    heard();
    try {
      const response = await fetch(this.path, {
        signal: abort.signal, cache: "no-store", headers: { accept: "text/event-stream" }, redirect: "error",
      });
      if (response.status === 401) {
        this.on.unauthorized();
        throw new Error("the session is over");
      }
      if (!response.ok) throw new Error(await errorText(response));
      const events = new EventReader((data) => {
        this.failures = 0;
        this.on.snapshot(JSON.parse(data));
      }, longestEvent);
      this.on.open();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        events.take(value);
      }
    } finally {
      clearTimeout(silence);
      abort.abort();
    }
  }

  failed(abort, text) {
    // Another attempt has taken its place.
    if (abort !== this.abort) return;
    const base = Math.min(longestPause, shortestPause * 2 ** this.failures);
    const pause = base * (0.75 + Math.random() / 2);
    this.failures = Math.min(this.failures + 1, 10);
    this.timer = setTimeout(() => this.start(), pause);
    this.on.lost(text, pause);
  }
}

/** Takes server-sent events out of bytes: the `data` of each, which is all that is used here. */
export class EventReader {
  constructor(onData, limit) {
    this.onData = onData;
    this.limit = limit;
    this.decoder = new TextDecoder();
    this.rest = "";
    this.data = [];
  }

  take(bytes) {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split("\n");
    this.rest = lines.pop();
    if (this.rest.length > this.limit) throw new Error("an event is too large");
    for (const line of lines) this.line(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  line(line) {
    if (line === "") {
      if (this.data.length > 0) this.onData(this.data.join("\n"));
      this.data = [];
    } else if (line.startsWith("data:")) {
      this.data.push(line.slice(line[5] === " " ? 6 : 5));
    }
  }
}

/** What an answer that isn't the one that was hoped for says. */
export async function errorText(response) {
  try {
    const { error } = await response.json();
    if (error?.message) return error.message;
  } catch {
    // No JSON: its status has to do.
  }
  return `the answer was ${response.status} ${response.statusText}`.trim();
}

function reason(error) {
  // Browsers say of a refused connection no more than this.
  return error instanceof TypeError ? "the balancer cannot be reached" : error.message;
}
