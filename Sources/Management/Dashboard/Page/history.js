// 15 minutes of one-second samples, in arrays whose size never changes.

export const LENGTH = 900;
const columns = [
  "slots_total", "slots_busy", "queued", "requests", "rejected", "tokens_generated", "tokens_prompt", "ttft_p50_ms",
  "ttft_p95_ms",
];

export class History {
  constructor() {
    this.data = Object.fromEntries(columns.map((name) => [name, new Float64Array(LENGTH)]));
    this.clear();
  }

  clear() {
    /** The newest sample's number; null while there is none. */
    this.last = null;
    /** When it was taken, in seconds since 1970. */
    this.endsAt = null;
    for (const column of Object.values(this.data)) column.fill(NaN);
  }

  get isEmpty() {
    return this.last === null;
  }

  /** What `GET /api/v1/history` says. Newer samples that are there already stay. */
  load(reply) {
    const newer = this.last !== null && this.last > reply.last_number ? this.last - reply.last_number : 0;
    const kept = newer > 0 && newer < LENGTH ? columns.map((name) => this.tail(name, newer)) : [];
    const [last, endsAt] = [this.last, this.endsAt];
    this.clear();
    const length = Math.min(LENGTH, reply.columns.slots_total?.length ?? 0);
    if (length > 0) {
      this.last = reply.last_number;
      this.endsAt = reply.ends_at.secs_since_epoch + reply.ends_at.nanos_since_epoch / 1e9;
    }
    columns.forEach((name, index) => {
      const values = reply.columns[name] ?? [];
      for (let back = 0; back < Math.min(length, values.length); back++) {
        this.put(name, reply.last_number - back, values[values.length - 1 - back]);
      }
      kept[index]?.forEach((value, offset) => this.put(name, reply.last_number + 1 + offset, value));
    });
    if (kept.length > 0) [this.last, this.endsAt] = [last, endsAt];
  }

  /**
   * The sample of a snapshot.
   * @returns whether samples before it are missing, so that the history should be loaded
   */
  append(sample, time) {
    if (sample.number === this.last) return false;
    const isNew = this.last === null;
    const restarted = !isNew && sample.number < this.last;
    const skipped = isNew || restarted ? 0 : sample.number - this.last - 1;
    if (restarted) this.clear();
    for (let back = Math.min(skipped, LENGTH); back > 0; back--) {
      for (const name of columns) this.put(name, sample.number - back, null);
    }
    for (const name of columns) this.put(name, sample.number, sample[name]);
    this.last = sample.number;
    this.endsAt = time;
    return isNew || restarted || skipped > 0;
  }

  put(name, number, value) {
    this.data[name][((number % LENGTH) + LENGTH) % LENGTH] = value ?? NaN;
  }

  /** @param back 0 is the newest sample. */
  at(name, back) {
    if (this.last === null || back >= LENGTH) return NaN;
    return this.data[name][(((this.last - back) % LENGTH) + LENGTH) % LENGTH];
  }

  tail(name, length) {
    return Array.from({ length }, (_, index) => this.at(name, length - 1 - index));
  }

  /** The mean over the `span` samples that end there, as far as there are any: counts of single seconds jump about. */
  mean(name, back, span) {
    let sum = 0;
    let found = 0;
    for (let offset = 0; offset < span; offset++) {
      const value = this.at(name, back + offset);
      if (!Number.isNaN(value)) {
        sum += value;
        found++;
      }
    }
    return Number.isNaN(this.at(name, back)) ? NaN : sum / found;
  }

  sum(name, span) {
    let sum = 0;
    for (let back = 0; back < span; back++) sum += this.at(name, back) || 0;
    return sum;
  }
}
