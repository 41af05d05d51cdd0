// What the page shows, and when: snapshots come in, at most a few times a second something is drawn.

import { Accelerators } from "./accelerators.js";
import { ask, isSaid, say } from "./ask.js";
import { Events } from "./events.js";
import { History } from "./history.js";
import { Link, errorText } from "./link.js";
import { ServerLog } from "./log.js";
import { Models } from "./models.js";
import { Plot, element } from "./plot.js";
import { Requests } from "./requests.js";
import { set } from "./rows.js";
import { Servers, outcome, question } from "./servers.js";
import { Tenants } from "./tenants.js";
import { Trial } from "./try.js";
import { assess, clock, duration, epoch, milliseconds, nameOf, rate, whole } from "./words.js";

const find = (id) => document.getElementById(id);
/** Milliseconds from one drawing to the next; in a large fleet something changes all the time. */
const drawingInterval = () => ((snapshot?.agents.length ?? 0) > 50 ? 1000 : 250);
/** Seconds over which counts of single seconds are averaged. */
const span = 10;
/** Names of one problem that are listed. */
const mostNames = 4;

const history = new History();
const models = new Models();
const accelerators = new Accelerators();
const servers = new Servers(act);
const events = new Events();
const requests = new Requests();
const tenants = new Tenants();
const trial = new Trial();
const serverLog = new ServerLog(logIn);
let snapshot = null;
let version = null;
let lostAt = null;
let isDue = false;
let lastDrawing = 0;
let drawnSample = null;

// MARK: - Plots

const plots = [
  {
    title: "Slots", least: 1, tick: whole, isWhole: true, none: "no slots",
    series: [
      { label: "busy", style: "area", value: (past, back) => past.at("slots_busy", back), text: whole },
      { label: "total", style: "total", value: (past, back) => past.at("slots_total", back), text: whole },
    ],
  },
  {
    title: "Waiting", least: 4, tick: whole, isWhole: true, none: "",
    series: [{ label: "requests", style: "area", value: (past, back) => past.at("queued", back), text: whole }],
  },
  {
    title: "Requests/s", note: `mean of ${span} s`, least: 1, tick: rate, none: "",
    series: [
      { label: "answered", style: "area", value: (past, back) => past.mean("requests", back, span), text: rate },
      { label: "failed", style: "alert", value: (past, back) => past.mean("rejected", back, span), text: rate },
    ],
  },
  {
    title: "Time to first token", note: `over ${span} s`, least: 10, tick: milliseconds, none: "no streams",
    series: [
      { label: "p50", style: "area", value: (past, back) => past.at("ttft_p50_ms", back), text: milliseconds },
      { label: "p95", style: "second", value: (past, back) => past.at("ttft_p95_ms", back), text: milliseconds },
    ],
  },
  {
    title: "Tokens/s", note: `mean of ${span} s`, least: 10, tick: short, none: "",
    series: [
      { label: "out", style: "area", value: (past, back) => past.mean("tokens_generated", back, span), text: rate },
      { label: "in", style: "second", value: (past, back) => past.mean("tokens_prompt", back, span), text: rate },
    ],
  },
].map((description) => new Plot(description, (cursor) => plots.forEach((plot) => plot.moveTo(cursor))));
find("plots").append(...plots.map((plot) => plot.root));

function short(number) {
  return number >= 10000 ? `${whole(number / 1000)} k` : rate(number);
}

// MARK: - Drawing

function due() {
  if (isDue || document.hidden) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    lastDrawing = performance.now();
    if (snapshot) draw();
  }, Math.max(0, lastDrawing + drawingInterval() - performance.now()));
}

function draw() {
  drawHeadline();
  models.update(snapshot);
  accelerators.update(snapshot);
  servers.update(snapshot);
  // Balancers that know nothing of lost servers keep no events, either.
  if (snapshot.fleet?.lost !== undefined) events.load();
  tenants.load();
  requests.load();
  trial.update(snapshot);
  if (drawnSample !== history.last || history.isEmpty) {
    drawnSample = history.last;
    for (const plot of plots) plot.update(history);
  }
  const { fleet } = snapshot;
  if (fleet) set(find("about"), `${fleet.version} · up ${duration(fleet.uptime_seconds)}`);
}

let drawnProblems = "";

function drawHeadline() {
  const { level, title, sentence, problems } = assess(snapshot, history.sum("rejected", 60));
  const headline = find("headline");
  if (headline.dataset.level !== level) headline.dataset.level = level;
  set(find("verdict"), title);
  set(find("sentence"), sentence);
  const waiting = snapshot.fleet?.queued ?? 0;
  const mark = level === "bad" ? "⚠ " : waiting > 0 ? `(${waiting}) ` : "";
  if (document.title !== `${mark}paddler`) document.title = `${mark}paddler`;
  const isEmpty = level === "empty";
  if (find("start").hidden === isEmpty) find("start").hidden = !isEmpty;
  if (isEmpty) set(find("start-command"), agentCommand());
  const text = JSON.stringify(problems);
  if (text === drawnProblems) return;
  drawnProblems = text;
  find("problems").replaceChildren(...problems.map(problemItem));
}

function problemItem({ level, who, what, hint }) {
  const item = element("li");
  item.dataset.level = level;
  const names = who.length > mostNames + 1
    ? `${who.slice(0, mostNames).join(", ")} and ${whole(who.length - mostNames)} more`
    : who.join(", ");
  const name = element("b", "", item);
  name.textContent = names;
  if (who.length > mostNames + 1) name.title = who.join(", ");
  element("span", "what", item).textContent = what;
  if (hint) element("span", "hint", item).textContent = hint;
  return item;
}

/** As it would be typed beside a llama-server, with this balancer's address as this browser knows it. */
function agentCommand() {
  const { hostname, port, protocol } = location;
  const host = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  const isLocal = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return [
    "paddler agent --local-llamacpp-addr 127.0.0.1:8088",
    isLocal ? "" : " --external-llamacpp-addr THIS-MACHINE:8088",
    ` --management-addr ${host}`,
    find("logout").hidden ? "" : " --management-token TOKEN",
  ].join("");
}

// MARK: - The connection

const link = new Link("api/v1/agents/stream", {
  open: () => {},
  snapshot: take,
  lost,
  unauthorized: logIn,
});

function take(next) {
  snapshot = next;
  if (lostAt !== null) say("Connected again.");
  if (lostAt !== null || find("link").dataset.link !== "live") {
    lostAt = null;
    clearInterval(lostTimer);
    find("lost").hidden = true;
    find("announced").textContent = "";
    find("link").dataset.link = "live";
    set(find("link-text"), "Live");
    document.body.classList.remove("stale");
    loadHistory();
  }
  const { fleet } = snapshot;
  if (fleet) {
    version ??= fleet.version;
    find("updated").hidden = version === fleet.version;
    if (fleet.sample && history.append(fleet.sample, epoch(fleet.time)) && !document.hidden) loadHistory();
  }
  due();
}

let lostTimer = null;

function lost(reason, pause) {
  // Once, and not at each attempt: a screen reader would talk of nothing else.
  if (lostAt === null) find("announced").textContent = `Connection lost: ${reason}.`;
  lostAt ??= Date.now() / 1000;
  if (isSaid("Connected again.")) say("");
  find("link").dataset.link = "lost";
  set(find("link-text"), "Connection lost");
  document.body.classList.add("stale");
  find("lost").hidden = false;
  const next = performance.now() + pause;
  const show = () => {
    const rest = Math.ceil((next - performance.now()) / 1000);
    set(find("lost-text"), [
      `Connection lost since ${clock(lostAt)}: ${reason}.`,
      snapshot ? "What is shown is from before." : "",
      rest > 0 ? `Next attempt in ${rest} s.` : "Connecting.",
    ].filter(Boolean).join(" "));
  };
  clearInterval(lostTimer);
  show();
  lostTimer = setInterval(show, 1000);
}

let isLoading = false;

async function loadHistory() {
  if (isLoading) return;
  isLoading = true;
  try {
    const response = await fetch("api/v1/history", { cache: "no-store", redirect: "error" });
    if (response.status === 401) return logIn();
    if (response.ok) history.load(await response.json());
  } catch {
    // The stream will find out, too, and comes back here.
  } finally {
    isLoading = false;
  }
  drawnSample = null;
  due();
}

function logIn() {
  location.assign("login?next=/dashboard");
}

// MARK: - What people do

async function act(agent, action) {
  if (action === "log") return serverLog.open(agent);
  const asked = question(agent, action);
  if (asked && !(await ask(asked))) return;
  await carryOut(agent, action);
}

const opposites = { drain: "undrain", undrain: "drain" };

async function carryOut(agent, action) {
  const id = encodeURIComponent(agent.agent_id || agent.external_llamacpp_addr);
  try {
    const response = await fetch(`api/v1/agents/${id}/${action}`, { method: "POST", redirect: "error" });
    if (response.status === 401) return logIn();
    if (!response.ok) throw new Error(await errorText(response));
    const onUndo = opposites[action] ? () => carryOut(agent, opposites[action]) : null;
    say(outcome(await response.json(), action), { onUndo });
  } catch (error) {
    const reason = error instanceof TypeError ? "the balancer cannot be reached" : error.message;
    say(`Could not ${action} ${nameOf(agent)}: ${reason}.`, { isError: true });
  }
}

const themes = ["system", "light", "dark"];

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "system";
  const button = find("theme");
  button.textContent = `Theme: ${theme}`;
  button.ariaLabel = `Theme: ${theme}. Change it`;
  return theme;
}

find("theme").addEventListener("click", () => {
  const theme = themes[(themes.indexOf(showTheme()) + 1) % themes.length];
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("paddler-theme", theme);
  } catch {
    // It lasts as long as the page, then.
  }
  showTheme();
});
find("start-copy").addEventListener("click", async () => {
  const command = find("start-command");
  try {
    await navigator.clipboard.writeText(command.textContent);
    say("Copied.");
  } catch {
    // Over plain HTTP browsers have no clipboard for pages.
    getSelection().selectAllChildren(command);
    say("Marked; copy it with Ctrl-C.");
  }
});
find("lost-retry").addEventListener("click", () => link.retry());
find("updated-reload").addEventListener("click", () => location.reload());
addEventListener("online", () => link.retry());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  link.retry();
  // Samples were taken while nobody looked, and drawn never.
  if (lostAt === null && snapshot) loadHistory();
  due();
});

showTheme();
link.start();
