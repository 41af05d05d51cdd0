// In which order servers are listed. Nothing here touches the page.

import { collator, epoch, nameOf, stateOf } from "./words.js";

const ranks = { bad: 0, info: 1, busy: 2, ok: 2 };

/**
 * Each with what the list of orders calls it, how two agents compare, and whether its values change all the time: rows that
 * jump about can't be read.
 */
export const orders = {
  state: { title: "problems first", compare: by((agent) => ranks[stateOf(agent).level]) },
  server: { title: "name", compare: () => 0 },
  model: { title: "model", compare: (a, b) => collator.compare(a.models.join(), b.models.join()) },
  slots: { title: "share of busy slots", isRestless: true, compare: by((agent) => -busyShare(agent)) },
  flight: { title: "requests in flight", isRestless: true, compare: by((agent) => -agent.slots_leased) },
  rate: { title: "tokens/s", isRestless: true, compare: by((agent) => -(agent.tokens_per_second ?? 0)) },
  cache: { title: "cache hits", isRestless: true, compare: by((agent) => -(agent.cache_hit_ratio ?? -1)) },
  age: { title: "age of the last report", isRestless: true, compare: by((agent) => epoch(agent.last_update)) },
};

/** @param key of {@link orders} */
export function comparison(key, isReversed) {
  const { compare } = orders[key];
  const sign = isReversed ? -1 : 1;
  return (a, b) => {
    const names = () => collator.compare(nameOf(a), nameOf(b))
      || collator.compare(a.external_llamacpp_addr, b.external_llamacpp_addr);
    return key === "server" ? sign * names() : sign * compare(a, b) || names();
  };
}

function by(number) {
  return (a, b) => number(a) - number(b);
}

function busyShare(agent) {
  const busy = agent.slots_leased + agent.slots_foreign + agent.slots_cooling;
  return agent.slots_total > 0 ? busy / agent.slots_total : -1;
}
