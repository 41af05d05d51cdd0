// A row for each GPU that agents know of, once however many servers use it: how full its memory is, and how hot it is.

import { element } from "./plot.js";
import { memory, percent, whole } from "./words.js";

/** Degrees Celsius; most slow down from about there. */
const hot = 85;
/** The part of the memory from which on no model more will fit. */
const full = 0.95;

export class Accelerators {
  constructor() {
    const find = (id) => document.getElementById(id);
    this.root = find("accelerators");
    this.counted = find("accelerators-count");
    this.body = find("accelerators-table").tBodies[0];
    this.drawn = "";
  }

  update(snapshot) {
    const found = known(snapshot.agents);
    const text = JSON.stringify(found);
    if (text === this.drawn) return;
    this.drawn = text;
    this.root.hidden = found.length === 0;
    this.counted.textContent = whole(found.length);
    while (this.body.rows.length > found.length) this.body.deleteRow(-1);
    while (this.body.rows.length < found.length) this.addRow();
    found.forEach((one, index) => updateRow(this.body.rows[index], one));
  }

  addRow() {
    const row = element("tr", "", this.body);
    row.setAttribute("role", "row");
    const name = element("th", "model-name", row);
    name.setAttribute("role", "rowheader");
    name.scope = "row";
    const room = this.cell(row, "model-slots");
    element("i", "", element("span", "model-bar", room)).ariaHidden = true;
    element("span", "", room);
    this.cell(row, "accelerator-use");
    this.cell(row, "accelerator-heat");
  }

  cell(row, className) {
    const cell = element("td", className, row);
    cell.setAttribute("role", "cell");
    return cell;
  }
}

/** By host; each as the last one says that reported it. */
function known(agents) {
  const found = new Map();
  // Balancers that are older know of none.
  for (const agent of agents) for (const one of agent.accelerators ?? []) found.set(one.id, one);
  return [...found.values()].sort((a, b) => compare(a.host, b.host) || compare(a.id, b.id));
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function updateRow(row, one) {
  const [name, room, use, heat] = row.cells;
  set(name, `${one.host}: ${one.name}`);
  name.title = `${one.host}: ${one.name} (${one.id})`;
  const [bar, amount] = room.children;
  const isKnown = one.memory_used_bytes !== null && one.memory_total_bytes > 0;
  const part = isKnown ? one.memory_used_bytes / one.memory_total_bytes : 0;
  bar.hidden = !isKnown;
  bar.firstChild.style.width = `${Math.round(100 * Math.min(1, part))}%`;
  set(amount, isKnown ? `${memory(one.memory_used_bytes)} of ${memory(one.memory_total_bytes)}` : "memory not known");
  row.classList.toggle("full", part >= full);
  set(use, one.utilization === null ? "–" : `${percent(one.utilization)} busy`);
  set(heat, one.celsius === null ? "–" : `${Math.round(one.celsius)} °C`);
  row.classList.toggle("hot", one.celsius !== null && one.celsius >= hot);
}

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
