// A section with a table that has a row for each of some things: its name, a bar with a text, and two further cells.

import { element } from "./plot.js";
import { whole } from "./words.js";

export class Rows {
  /** @param further the classes of the last two cells. */
  constructor(id, further) {
    const find = (id) => document.getElementById(id);
    this.root = find(id);
    this.counted = find(`${id}-count`);
    this.body = find(`${id}-table`).tBodies[0];
    this.further = further;
    this.drawn = "";
  }

  /** Draws them if they aren't as before; `facts` is all that is shown of them. */
  show(things, facts, updateRow) {
    const text = JSON.stringify(facts);
    if (text === this.drawn) return;
    this.drawn = text;
    this.root.hidden = things.length === 0;
    this.counted.textContent = whole(things.length);
    while (this.body.rows.length > things.length) this.body.deleteRow(-1);
    while (this.body.rows.length < things.length) this.addRow();
    things.forEach((thing, index) => updateRow(this.body.rows[index], thing));
  }

  addRow() {
    const row = element("tr", "", this.body);
    row.setAttribute("role", "row");
    const name = element("th", "model-name", row);
    name.setAttribute("role", "rowheader");
    name.scope = "row";
    const measured = this.cell(row, "model-slots");
    element("i", "", element("span", "model-bar", measured)).ariaHidden = true;
    element("span", "", measured);
    for (const className of this.further) this.cell(row, className);
  }

  cell(row, className) {
    const cell = element("td", className, row);
    cell.setAttribute("role", "cell");
    return cell;
  }
}

export function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
