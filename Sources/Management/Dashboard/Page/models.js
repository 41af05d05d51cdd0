// A row for each model, where there are several: how much of it is idle, and who waits for it.

import { element } from "./plot.js";
import { duration, loadableModels, modelLevel, modelName, whole } from "./words.js";

export class Models {
  constructor() {
    const find = (id) => document.getElementById(id);
    this.root = find("models");
    this.counted = find("models-count");
    this.body = find("models-table").tBodies[0];
    this.drawn = "";
  }

  update(snapshot) {
    // Balancers that are older know nothing of models.
    const models = snapshot.fleet?.models ?? [];
    const loadable = loadableModels(snapshot.agents);
    const text = JSON.stringify([models, [...loadable].sort()]);
    if (text === this.drawn) return;
    this.drawn = text;
    this.root.hidden = models.length === 0;
    this.counted.textContent = whole(models.length);
    while (this.body.rows.length > models.length) this.body.deleteRow(-1);
    while (this.body.rows.length < models.length) this.addRow();
    models.forEach((model, index) => this.updateRow(this.body.rows[index], model, loadable));
  }

  addRow() {
    const row = element("tr", "", this.body);
    row.setAttribute("role", "row");
    const name = element("th", "model-name", row);
    name.setAttribute("role", "rowheader");
    name.scope = "row";
    const slots = this.cell(row, "model-slots");
    element("i", "", element("span", "model-bar", slots)).ariaHidden = true;
    element("span", "", slots);
    this.cell(row, "model-servers");
    this.cell(row, "model-waiting");
  }

  cell(row, className) {
    const cell = element("td", className, row);
    cell.setAttribute("role", "cell");
    return cell;
  }

  updateRow(row, model, loadable) {
    const [name, slots, servers, waiting] = row.cells;
    set(name, modelName(model));
    name.title = modelName(model);
    row.dataset.level = modelLevel(model, loadable);
    const [bar, idle] = slots.children;
    const busy = model.slots_total > 0 ? (model.slots_total - model.slots_idle) / model.slots_total : 0;
    bar.firstChild.style.width = `${Math.round(100 * busy)}%`;
    set(idle, `${whole(model.slots_idle)} of ${whole(model.slots_total)} idle`);
    set(servers, model.usable === 0 && loadable.has(model.name)
      ? model.queued > 0 ? "being loaded" : "not loaded"
      : model.usable === model.registered
      ? whole(model.usable)
      : `${whole(model.usable)} of ${whole(model.registered)}`);
    const age = model.oldest_wait_ms === null ? "" : `, the oldest for ${duration(model.oldest_wait_ms / 1000)}`;
    row.classList.toggle("waited-for", model.queued > 0);
    set(waiting, model.queued > 0 ? `${whole(model.queued)}${age}` : "–");
  }
}

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
