// A row for each GPU that agents know of, once however many servers use it: how full its memory is, and how hot it is.

import { Rows, set } from "./rows.js";
import { memory, percent } from "./words.js";

/** Degrees Celsius; most slow down from about there. */
const hot = 85;
/** The part of the memory from which on no model more will fit. */
const full = 0.95;

export class Accelerators {
  constructor() {
    this.rows = new Rows("accelerators", ["accelerator-use", "accelerator-heat"]);
  }

  update(snapshot) {
    const found = known(snapshot.agents);
    this.rows.show(found, found, updateRow);
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
