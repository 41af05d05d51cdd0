// A plot of the last 15 minutes, in SVG. Colours and dashes are the style sheet's.

import { LENGTH } from "./history.js";
import { clock, duration } from "./words.js";

const svgNames = "http://www.w3.org/2000/svg";
/** Room for an axis' texts: between these, by the longest of them. */
const leastLeft = 30;
const mostLeft = 60;
/** Of a character of the axes, in pixels. */
const characterWidth = 6.4;
const right = 8;
const top = 8;
const bottom = 18;
const minutes = [15, 10, 5, 0];

export class Plot {
  /**
   * @param description title, note, least (the smallest top of the axis), tick(value), and series: key, label, style
   *   ("area", "total", "second", "alert"), value(history, back), text(value)
   * @param onMove is told where the cursor is, in samples back from the newest; null: nowhere
   */
  constructor(description, onMove) {
    this.description = description;
    this.onMove = onMove;
    this.cursor = null;
    this.history = null;
    this.size = { width: 0, height: 0 };
    this.left = leastLeft;
    this.build();
  }

  build() {
    const { title, note, series } = this.description;
    this.root = element("figure", "plot");
    const caption = element("figcaption", "plot-head", this.root);
    element("h3", "", caption).textContent = title;
    this.when = element("span", "plot-when", caption);
    this.when.textContent = note ?? "";
    const values = element("p", "plot-values", this.root);
    this.values = series.map(({ label, style }) => {
      const item = element("span", `value ${style}`, values);
      const number = element("b", "", item);
      if (label) element("span", "value-label", item).textContent = label;
      return number;
    });
    this.area = element("div", "plot-area", this.root);
    this.area.tabIndex = 0;
    // Its values one by one with the arrow keys: what a slider is to a screen reader.
    setAll(this.area, {
      role: "slider", "aria-label": `${title}, the last 15 minutes`, "aria-valuemin": 1 - LENGTH, "aria-valuemax": 0,
      "aria-valuenow": 0,
    });
    this.svg = svg("svg", { "aria-hidden": "true" }, this.area);
    this.grid = svg("g", { class: "grid" }, this.svg);
    this.yLines = [0, 1, 2].map(() => svg("line", {}, this.grid));
    this.yTexts = [0, 1, 2].map(() => svg("text", { "text-anchor": "end" }, this.grid));
    this.xTexts = minutes.map((minute) => {
      const text = svg("text", {}, this.grid);
      text.textContent = minute === 0 ? "now" : `−${minute}${minute === 15 ? " min" : ""}`;
      return text;
    });
    this.fills = series.map(({ style }) => (style === "area" ? svg("path", { class: "fill" }, this.svg) : null));
    this.lines = series.map(({ style }) => svg("path", { class: `line ${style}` }, this.svg));
    this.mark = svg("line", { class: "cursor", visibility: "hidden" }, this.svg);
    this.dots = series.map(({ style }) => svg("circle", { class: `dot ${style}`, r: 3, visibility: "hidden" }, this.svg));
    this.empty = svg("text", { class: "empty", "text-anchor": "middle" }, this.svg);
    this.listen();
  }

  listen() {
    this.area.addEventListener("pointermove", (event) => this.point(event));
    this.area.addEventListener("pointerdown", (event) => this.point(event));
    this.area.addEventListener("pointerleave", () => this.onMove(null));
    this.area.addEventListener("blur", () => this.onMove(null));
    this.area.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(([entry]) => {
      this.size = { width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) };
      this.draw();
    }).observe(this.area);
  }

  point(event) {
    const { width } = this.size;
    const x = event.clientX - this.area.getBoundingClientRect().left;
    const back = Math.round(((width - right - x) / (width - this.left - right)) * (LENGTH - 1));
    this.onMove(Math.min(LENGTH - 1, Math.max(0, back)));
  }

  key(event) {
    const now = this.cursor ?? 0;
    const target = {
      ArrowLeft: now + (event.shiftKey ? 60 : 5), ArrowDown: now + (event.shiftKey ? 60 : 5),
      ArrowRight: now - (event.shiftKey ? 60 : 5), ArrowUp: now - (event.shiftKey ? 60 : 5),
      PageDown: now + 60, PageUp: now - 60, Home: LENGTH - 1, End: 0,
    }[event.key];
    if (event.key === "Escape") this.onMove(null);
    if (target === undefined) return;
    event.preventDefault();
    this.onMove(Math.min(LENGTH - 1, Math.max(0, target)));
    this.area.setAttribute("aria-valuenow", String(-(this.cursor ?? 0)));
    this.area.setAttribute("aria-valuetext", `${this.when.textContent}: ${this.spoken()}`);
  }

  spoken() {
    const { series, title } = this.description;
    return series
      .map(({ label }, index) => `${label || title} ${this.values[index].textContent}`)
      .join(", ");
  }

  update(history) {
    this.history = history;
    this.draw();
  }

  moveTo(cursor) {
    if (cursor === this.cursor) return;
    this.cursor = cursor;
    this.drawCursor();
  }

  draw() {
    const { width, height } = this.size;
    const history = this.history;
    if (!history || width < mostLeft + right + 20) return;
    const { series, least, tick } = this.description;
    const values = series.map((one) => {
      const array = new Float64Array(LENGTH);
      for (let back = 0; back < LENGTH; back++) array[LENGTH - 1 - back] = one.value(history, back);
      return array;
    });
    let peak = least;
    for (const array of values) for (const value of array) if (value > peak) peak = value;
    const limit = rounded(peak);
    const texts = [0, limit / 2, limit].map((value) => tick(value).length);
    this.left = Math.min(mostLeft, Math.max(leastLeft, Math.ceil(Math.max(...texts) * characterWidth) + 8));
    this.y = (value) => height - bottom - (value / limit) * (height - top - bottom);
    this.x = (index) => this.left + (index / (LENGTH - 1)) * (width - this.left - right);
    this.points = values;
    this.drawGrid(limit, tick);
    values.forEach((array, index) => {
      this.lines[index].setAttribute("d", this.path(array, false));
      this.fills[index]?.setAttribute("d", this.path(array, true));
    });
    const isEmpty = values.every((array) => array.every(Number.isNaN));
    this.empty.textContent = !isEmpty ? "" : history.isEmpty ? "no history" : this.description.none;
    setAll(this.empty, { x: (this.left + width - right) / 2, y: (top + height - bottom) / 2 + 4 });
    this.drawCursor();
  }

  drawGrid(limit, tick) {
    const { width, height } = this.size;
    [0, 0.5, 1].forEach((part, index) => {
      const y = Math.round(this.y(limit * part)) + 0.5;
      setAll(this.yLines[index], { x1: this.left, x2: width - right, y1: y, y2: y });
      setAll(this.yTexts[index], { x: this.left - 6, y: y + 3.5 });
      // Half a request is no mark of an axis.
      const text = part === 0.5 && limit < 2 && this.description.isWhole ? "" : tick(limit * part);
      this.yTexts[index].textContent = text;
    });
    const narrow = width < 300;
    minutes.forEach((minute, index) => {
      const text = this.xTexts[index];
      setAll(text, {
        x: this.x(LENGTH - 1 - (minute * 60 * (LENGTH - 1)) / LENGTH), y: height - 4,
        "text-anchor": minute === 15 ? "start" : minute === 0 ? "end" : "middle",
        visibility: narrow && (minute === 10 || minute === 5) ? "hidden" : "visible",
      });
    });
  }

  /** What is missing is a gap. */
  path(array, isFilled) {
    const floor = this.y(0).toFixed(1);
    let text = "";
    let start = -1;
    for (let index = 0; index <= array.length; index++) {
      const value = index < array.length ? array[index] : NaN;
      if (Number.isNaN(value)) {
        if (start >= 0) {
          const end = this.x(index - 1).toFixed(1);
          if (isFilled) text += `L${end} ${floor}Z`;
          // A line of one point wouldn't be seen.
          else if (start === index - 1) text += `h1`;
        }
        start = -1;
        continue;
      }
      const point = `${this.x(index).toFixed(1)} ${this.y(value).toFixed(1)}`;
      if (start < 0) {
        text += isFilled ? `M${this.x(index).toFixed(1)} ${floor}L${point}` : `M${point}`;
        start = index;
      } else {
        text += `L${point}`;
      }
    }
    return text;
  }

  drawCursor() {
    const history = this.history;
    if (!history) return;
    const { series, note } = this.description;
    const back = this.cursor ?? 0;
    series.forEach((one, index) => {
      const value = one.value(history, back);
      const text = Number.isNaN(value) ? "–" : one.text(value);
      if (this.values[index].textContent !== text) this.values[index].textContent = text;
    });
    const isShown = this.cursor !== null && this.points !== undefined;
    this.root.classList.toggle("pointed", this.cursor !== null);
    const when = this.cursor === null || history.endsAt === null ? (note ?? "") : `${clock(history.endsAt - back)} · ${duration(back)} ago`;
    if (this.when.textContent !== when) this.when.textContent = when;
    this.mark.setAttribute("visibility", isShown ? "visible" : "hidden");
    if (!isShown) {
      for (const dot of this.dots) dot.setAttribute("visibility", "hidden");
      return;
    }
    const index = LENGTH - 1 - back;
    const x = this.x(index).toFixed(1);
    setAll(this.mark, { x1: x, x2: x, y1: top, y2: this.size.height - bottom });
    this.dots.forEach((dot, one) => {
      const value = this.points[one][index];
      dot.setAttribute("visibility", Number.isNaN(value) ? "hidden" : "visible");
      if (!Number.isNaN(value)) setAll(dot, { cx: x, cy: this.y(value).toFixed(1) });
    });
  }
}

/** The top of an axis: 1, 2, 4, 5, 8 or 10 times a power of ten. */
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 4, 5, 8, 10]) if (value <= step * power * 1.0001) return step * power;
  return 10 * power;
}

export function element(name, className, parent) {
  const node = document.createElement(name);
  if (className) node.className = className;
  parent?.append(node);
  return node;
}

export function svg(name, attributes, parent) {
  const node = document.createElementNS(svgNames, name);
  setAll(node, attributes);
  parent?.append(node);
  return node;
}

function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
}
