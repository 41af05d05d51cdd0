// The table of servers: a row for each address, changed in place.

import { comparison, orders } from "./order.js";
import { element } from "./plot.js";
import { Slots } from "./slots.js";
import { count, duration, epoch, memory, nameOf, percent, rate, stateOf, whole } from "./words.js";

/** Fleets up to this size are seen at a glance. */
const smallFleet = 6;
/** Larger fleets get a line for each server, unless somebody chose otherwise. */
const roomyFleet = 20;
/** Rows that are out of sight aren't laid out in fleets larger than this: printing would leave them out. */
const printableFleet = 200;
/** Milliseconds from one search of a large fleet to the next, while a filter is there. */
const searchInterval = 5000;
/** Milliseconds that nothing is typed before it is searched. */
const typingPause = 300;
/** Servers that a search shows at most. */
const mostFound = 200;
/** Milliseconds from one sorting by what changes all the time to the next. */
const restlessInterval = 5000;

export class Servers {
  /** @param onAction is given an agent and "drain", "undrain", "forget", "load", "unload" or "log"; returns when that is done or isn't to be */
  constructor(onAction) {
    this.onAction = onAction;
    this.rows = new Map();
    this.order = { key: "state", isReversed: false };
    this.sortedAt = -Infinity;
    this.chosenCompact = null;
    /** The last snapshot; of a large fleet it doesn't have all servers. */
    this.snapshot = null;
    /** Those of others that the filter has found, and for which text. */
    this.found = { text: "", agents: [], omitted: 0 };
    this.searchedAt = -Infinity;
    this.searching = null;
    const find = (id) => document.getElementById(id);
    this.table = find("fleet");
    this.body = this.table.tBodies[0];
    this.filters = find("filters");
    this.filter = find("filter");
    this.troubled = find("troubled");
    this.compact = find("compact");
    this.select = find("order");
    this.none = find("none");
    this.omitted = find("omitted");
    this.counted = find("servers-count");
    this.heads = [...this.table.querySelectorAll("th button")];
    this.select.append(...Object.entries(orders).map(([key, { title }]) => new Option(`Sort: ${title}`, key)));
    this.filter.addEventListener("input", () => {
      this.searchedAt = -Infinity;
      clearTimeout(this.searching);
      this.searching = setTimeout(() => this.search(), typingPause);
      this.applyFilter();
    });
    this.troubled.addEventListener("change", () => this.applyFilter());
    this.compact.addEventListener("change", () => {
      this.chosenCompact = this.compact.checked;
      this.applySize();
    });
    this.select.addEventListener("change", () => this.sortBy(this.select.value, false));
    for (const head of this.heads) {
      const key = head.dataset.order;
      head.addEventListener("click", () => this.sortBy(key, key === this.order.key && !this.order.isReversed));
    }
    this.showOrder();
  }

  /** Asks the balancer for servers that the snapshot hasn't, if there are any. */
  async search() {
    const text = this.filter.value.trim();
    if (!this.snapshot?.omitted || text === "") {
      this.found = { text: "", agents: [], omitted: 0 };
      return;
    }
    if (performance.now() - this.searchedAt < searchInterval) return;
    this.searchedAt = performance.now();
    try {
      const path = `api/v1/agents?limit=${mostFound}&search=${encodeURIComponent(text)}`;
      const response = await fetch(path, { cache: "no-store", redirect: "error" });
      if (!response.ok || text !== this.filter.value.trim()) return;
      const { agents, omitted = 0 } = await response.json();
      this.found = { text, agents, omitted };
      this.show();
    } catch {
      // The stream will find out, too.
    }
  }

  update(snapshot) {
    this.snapshot = snapshot;
    this.search();
    this.show();
  }

  show() {
    const { snapshot } = this;
    const now = epoch(snapshot.fleet?.time) ?? Date.now() / 1000;
    const seen = new Set();
    const known = new Set(snapshot.agents.map((agent) => agent.external_llamacpp_addr));
    const others = snapshot.omitted ? this.found.agents.filter((agent) => !known.has(agent.external_llamacpp_addr)) : [];
    for (const agent of [...snapshot.agents, ...others]) {
      const key = agent.external_llamacpp_addr;
      seen.add(key);
      let row = this.rows.get(key);
      if (!row) {
        row = new Row((agent, action) => this.onAction(agent, action));
        this.rows.set(key, row);
      }
      row.update(agent, now);
    }
    for (const [key, row] of this.rows) {
      if (seen.has(key)) continue;
      row.root.remove();
      this.rows.delete(key);
    }
    this.sort();
    this.table.hidden = this.rows.size === 0;
    this.filters.hidden = this.rows.size <= smallFleet && this.filter.value === "" && !this.troubled.checked;
    this.applySize();
    this.applyFilter();
  }

  applySize() {
    this.compact.checked = this.chosenCompact ?? this.rows.size > roomyFleet;
    this.table.classList.toggle("compact", this.compact.checked);
    this.table.classList.toggle("long", this.rows.size > printableFleet);
  }

  sortBy(key, isReversed) {
    this.order = { key, isReversed };
    this.sortedAt = -Infinity;
    this.showOrder();
    this.sort();
  }

  showOrder() {
    const { key, isReversed } = this.order;
    this.select.value = key;
    for (const head of this.heads) {
      const cell = head.parentElement;
      if (head.dataset.order === key) cell.setAttribute("aria-sort", isReversed ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }

  sort() {
    const { key, isReversed } = this.order;
    const isNew = this.rows.size !== this.body.childElementCount;
    if (orders[key].isRestless && !isNew && performance.now() - this.sortedAt < restlessInterval) return;
    this.sortedAt = performance.now();
    const compare = comparison(key, isReversed);
    const rows = [...this.rows.values()].sort((a, b) => compare(a.agent, b.agent));
    const focused = document.activeElement;
    rows.forEach((row, index) => {
      if (this.body.children[index] !== row.root) this.body.insertBefore(row.root, this.body.children[index] ?? null);
    });
    // A row that is moved loses it.
    if (focused !== document.activeElement && this.body.contains(focused)) focused.focus({ preventScroll: true });
  }

  applyFilter() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of this.rows.values()) {
      const matches = words.every((word) => row.words.includes(word)) && (!this.troubled.checked || row.isTroubled);
      if (row.root.hidden === matches) row.root.hidden = !matches;
      if (matches) shown++;
    }
    const all = this.snapshot?.fleet ? this.snapshot.fleet.registered + (this.snapshot.fleet.lost ?? 0) : 0;
    const omitted = this.snapshot?.omitted ?? 0;
    const total = omitted > 0 ? Math.max(all, this.rows.size) : this.rows.size;
    const rest = total - this.rows.size;
    const text = this.filter.value.trim();
    const areWell = (this.snapshot?.fleet?.troubled ?? 0) <= (this.snapshot?.agents.length ?? 0);
    // What was found is in the order of addresses: some of it is listed anyway.
    const unlisted = this.found.text === text && this.found.omitted > 0
      ? this.found.agents.length + this.found.omitted - shown : 0;
    const note = text === ""
      ? `${whole(rest)} more ${areWell ? "without a problem " : ""}aren't listed. The filter finds them.`
      : unlisted > 0 && !this.troubled.checked ? `${whole(unlisted)} more have that in their name, address, model or state.` : "";
    this.omitted.hidden = omitted === 0 || note === "";
    if (this.omitted.textContent !== note) this.omitted.textContent = note;
    this.none.hidden = total === 0 || shown > 0;
    const counted = total === 0 ? "none yet" : shown === total ? whole(total) : `${whole(shown)} of ${whole(total)}`;
    if (this.counted.textContent !== counted) this.counted.textContent = counted;
  }
}

class Row {
  constructor(onAction) {
    this.texts = new Map();
    this.root = element("tr");
    this.root.setAttribute("role", "row");
    const server = this.cell("server", "Server", "th");
    server.setAttribute("role", "rowheader");
    server.scope = "row";
    this.nameText = element("span", "name", server);
    this.addressText = element("span", "address", server);
    const state = this.cell("state", "State");
    this.badge = element("span", "badge", state);
    this.problem = element("span", "problem", state);
    this.hint = element("span", "hint", state);
    const model = this.cell("model", "Model");
    this.modelText = element("span", "model-name", model);
    this.modelMore = element("span", "model-more", model);
    this.slots = new Slots(this.cell("slots", "Slots"));
    this.inFlight = this.cell("number", "In flight");
    this.rate = this.cell("number", "Tokens/s");
    this.cache = this.cell("number", "Cache hits");
    this.age = this.cell("number", "Last report");
    const actions = this.cell("action", "");
    this.residency = new ActionButton(actions, (action) => onAction(this.agent, action));
    this.button = new ActionButton(actions, (action) => onAction(this.agent, action));
    this.log = new ActionButton(actions, (action) => onAction(this.agent, action));
  }

  cell(className, label, name = "td") {
    const cell = element(name, className, this.root);
    cell.setAttribute("role", "cell");
    // What the column is called, where rows are cards and there are no columns.
    if (label) cell.dataset.label = label;
    return cell;
  }

  update(agent, now) {
    this.agent = agent;
    this.name = nameOf(agent);
    this.address = agent.external_llamacpp_addr;
    const state = stateOf(agent);
    this.isTroubled = state.problem !== null;
    this.words = [this.name, this.address, state.word, agent.state, agent.condition, ...agent.models].join(" ").toLowerCase();
    if (this.root.dataset.level !== state.level) this.root.dataset.level = state.level;
    this.set(this.nameText, this.name, true);
    this.set(this.addressText, agent.agent_name ? this.address : "", true);
    this.set(this.badge, state.word);
    this.set(this.problem, state.problem ?? "", true);
    this.set(this.hint, state.hint ?? "", true);
    this.set(this.modelText, agent.models.join(", ") || "–", true);
    this.set(this.modelMore, [agent.context_size ? `${whole(agent.context_size)} context` : "", agent.build ?? "", agent.weight > 1 ? `weight ${agent.weight}` : "", agent.speed > 1 ? `speed ${agent.speed}` : "", ...residencyOf(agent)].filter(Boolean).join(" · "), true);
    this.slots.update(agent);
    this.set(this.inFlight, whole(agent.slots_leased));
    this.set(this.rate, agent.tokens_per_second === undefined ? "–" : rate(agent.tokens_per_second));
    this.set(this.cache, agent.cache_hit_ratio == null ? "–" : percent(agent.cache_hit_ratio));
    this.set(this.age, duration(now - epoch(agent.last_update)));
    this.button.update(agent.state === "lost" ? "forget" : agent.draining ? "undrain" : "drain", this.name);
    this.log.update(agent.tells_log ? "log" : null, this.name);
    this.residency.update(residencyAction(agent), this.name);
  }

  /** @param hasTitle whether it may be too long to be seen as a whole */
  set(node, text, hasTitle = false) {
    if (this.texts.get(node) === text) return;
    this.texts.set(node, text);
    node.textContent = text;
    if (hasTitle) node.title = text;
  }
}

class ActionButton {
  constructor(parent, onAction) {
    this.root = element("button", "", parent);
    this.root.type = "button";
    this.root.addEventListener("click", async () => {
      // Stays focusable, which a disabled button isn't.
      if (this.root.getAttribute("aria-disabled") === "true") return;
      this.root.setAttribute("aria-disabled", "true");
      await onAction(this.action);
      this.root.removeAttribute("aria-disabled");
    });
  }

  /** @param action null: there is nothing to do */
  update(action, name) {
    const label = `${action} ${name}`;
    if (this.label === label) return;
    this.label = label;
    this.action = action;
    this.root.hidden = action === null;
    const verb = action === null ? "" : action[0].toUpperCase() + action.slice(1);
    this.root.textContent = verb;
    this.root.ariaLabel = `${verb} ${name}`;
  }
}

function residencyAction(agent) {
  if (!agent.on_demand || agent.state === "lost") return null;
  const isThere = agent.state !== "unloaded" && agent.condition !== "failing";
  if (isThere) return agent.leaving ? null : "unload";
  return "load";
}

function residencyOf(agent) {
  if (!agent.on_demand) return [];
  const { memory_bytes: bytes, loaded_for_seconds: age, pinned } = agent.on_demand;
  return [memory(bytes), age === null ? "" : `loaded for ${duration(age)}`, pinned ? "pinned" : ""];
}

/** What is asked before it is done; null: it is done at once. */
export function question(agent, action) {
  const name = nameOf(agent);
  switch (action) {
    case "drain": {
      const runs = agent.slots_leased + agent.slots_cooling;
      const rest = runs > 0 ? `${count(runs, "request")} that ${runs === 1 ? "runs" : "run"} there may end.` : "Nothing runs there now.";
      return { title: `Drain ${name}?`, text: `It gets no new requests until you undrain it. ${rest}`, yes: "Drain" };
    }
    case "unload":
      return {
        title: `Unload ${name}?`,
        text: "What runs there comes to its end first. It is loaded again when a request asks for its model.",
        yes: "Unload",
      };
    case "forget":
      return {
        title: `Forget ${name}?`,
        text: "It is taken off the list of servers that are missing. When its agent connects again, it is back.",
        yes: "Forget",
      };
    default:
      return null;
  }
}

/** What that came to, in words. */
export function outcome(agent, action) {
  const name = nameOf(agent);
  if (action === "forget") return `${name} is forgotten.`;
  if (action === "load") return `${name} is to load its model.`;
  if (action === "unload") return `${name} is to unload its model when nothing runs there any more.`;
  if (action === "undrain") return `${name} gets requests again.`;
  const runs = agent.slots_leased + agent.slots_cooling;
  return runs > 0 ? `${name} gets no new requests; ${runs} still to end there.` : `${name} gets no new requests, and nothing runs there.`;
}
