// One server's slots, as squares or as a bar, changed in place.

import { element } from "./plot.js";
import { whole } from "./words.js";

/** More slots than this are a bar: so many squares could not be counted anyway. */
const mostSquares = 16;
const kinds = ["leased", "foreign", "cooling", "idle"];

export class Slots {
  constructor(cell) {
    this.text = element("span", "slots-text", cell);
    this.text.setAttribute("aria-hidden", "true");
    this.drawing = element("span", "slots-drawing", cell);
    this.drawing.setAttribute("aria-hidden", "true");
    this.said = element("span", "sr", cell);
    this.drawn = "";
  }

  update(agent) {
    const total = agent.slots_total;
    const busy = { leased: agent.slots_leased, foreign: agent.slots_foreign, cooling: agent.slots_cooling };
    const others = agent.slots_others;
    busy.idle = Math.max(0, total - busy.leased - busy.foreign - busy.cooling);
    const isUsable = agent.state === "usable";
    const drawing = `${total} ${kinds.map((kind) => busy[kind]).join(" ")} ${others} ${isUsable}`;
    if (drawing === this.drawn) return;
    this.drawn = drawing;
    const taken = total - busy.idle;
    this.text.textContent = total > 0 ? `${whole(taken)}/${whole(total)}` : "–";
    this.said.textContent = [
      total > 0 ? `${taken} of ${total} slots busy` : "no slots known",
      ...(busy.foreign > 0 ? [`${busy.foreign} for others`] : []),
      ...(others > 0 ? [`${others} of these for other balancers`] : []),
      ...(busy.cooling > 0 ? [`${busy.cooling} whose client left`] : []),
    ].join(", ");
    this.drawing.classList.toggle("unused", !isUsable);
    if (total > mostSquares) this.drawBar(busy, total);
    else this.drawSquares(busy);
  }

  drawSquares(busy) {
    const wanted = kinds.flatMap((kind) => Array(busy[kind]).fill(`slot ${kind}`));
    if (this.hasBar) this.drawing.replaceChildren();
    this.hasBar = false;
    while (this.drawing.childElementCount > wanted.length) this.drawing.lastElementChild.remove();
    while (this.drawing.childElementCount < wanted.length) element("i", "", this.drawing);
    wanted.forEach((className, index) => {
      const square = this.drawing.children[index];
      if (square.className !== className) square.className = className;
    });
  }

  drawBar(busy, total) {
    if (!this.hasBar) {
      this.drawing.replaceChildren();
      const bar = element("i", "slot-bar", this.drawing);
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
}
