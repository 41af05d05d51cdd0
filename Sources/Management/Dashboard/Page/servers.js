// The table of servers: a row for each address, changed in place.

import { element } from "./plot.js";
import { collator, duration, epoch, nameOf, percent, rate, stateOf, whole } from "./words.js";

/** More slots than this are a bar: so many squares could not be counted anyway. */
const mostSquares = 16;
const kinds = ["leased", "foreign", "cooling", "idle"];
/** Fleets up to this size are seen at a glance. */
const smallFleet = 6;

export class Servers {
  /** @param onDrain is given an agent and whether it shall drain; returns when that is known */
  constructor(onDrain) {
    this.onDrain = onDrain;
    this.rows = new Map();
    this.order = "";
    this.body = document.querySelector("#fleet tbody");
    this.table = document.querySelector("#fleet");
    this.filters = document.querySelector("#filters");
    this.filter = document.querySelector("#filter");
    this.troubled = document.querySelector("#troubled");
    this.none = document.querySelector("#none");
    this.counted = document.querySelector("#servers-count");
    this.filter.addEventListener("input", () => this.applyFilter());
    this.troubled.addEventListener("change", () => this.applyFilter());
  }

  update(snapshot) {
    const now = epoch(snapshot.fleet?.time) ?? Date.now() / 1000;
    const seen = new Set();
    for (const agent of snapshot.agents) {
      const key = agent.external_llamacpp_addr;
      seen.add(key);
      let row = this.rows.get(key);
      if (!row) {
        row = new Row((agent, drains) => this.onDrain(agent, drains));
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
    this.applyFilter();
  }

  /** By name, whatever order the balancer prefers at the moment. */
  sort() {
    const rows = [...this.rows.values()].sort(
      (a, b) => collator.compare(a.name, b.name) || collator.compare(a.address, b.address),
    );
    const order = rows.map((row) => row.address).join("\n");
    if (order === this.order) return;
    this.order = order;
    rows.forEach((row, index) => {
      if (this.body.children[index] !== row.root) this.body.insertBefore(row.root, this.body.children[index] ?? null);
    });
  }

  applyFilter() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of this.rows.values()) {
      const matches = words.every((word) => row.words.includes(word)) && (!this.troubled.checked || row.level !== "ok");
      if (row.root.hidden === matches) row.root.hidden = !matches;
      if (matches) shown++;
    }
    const total = this.rows.size;
    this.none.hidden = total === 0 || shown > 0;
    const text = total === 0 ? "none yet" : shown === total ? whole(total) : `${whole(shown)} of ${whole(total)}`;
    if (this.counted.textContent !== text) this.counted.textContent = text;
  }
}

class Row {
  constructor(onDrain) {
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
    const slots = this.cell("slots", "Slots");
    this.slotsText = element("span", "slots-text", slots);
    this.slotsText.setAttribute("aria-hidden", "true");
    this.slotsDrawing = element("span", "slots-drawing", slots);
    this.slotsDrawing.setAttribute("aria-hidden", "true");
    this.slotsSaid = element("span", "sr", slots);
    this.inFlight = this.cell("number", "In flight");
    this.rate = this.cell("number", "Tokens/s");
    this.cache = this.cell("number", "Cache hits");
    this.age = this.cell("number", "Last report");
    this.button = element("button", "", this.cell("action", ""));
    this.button.type = "button";
    this.button.addEventListener("click", async () => {
      // Stays focusable, which a disabled button isn't.
      if (this.button.getAttribute("aria-disabled") === "true") return;
      this.button.setAttribute("aria-disabled", "true");
      await onDrain(this.agent, !this.agent.draining);
      this.button.removeAttribute("aria-disabled");
    });
    this.drawn = "";
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
    this.level = state.level;
    this.words = [this.name, this.address, state.word, agent.state, ...agent.models].join(" ").toLowerCase();
    if (this.root.dataset.level !== state.level) this.root.dataset.level = state.level;
    this.set(this.nameText, this.name, true);
    this.set(this.addressText, agent.agent_name ? this.address : "", true);
    this.set(this.badge, state.word);
    this.set(this.problem, state.problem ?? "");
    this.set(this.hint, state.hint ?? "");
    this.set(this.modelText, agent.models.join(", ") || "–", true);
    this.set(this.modelMore, [agent.context_size ? `${whole(agent.context_size)} context` : "", agent.build ?? ""].filter(Boolean).join(" · "), true);
    this.drawSlots(agent);
    this.set(this.inFlight, whole(agent.slots_leased));
    this.set(this.rate, agent.tokens_per_second === undefined ? "–" : rate(agent.tokens_per_second));
    this.set(this.cache, agent.cache_hit_ratio == null ? "–" : percent(agent.cache_hit_ratio));
    this.set(this.age, duration(now - epoch(agent.last_update)));
    const action = agent.draining ? "Undrain" : "Drain";
    this.set(this.button, action);
    const label = `${action} ${this.name}`;
    if (this.button.ariaLabel !== label) this.button.ariaLabel = label;
  }

  drawSlots(agent) {
    const total = agent.slots_total;
    const busy = { leased: agent.slots_leased, foreign: agent.slots_foreign, cooling: agent.slots_cooling };
    busy.idle = Math.max(0, total - busy.leased - busy.foreign - busy.cooling);
    const isUsed = agent.state === "usable";
    const drawing = `${total} ${kinds.map((kind) => busy[kind]).join(" ")} ${isUsed}`;
    if (drawing === this.drawn) return;
    this.drawn = drawing;
    const taken = total - busy.idle;
    this.set(this.slotsText, total > 0 ? `${whole(taken)}/${whole(total)}` : "–");
    this.set(this.slotsSaid, [
      total > 0 ? `${taken} of ${total} slots busy` : "no slots known",
      ...(busy.foreign > 0 ? [`${busy.foreign} for others`] : []),
      ...(busy.cooling > 0 ? [`${busy.cooling} whose client left`] : []),
    ].join(", "));
    this.slotsDrawing.classList.toggle("unused", !isUsed);
    if (total > mostSquares) this.drawBar(busy, total);
    else this.drawSquares(busy);
  }

  drawSquares(busy) {
    const wanted = kinds.flatMap((kind) => Array(busy[kind]).fill(`slot ${kind}`));
    const drawing = this.slotsDrawing;
    if (this.hasBar) drawing.replaceChildren();
    this.hasBar = false;
    while (drawing.childElementCount > wanted.length) drawing.lastElementChild.remove();
    while (drawing.childElementCount < wanted.length) element("i", "", drawing);
    wanted.forEach((className, index) => {
      if (drawing.children[index].className !== className) drawing.children[index].className = className;
    });
  }

  drawBar(busy, total) {
    if (!this.hasBar) {
      this.slotsDrawing.replaceChildren();
      const bar = element("i", "slot-bar", this.slotsDrawing);
      this.parts = kinds.map((kind) => element("i", `slot ${kind}`, bar));
    }
    this.hasBar = true;
    kinds.forEach((kind, index) => {
      const part = this.parts[index];
      part.hidden = busy[kind] === 0;
      part.style.flexGrow = String(busy[kind]);
      part.textContent = busy[kind] / total > 0.12 ? String(busy[kind]) : "";
    });
  }

  /** @param hasTitle whether it may be too long to be seen as a whole */
  set(node, text, hasTitle = false) {
    if (this.texts.get(node) === text) return;
    this.texts.set(node, text);
    node.textContent = text;
    if (hasTitle) node.title = text;
  }
}

/** What a drain or undrain came to, in words. */
export function drained(agent, drains) {
  const name = nameOf(agent);
  if (!drains) return `${name} gets requests again.`;
  const runs = agent.slots_leased + agent.slots_cooling;
  return runs > 0 ? `${name} gets nothing new; ${runs} still to end there.` : `${name} gets nothing new, and nothing runs there.`;
}
