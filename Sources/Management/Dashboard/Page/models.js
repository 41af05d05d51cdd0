// A row for each model, where there are several: how much of it is idle, and who waits for it.

import { Rows, set } from "./rows.js";
import { duration, loadableModels, modelLevel, modelName, whole } from "./words.js";

export class Models {
  constructor() {
    this.rows = new Rows("models", ["model-servers", "model-waiting"]);
  }

  update(snapshot) {
    // Balancers that are older know nothing of models.
    const models = snapshot.fleet?.models ?? [];
    const loadable = loadableModels(snapshot.agents);
    this.rows.show(models, [models, [...loadable].sort()], (row, model) => updateRow(row, model, loadable));
  }
}

function updateRow(row, model, loadable) {
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
