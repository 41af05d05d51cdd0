// A row for each tenant: what it has now, who waits, and what it got over time.

import { element, svg } from "./plot.js";
import { count, duration, milliseconds, rate, whole } from "./words.js";

/** Milliseconds from one question to the next: who has what now, and what each got. */
const intervals = { now: 3000, usage: 30_000 };
/** Shown until somebody asks for all. */
const fewest = 8;

const day = 86_400;

/** Seconds since 1970 at which each begins, and the steps of its curves. */
const periods = {
  today: { text: "today", from: (now) => now - (now % day), step: 3600, by: "hour" },
  week: { text: "the last 7 days", from: (now) => now - (now % day) - 6 * day, step: day, by: "day" },
  month: { text: "the last 31 days", from: (now) => now - (now % day) - 30 * day, step: day, by: "day" },
};

export class Tenants {
  constructor() {
    const find = (id) => document.getElementById(id);
    this.section = find("tenants");
    this.counted = find("tenants-count");
    this.period = find("tenants-period");
    this.csv = find("tenants-csv");
    this.more = find("tenants-more");
    this.table = find("tenants-table");
    this.body = this.table.tBodies[0];
    this.standings = [];
    this.usage = null;
    this.showsAll = false;
    this.askedAt = { now: -Infinity, usage: -Infinity };
    this.asking = { now: false, usage: false };
    for (const [value, { text }] of Object.entries(periods)) this.period.append(new Option(text, value));
    this.period.addEventListener("change", () => {
      this.askedAt.usage = -Infinity;
      this.load();
    });
    this.more.addEventListener("click", () => {
      this.showsAll = !this.showsAll;
      this.draw();
    });
  }

  /** Asks the balancer, if it hasn't been asked a moment ago. */
  load() {
    this.ask("now", async () => {
      const listing = await json("api/v1/tenants");
      if (listing) this.standings = listing.tenants;
    });
    const name = this.period.value;
    this.ask("usage", async () => {
      const usage = await read(periods[name]);
      if (!usage || this.period.value !== name) return;
      this.usage = usage;
      this.csv.href = usage.csv;
    }, () => {
      if (this.period.value === name) return;
      this.askedAt.usage = -Infinity;
      this.load();
    });
  }

  async ask(what, body, then = () => {}) {
    if (this.asking[what] || performance.now() - this.askedAt[what] < intervals[what]) return;
    this.asking[what] = true;
    this.askedAt[what] = performance.now();
    try {
      await body();
      this.draw();
    } catch {
      // The stream of snapshots says when the connection is lost.
    } finally {
      this.asking[what] = false;
      then();
    }
  }

  draw() {
    const rows = this.rows();
    // Where nobody is anybody in particular, the fleet's own figures say it all.
    if (!rows.some(({ tenant }) => tenant !== null)) return;
    this.section.hidden = false;
    const shown = this.showsAll ? rows : rows.slice(0, fewest);
    const waiting = rows.filter((row) => row.waiting > 0).length;
    this.counted.textContent = waiting > 0 ? `${count(waiting, "waits", "wait")}` : "nobody waits";
    this.more.hidden = rows.length <= fewest;
    this.more.textContent = this.showsAll ? "Show the first" : `Show all ${whole(rows.length)}`;
    this.more.setAttribute("aria-expanded", String(this.showsAll));
    const total = rows.reduce((sum, row) => sum + row.slotSeconds, 0);
    this.body.replaceChildren(...shown.map((row) => tenantRow(row, total)));
  }

  /** Who waits first, then who has had most. */
  rows() {
    const rows = new Map();
    const row = (tenant) => {
      if (!rows.has(tenant)) {
        rows.set(tenant, {
          tenant, slots: 0, waiting: 0, longestWait: 0, slotSeconds: 0, requests: 0, refused: 0, computed: 0, cached: 0,
          generated: 0, curve: this.usage?.starts.map(() => 0) ?? [],
        });
      }
      return rows.get(tenant);
    };
    for (const used of this.usage?.rows ?? []) {
      const sum = row(used.tenant);
      sum.slotSeconds += used.slot_seconds;
      sum.requests += used.requests;
      sum.refused += used.refused;
      sum.computed += used.tokens_computed;
      sum.cached += used.tokens_cached;
      sum.generated += used.tokens_generated;
      const place = this.usage.starts.indexOf(used.start);
      if (place >= 0) sum.curve[place] += used.slot_seconds;
    }
    for (const standing of this.standings) {
      Object.assign(row(standing.tenant), {
        slots: standing.slots, waiting: standing.waiting, longestWait: standing.longest_wait_seconds,
      });
    }
    return [...rows.values()].sort((a, b) => b.slotSeconds - a.slotSeconds || b.waiting - a.waiting || b.slots - a.slots);
  }
}

async function json(path) {
  const response = await fetch(path, { cache: "no-store", redirect: "error" });
  return response.ok ? response.json() : null;
}

/** What each tenant got: rows with the moments at which they begin, and all such moments. */
async function read({ from, step, by }) {
  const now = Math.floor(Date.now() / 1000);
  const begin = from(now);
  const query = `from=${new Date(begin * 1000).toISOString().slice(0, 10)}`;
  const path = `api/v1/usage?${query}&by=`;
  const starts = [];
  for (let start = begin; start <= now; start += step) starts.push(start);
  // Of very many tenants there are no curves.
  const usage = (await json(`${path}tenant,${by}`)) ?? (await json(`${path}tenant`));
  if (!usage) return null;
  const rows = usage.rows.map((row) => ({ ...row, start: Date.parse(row[by] ?? "") / 1000 }));
  return { rows, starts, csv: `${path}${by},tenant,model&format=csv` };
}

function tenantRow(row, total) {
  const line = element("tr");
  line.setAttribute("role", "row");
  line.classList.toggle("waited-for", row.waiting > 0);
  const name = element("th", "tenant-name", line);
  name.setAttribute("role", "rowheader");
  name.scope = "row";
  name.textContent = row.tenant ?? "nobody in particular";
  name.title = name.textContent;
  const cell = (className, label, text = "") => {
    const cell = element("td", className, line);
    cell.setAttribute("role", "cell");
    cell.dataset.label = label;
    cell.textContent = text;
    return cell;
  };
  cell("number tenant-slots", "Slots now", row.slots > 0 ? whole(row.slots) : "–");
  const wait = row.waiting > 0 ? `${whole(row.waiting)}, up to ${milliseconds(1000 * row.longestWait)}` : "–";
  cell("number tenant-waiting", "Waiting", wait);
  const share = total > 0 ? row.slotSeconds / total : 0;
  const used = cell("tenant-share", "Slot time");
  element("i", "", element("span", "share-bar", used)).style.width = `${Math.round(100 * share)}%`;
  used.firstChild.ariaHidden = true;
  element("span", "", used).textContent = row.slotSeconds > 0 ? `${duration(row.slotSeconds)}, ${percent(share)}` : "–";
  const curve = cell("tenant-curve", "Over time");
  if (row.slotSeconds > 0 && row.curve.length > 1) curve.append(bars(row.curve));
  cell("number tenant-requests", "Requests", whole(row.requests));
  cell("number tenant-refused", "Refused", row.refused > 0 ? whole(row.refused) : "–");
  const cached = row.cached > 0 ? ` (${short(row.cached)} cached)` : "";
  cell("number tenant-in", "Tokens in", short(row.computed + row.cached) + cached);
  cell("number tenant-out", "Tokens out", short(row.generated));
  return line;
}

function percent(share) {
  return share > 0 && share < 0.01 ? "<1%" : `${Math.round(100 * share)}%`;
}

function short(number) {
  if (number >= 9_950_000) return `${whole(number / 1e6)} M`;
  return number >= 9950 ? `${whole(number / 1000)} k` : number === 0 ? "–" : rate(number);
}

/** A bar for each step of time, the highest as high as there is room. */
function bars(values) {
  const most = Math.max(...values);
  const root = svg("svg", { viewBox: `0 0 ${values.length} 10`, preserveAspectRatio: "none", "aria-hidden": "true" });
  values.forEach((value, index) => {
    const height = value > 0 ? Math.max(0.5, (10 * value) / most) : 0;
    svg("rect", { x: index + 0.1, y: 10 - height, width: 0.8, height }, root);
  });
  return root;
}
