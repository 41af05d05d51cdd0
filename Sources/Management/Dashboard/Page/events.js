// What became of the fleet lately, as the balancer remembers it.

import { element } from "./plot.js";
import { clock, day, epoch, whole } from "./words.js";

/** Milliseconds. */
const interval = 5000;
/** Shown until somebody asks for all. */
const fewest = 4;
const bad = new Set(["lost", "silent", "stuck", "ejected", "conflict", "refused", "not_taken", "name_taken"]);

export class Events {
  constructor() {
    this.section = document.querySelector("#events");
    this.list = document.querySelector("#events-list");
    this.more = document.querySelector("#events-more");
    this.events = [];
    this.showsAll = false;
    this.isLoading = false;
    this.loadedAt = -Infinity;
    this.drawn = "";
    this.more.addEventListener("click", () => {
      this.showsAll = !this.showsAll;
      this.draw();
    });
  }

  /** Asks the balancer, if it hasn't been asked a moment ago. */
  async load() {
    if (this.isLoading || performance.now() - this.loadedAt < interval) return;
    this.isLoading = true;
    try {
      const response = await fetch("api/v1/events", { cache: "no-store", redirect: "error" });
      this.loadedAt = performance.now();
      if (!response.ok) return;
      this.events = (await response.json()).events;
      this.draw();
    } catch {
      // The stream of snapshots says when the connection is lost.
    } finally {
      this.isLoading = false;
    }
  }

  draw() {
    const shown = this.showsAll ? this.events : this.events.slice(0, fewest);
    const drawing = `${this.showsAll} ${this.events.length} ${shown[0]?.number}`;
    if (drawing === this.drawn) return;
    this.drawn = drawing;
    this.section.hidden = this.events.length === 0;
    this.more.hidden = this.events.length <= fewest;
    this.more.textContent = this.showsAll ? "Show the newest" : `Show all ${whole(this.events.length)}`;
    this.more.setAttribute("aria-expanded", String(this.showsAll));
    this.list.replaceChildren(...shown.map(eventItem));
  }
}

function eventItem(event) {
  const item = element("li");
  if (bad.has(event.kind)) item.dataset.level = "bad";
  const seconds = epoch(event.time);
  const time = element("time", "", item);
  time.dateTime = new Date(seconds * 1000).toISOString();
  time.textContent = [day(seconds), clock(seconds)].filter(Boolean).join(" ");
  const text = element("span", "", item);
  const name = event.name ?? event.upstream ?? "";
  if (name && event.text.startsWith(name)) {
    element("b", "", text).textContent = name;
    text.append(event.text.slice(name.length));
  } else {
    text.textContent = event.text;
  }
  return item;
}
