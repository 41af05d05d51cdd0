// A row for each request: those that are under way, then those that ended last.

import { element } from "./plot.js";
import { clock, day, milliseconds, rate, whole } from "./words.js";

/** Milliseconds. */
const interval = 3000;
/** Shown until somebody asks for all. */
const fewest = 8;
/** That are asked for. */
const most = 200;

const words = {
  running: "running",
  answered: "answered",
  own_answer: "by the balancer",
  refused: "refused",
  failed: "failed",
  timed_out: "timed out",
  cut: "cut",
  client_left: "client left",
};

const levels = { refused: "warn", client_left: "warn", failed: "bad", timed_out: "bad", cut: "bad", running: "busy" };

export class Requests {
  constructor() {
    const find = (id) => document.getElementById(id);
    this.section = find("requests");
    this.counted = find("requests-count");
    this.outcome = find("requests-outcome");
    this.filter = find("requests-filter");
    this.more = find("requests-more");
    this.none = find("requests-none");
    this.table = find("requests-table");
    this.body = this.table.tBodies[0];
    this.requests = [];
    this.runningTotal = 0;
    this.showsAll = false;
    this.isLoading = false;
    this.loadedAt = -Infinity;
    for (const [value, text] of Object.entries(words)) this.outcome.append(new Option(text, value));
    this.outcome.addEventListener("change", () => {
      this.loadedAt = -Infinity;
      this.load();
    });
    this.filter.addEventListener("input", () => this.draw());
    this.more.addEventListener("click", () => {
      this.showsAll = !this.showsAll;
      this.draw();
    });
  }

  /** Asks the balancer, if it hasn't been asked a moment ago. */
  async load() {
    if (this.isLoading || performance.now() - this.loadedAt < interval) return;
    this.isLoading = true;
    const outcome = this.outcome.value;
    try {
      const query = outcome ? `&outcome=${outcome}` : "";
      const response = await fetch(`api/v1/requests?limit=${most}${query}`, { cache: "no-store", redirect: "error" });
      this.loadedAt = performance.now();
      if (!response.ok) return;
      const listing = await response.json();
      this.requests = [...listing.running, ...listing.ended];
      this.runningTotal = listing.running_total;
      // Nothing is hidden once something was seen: a filter that lets nothing through must be seen, too.
      if (this.requests.length > 0) this.section.hidden = false;
      this.draw();
    } catch {
      // The stream of snapshots says when the connection is lost.
    } finally {
      this.isLoading = false;
      if (this.outcome.value !== outcome) {
        this.loadedAt = -Infinity;
        this.load();
      }
    }
  }

  draw() {
    const wanted = this.filter.value.trim().toLowerCase();
    const found = wanted ? this.requests.filter((request) => textOf(request).includes(wanted)) : this.requests;
    const shown = this.showsAll ? found : found.slice(0, fewest);
    this.counted.textContent = `${whole(this.runningTotal)} under way`;
    this.more.hidden = found.length <= fewest;
    this.more.textContent = this.showsAll ? "Show the newest" : `Show all ${whole(found.length)}`;
    this.more.setAttribute("aria-expanded", String(this.showsAll));
    this.none.hidden = found.length > 0;
    this.table.hidden = found.length === 0;
    this.body.replaceChildren(...shown.map(requestRow));
  }
}

function textOf(request) {
  return [
    request.upstream_name, request.upstream, request.tenant, request.model, request.client, request.path,
    request.request_id, request.trace_id, request.outcome_reason, request.status,
  ].filter((value) => value !== null).join(" ").toLowerCase();
}

function requestRow(request) {
  const row = element("tr");
  row.setAttribute("role", "row");
  row.dataset.level = levels[request.outcome] ?? "ok";
  const cell = (className, text = "") => {
    const cell = element("td", className, row);
    cell.setAttribute("role", "cell");
    cell.textContent = text;
    return cell;
  };
  const time = element("time", "", cell("request-time"));
  const seconds = Date.parse(request.time) / 1000;
  time.dateTime = request.time;
  time.textContent = [day(seconds), clock(seconds)].filter(Boolean).join(" ");
  time.title = `request ${request.request_id}${request.trace_id ? `, trace ${request.trace_id}` : ""}`;

  const what = cell("request-what");
  element("b", "", what).textContent = request.path ? `${request.method} ${request.path}` : "unreadable";
  const from = [request.model, request.tenant, request.client].filter(Boolean).join(" · ");
  element("span", "dim", what).textContent = from;

  const server = cell("request-server", request.upstream_name ?? request.upstream ?? "–");
  if (request.upstream) {
    const attempts = request.attempts > 1 ? `, attempt ${request.attempts}` : "";
    server.title = `${request.upstream}${request.upstream_reason ? `: ${request.upstream_reason}` : ""}${attempts}`;
  }

  const reason = request.outcome_reason?.replaceAll("_", " ");
  const status = request.outcome !== "running" && request.status !== null ? ` ${request.status}` : "";
  cell("request-outcome", `${words[request.outcome] ?? request.outcome}${status}${reason ? `, ${reason}` : ""}`);

  const figure = (label, className, text) => {
    const figure = cell(`number ${className}`, text);
    figure.dataset.label = label;
  };
  figure("Waited", "request-waited", request.waited_seconds > 0 ? span(request.waited_seconds) : "–");
  figure("First token", "request-first", span(request.first_token_seconds));
  figure("Total", "request-total", span(request.total_seconds));
  figure("Tokens in", "request-in", tokensIn(request));
  figure("Tokens out", "request-out", request.tokens_generated === null ? "–" : whole(request.tokens_generated));
  figure("Tokens/s", "request-rate", request.tokens_per_second === null ? "–" : rate(request.tokens_per_second));
  return row;
}

function span(seconds) {
  return seconds === null ? "–" : milliseconds(seconds * 1000);
}

/** How many the prompt has, and how many of them were found in a cache. */
function tokensIn(request) {
  if (request.tokens_prompt === null) return "–";
  const cached = request.tokens_cached > 0 ? ` (${whole(request.tokens_cached)} cached)` : "";
  return whole(request.tokens_prompt) + cached;
}
