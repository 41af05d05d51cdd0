// Numbers, times and states in words. Nothing here touches the page. Between a number and its unit is a no-break space.

export function count(number, one, many = one + "s") {
  return `${whole(number)} ${number === 1 ? one : many}`;
}

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function whole(number) {
  return grouped.format(number);
}

/** With as many digits as say something: 0, 0.4, 12, 1,234. */
export function rate(number) {
  if (!Number.isFinite(number)) return "–";
  if (number === 0) return "0";
  return number < 9.95 ? number.toFixed(1) : whole(number);
}

export function milliseconds(number) {
  if (!Number.isFinite(number)) return "–";
  if (number < 999.5) return `${Math.round(number)} ms`;
  return number < 9950 ? `${(number / 1000).toFixed(1)} s` : duration(number / 1000);
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const calendarDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Of a time that isn't today's; else empty. */
export function day(seconds) {
  const text = calendarDay.format(seconds * 1000);
  return text === calendarDay.format(Date.now()) ? "" : text;
}

export function clock(seconds) {
  return clockTime.format(seconds * 1000);
}

/** Seconds since 1970 of `{secs_since_epoch, nanos_since_epoch}`; null if there is none. */
export function epoch(time) {
  return time ? time.secs_since_epoch + time.nanos_since_epoch / 1e9 : null;
}

export function percent(ratio) {
  return Number.isFinite(ratio) ? `${Math.round(ratio * 100)} %` : "–";
}

export function nameOf(agent) {
  return agent.agent_name || agent.external_llamacpp_addr;
}

export function modelName(model) {
  return model.name ?? "(not named)";
}

/**
 * "bad": nobody serves it; "busy": those who come wait; "ok".
 * @param loadable the names of models that agents load when somebody asks for them
 */
export function modelLevel(model, loadable) {
  if (model.usable === 0) return !loadable.has(model.name) ? "bad" : model.queued > 0 ? "busy" : "ok";
  return model.slots_idle === 0 ? "busy" : "ok";
}

/** The names of the models that are loaded when somebody asks for them, or are being loaded. */
export function loadableModels(agents) {
  const isLoadable = (agent) => agent.on_demand && (agent.state === "unloaded" || agent.condition === "loading" || agent.leaving);
  return new Set(agents.filter(isLoadable).flatMap((agent) => agent.models));
}

/** Gigabytes, or megabytes where there is less than one. */
export function memory(bytes) {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

const conditions = {
  loading: "loading",
  down: "down",
  unresponsive: "no answer",
  stuck: "stuck",
  unauthorized: "unauthorized",
  slots_disabled: "no slots",
  restarting: "restarting",
  failing: "failing",
  unexpected: "unexpected",
};

const conditionProblems = {
  loading: "llama-server is loading its model",
  down: "llama-server cannot be reached",
  unresponsive: "llama-server does not answer",
  stuck: "llama-server's busy slots make no progress",
  unauthorized: "llama-server wants another API key than the agent has",
  slots_disabled: "llama-server was started without its slots endpoint",
  restarting: "llama-server has crashed, and is being started again",
  failing: "llama-server crashes whenever it is started, and isn't started again",
  unexpected: "llama-server answers something unexpected",
};

/**
 * How an agent is, for people.
 * - level: "ok", "busy" (nothing is wrong, and nothing is idle), "info" (on purpose, or passing), "bad"
 * - word: for its row; problem and hint: null where there is nothing to say
 */
export function stateOf(agent) {
  const state = ownState(agent);
  if (!agent.conflict || state.level === "bad") return state;
  const { agent_id: id, agent_name: name } = agent.conflict;
  return {
    level: "bad", word: "conflict",
    problem: `another agent says that this address is its server's: ${name ? `${name} (${id})` : id}`,
    hint: "give each agent the address of its own llama-server (--external-llamacpp-addr)",
  };
}

function ownState(agent) {
  const runs = agent.slots_leased + agent.slots_cooling;
  switch (agent.state) {
    case "unloaded":
      return agent.on_demand?.refusal
        ? { level: "info", word: "unloaded", problem: agent.on_demand.refusal, hint: null }
        : { level: "ok", word: agent.on_demand?.wish === "load" ? "to be loaded" : "unloaded", problem: null, hint: null };
    case "usable":
      return agent.is_sleeping
        ? { level: "ok", word: "asleep", problem: null, hint: "wakes up with the next request" }
        : agent.slots_idle > 0
          ? { level: "ok", word: "usable", problem: null, hint: null }
          : { level: "busy", word: "full", problem: null, hint: null };
    case "draining":
      if (agent.leaving && !agent.draining && agent.on_demand) {
        return { level: "info", word: "unloading", problem: null, hint: null };
      }
      if (agent.leaving && !agent.draining) {
        return { level: "info", word: "leaving", problem: "its agent is about to stop and waits for what runs", hint: null };
      }
      return runs > 0
        ? { level: "info", word: "draining", problem: `gets no new requests; ${count(runs, "request")} still to end`, hint: null }
        : { level: "info", word: "drained", problem: "gets no new requests, and nothing runs there", hint: null };
    case "ejected": {
      const until = epoch(agent.quarantined_until);
      return {
        level: "bad", word: "ejected",
        problem: `requests failed there; it gets no new ones${until ? ` until ${clock(until)}` : " for a time"}`,
        hint: agent.hint ?? "see llama-server's log, and whether the balancer reaches its address",
      };
    }
    case "silent":
      return {
        level: "bad", word: "silent", problem: "its agent is connected and has stopped reporting",
        hint: agent.hint ?? "see whether the agent hangs or its machine is overloaded",
      };
    case "lost": {
      const since = epoch(agent.lost?.since);
      return {
        level: "bad", word: "lost",
        problem: [agent.lost?.reason ?? agent.error ?? "its agent is gone", since ? `since ${clock(since)}` : ""].filter(Boolean).join(", "),
        hint: agent.hint,
      };
    }
    case "left":
      return {
        level: "bad", word: "gone", problem: "its agent is gone; what runs there is brought to its end",
        hint: "start the agent again, if it should be there",
      };
    default:
      return {
        level: agent.condition === "loading" ? "info" : "bad",
        word: conditions[agent.condition] ?? agent.condition ?? "not ready",
        problem: agent.error ?? conditionProblems[agent.condition] ?? "it can't be used",
        hint: agent.hint,
      };
  }
}

/** The fleet's totals, from its agents where the balancer doesn't tell them. */
export function totals(snapshot) {
  if (snapshot.fleet) return snapshot.fleet;
  const usable = snapshot.agents.filter((agent) => agent.state === "usable");
  const sum = (key) => usable.reduce((sum, agent) => sum + agent[key], 0);
  return {
    registered: snapshot.agents.length,
    usable: usable.length,
    slots_total: sum("slots_total"),
    slots_idle: sum("slots_idle"),
    slots_processing: sum("slots_processing"),
    queued: null,
  };
}

/**
 * The answer to "is it healthy, how full is it, who waits, what is wrong and what to do".
 * @param rejected how many requests were refused or failed in the last minute
 */
export function assess(snapshot, rejected) {
  const fleet = totals(snapshot);
  const loadable = loadableModels(snapshot.agents);
  const problems = [...fleetProblems(fleet, rejected, loadable), ...agentProblems(snapshot.agents)];
  return { ...verdict(snapshot, fleet, problems, loadable), sentence: sentence(fleet), problems };
}

function verdict(snapshot, fleet, problems, loadable) {
  // Of a large fleet not all are listed.
  const shown = snapshot.agents.filter((agent) => stateOf(agent).level === "bad").length;
  const troubled = snapshot.omitted ? Math.max(shown, fleet.troubled ?? 0) : shown;
  if (fleet.is_draining) return { level: "warn", title: "The balancer is stopping" };
  const expected = fleet.registered + (fleet.lost ?? 0);
  if (expected === 0) return { level: "empty", title: "No server is registered yet" };
  if (fleet.usable === 0 && loadable.size === 0) return { level: "bad", title: "No server can be used" };
  if (troubled > 0) {
    return { level: "bad", title: `${whole(troubled)} of ${count(expected, "server")} ${troubled === 1 ? "needs" : "need"} attention` };
  }
  const waitedFor = (fleet.models ?? []).filter((model) => model.queued > 0);
  const missing = waitedFor.filter((model) => model.usable === 0 && !loadable.has(model.name));
  if (missing.length > 0) return { level: "bad", title: `No server of ${listed(missing)} can be used` };
  if (problems.some((problem) => problem.level === "bad")) return { level: "bad", title: "Requests are failing" };
  const loading = waitedFor.filter((model) => model.usable === 0);
  if (loading.length > 0) return { level: "warn", title: `Requests for ${listed(loading)} wait for their model to be loaded` };
  if (waitedFor.length > 0 && fleet.slots_idle > 0) return { level: "warn", title: `Full: requests for ${listed(waitedFor)} wait` };
  if (fleet.queued > 0 && fleet.usable === 0) return { level: "warn", title: "Requests wait for their model to be loaded" };
  if (fleet.queued > 0) return { level: "warn", title: "Full: requests wait" };
  if (fleet.slots_total > 0 && fleet.slots_idle === 0) return { level: "warn", title: "Every slot is busy" };
  const drained = snapshot.agents.filter((agent) => agent.draining).length;
  if (fleet.usable === 0) return { level: "ok", title: "All is well; no model is loaded" };
  if (drained > 0) return { level: "ok", title: `All is well; ${whole(drained)} of ${count(expected, "server")} drained` };
  return { level: "ok", title: "All is well" };
}

function listed(models) {
  return models.length === 1 ? modelName(models[0]) : count(models.length, "model");
}

function sentence(fleet) {
  const parts = [];
  const expected = fleet.registered + (fleet.lost ?? 0);
  if (expected > 0) {
    parts.push(`${whole(fleet.usable)} of ${count(expected, "server")} usable.`);
    parts.push(`${whole(fleet.slots_total - fleet.slots_idle)} of ${count(fleet.slots_total, "slot")} busy.`);
  }
  if (fleet.queued > 0) {
    const age = fleet.oldest_wait_ms == null ? "" : `, the oldest for ${duration(fleet.oldest_wait_ms / 1000)}`;
    parts.push(`${count(fleet.queued, "request waits", "requests wait")}${age}.`);
  } else if (fleet.queued === 0) {
    parts.push("No request waits.");
  }
  return parts.join(" ");
}

function fleetProblems(fleet, rejected, loadable) {
  const problems = [];
  if (fleet.is_draining) {
    problems.push({
      level: "warn", who: ["Balancer"], what: "it takes no new requests and lets what runs come to its end", hint: null,
    });
  }
  // Each model has a queue of its own.
  const models = fleet.models ?? [];
  const longest = models.reduce((most, model) => (model.queued > most.queued ? model : most), models[0] ?? fleet);
  if (fleet.queue_maximum > 0 && longest.queued >= 0.8 * fleet.queue_maximum) {
    problems.push({
      level: "bad", who: [models.length > 0 ? `Queue of ${modelName(longest)}` : "Queue"],
      what: `${whole(longest.queued)} of ${whole(fleet.queue_maximum)} places are taken; beyond that requests are refused`,
      hint: "add servers or slots, or raise --max-buffered-requests",
    });
  } else if (fleet.queued > 0 && fleet.usable > 0 && fleet.slots_idle === 0) {
    problems.push({
      level: "info", who: ["Queue"], what: "every slot is busy, so new requests wait for one",
      hint: "if this lasts, add servers, or slots where memory allows",
    });
  } else if (fleet.queued > 0 && fleet.usable === 0 && loadable.size === 0) {
    problems.push({
      level: "bad", who: ["Queue"], what: "requests wait, and no server can take them",
      hint: "start a server, or mend those below",
    });
  }
  problems.push(...modelProblems(models, fleet, loadable));
  if (rejected > 0) {
    problems.push({
      level: "bad", who: ["Requests"], what: `${count(rejected, "request was", "requests were")} refused or failed in the last minute`,
      hint: "see the balancer's log, and its own answers at /metrics",
    });
  }
  return problems;
}

/** What the fleet's numbers don't show: others have idle slots, but not for these. */
function modelProblems(models, fleet, loadable) {
  if (fleet.usable === 0 && loadable.size === 0) return [];
  const waitedFor = models.filter((model) => model.queued > 0);
  const missing = waitedFor.filter((model) => model.usable === 0 && !loadable.has(model.name));
  const full = fleet.slots_idle === 0 ? [] : waitedFor.filter((model) => model.usable > 0 && model.slots_idle === 0);
  const problem = (level, models, what, hint) => (models.length > 0 ? [{ level, who: models.map(modelName), what, hint }] : []);
  return [
    ...problem("bad", missing, "requests wait, and no server of this model can take them", "start one, or mend those below"),
    ...problem("info", full, "every slot is busy, so new requests for this model wait for one", "if this lasts, add servers of this model"),
  ];
}

/** Agents with the same problem are one entry. */
function agentProblems(agents) {
  const groups = new Map();
  for (const agent of agents) {
    const state = stateOf(agent);
    if (!state.problem) continue;
    // Addresses and times stand in messages: those that differ by digits alone are alike.
    const key = `${state.level} ${state.problem.replace(/\d+/g, "#")} ${state.hint ?? ""}`;
    const group = groups.get(key);
    if (group) group.who.push(nameOf(agent));
    else groups.set(key, { level: state.level, who: [nameOf(agent)], what: state.problem, hint: state.hint });
  }
  const rank = { bad: 0, warn: 1, info: 2 };
  for (const group of groups.values()) group.who.sort(collator.compare);
  return [...groups.values()].sort(
    (a, b) => rank[a.level] - rank[b.level] || b.who.length - a.who.length || collator.compare(a.who[0], b.who[0]),
  );
}

export const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
