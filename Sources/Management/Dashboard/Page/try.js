// One chat request through the reverse proxy, to see how the fleet answers.

import { EventReader, errorText } from "./link.js";
import { milliseconds, rate, whole } from "./words.js";

/** Of an answer; what comes after it isn't shown. */
const longestAnswer = 200_000;
const longestEvent = 4 << 20;

export class Trial {
  constructor() {
    const find = (id) => document.getElementById(id);
    this.panel = find("try");
    this.opener = find("try-open");
    this.form = find("try-form");
    this.prompt = find("prompt");
    this.model = find("try-model");
    this.limit = find("try-limit");
    this.key = find("try-key");
    this.send = find("try-send");
    this.stop = find("try-stop");
    this.state = find("try-state");
    this.answer = find("try-answer");
    this.figures = find("try-figures");
    this.shown = Object.fromEntries(
      ["server", "first", "rate", "generated", "computed", "reused"].map((name) => [name, find(`try-${name}`)]),
    );
    this.abort = null;
    this.models = "";
    this.opener.addEventListener("click", () => (this.panel.hidden ? this.open() : this.close()));
    find("try-close").addEventListener("click", () => this.close());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    this.prompt.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.stop.addEventListener("click", () => this.abort?.abort());
    addEventListener("pagehide", () => this.abort?.abort());
  }

  open() {
    this.panel.hidden = false;
    document.body.classList.add("trying");
    this.opener.setAttribute("aria-expanded", "true");
    this.prompt.focus();
    this.prompt.select();
  }

  close() {
    this.abort?.abort();
    this.panel.hidden = true;
    document.body.classList.remove("trying");
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.focus();
  }

  update(snapshot) {
    const models = [...new Set(snapshot.agents.flatMap((agent) => agent.models))].sort();
    const text = models.join("\n");
    if (text === this.models) return;
    this.models = text;
    const chosen = this.model.value;
    this.model.replaceChildren(...["", ...models].map((name) => new Option(name || "any", name)));
    this.model.value = models.includes(chosen) ? chosen : "";
  }

  async run() {
    if (this.abort) return;
    const abort = new AbortController();
    this.abort = abort;
    this.begin();
    try {
      await this.exchange(abort.signal);
    } catch (error) {
      const isStopped = abort.signal.aborted;
      this.say(isStopped ? "Stopped." : error instanceof TypeError ? "The balancer cannot be reached, or broke off." : error.message, !isStopped);
    } finally {
      clearInterval(this.timer);
      this.abort = null;
      this.stop.disabled = true;
      this.send.disabled = false;
      if (document.activeElement === this.stop || document.activeElement === document.body) this.send.focus();
    }
  }

  begin() {
    this.startedAt = performance.now();
    this.firstAt = null;
    this.lastAt = null;
    this.pieces = 0;
    this.length = 0;
    this.thought = null;
    this.isDone = false;
    this.final = {};
    this.answer.replaceChildren();
    this.answer.hidden = false;
    this.figures.hidden = false;
    for (const node of Object.values(this.shown)) node.textContent = "–";
    this.say("Waiting for a slot and the first token.");
    this.stop.disabled = false;
    this.send.disabled = true;
    this.stop.focus();
    this.timer = setInterval(() => {
      if (this.firstAt === null) this.shown.first.textContent = `… ${milliseconds(performance.now() - this.startedAt)}`;
    }, 200);
  }

  async exchange(signal) {
    const headers = { "content-type": "application/json" };
    const key = this.key.value.trim();
    if (key) headers["x-paddler-client-key"] = key;
    const response = await fetch("dashboard/chat", {
      method: "POST", headers, signal, cache: "no-store", redirect: "error",
      body: JSON.stringify({
        ...(this.model.value ? { model: this.model.value } : {}),
        messages: [{ role: "user", content: this.prompt.value }],
        max_tokens: Number(this.limit.value),
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
    const server = response.headers.get("x-paddler-upstream");
    if (server) this.shown.server.textContent = server;
    if (!response.ok) {
      const text = await errorText(response);
      throw new Error(`${response.status}: ${text}`);
    }
    const events = new EventReader((data) => this.event(data), longestEvent);
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      events.take(value);
    }
    if (!this.isDone) throw new Error("The answer broke off.");
    this.conclude();
  }

  event(data) {
    if (data === "[DONE]") {
      this.isDone = true;
      return;
    }
    const chunk = JSON.parse(data);
    if (chunk.error) throw new Error(chunk.error.message ?? "The server broke off its answer.");
    if (chunk.timings) this.final.timings = chunk.timings;
    if (chunk.usage) this.final.usage = chunk.usage;
    const delta = chunk.choices?.[0]?.delta;
    if (delta?.reasoning_content) this.add(delta.reasoning_content, true);
    if (delta?.content) this.add(delta.content, false);
  }

  add(text, isThought) {
    const now = performance.now();
    if (this.firstAt === null) {
      this.firstAt = now;
      this.shown.first.textContent = milliseconds(now - this.startedAt);
      this.say("Answering.");
    }
    this.lastAt = now;
    this.pieces++;
    this.shown.generated.textContent = whole(this.pieces);
    if (now - this.firstAt >= 250) this.shown.rate.textContent = rate((this.pieces - 1) / ((now - this.firstAt) / 1000));
    if (this.length > longestAnswer) return;
    this.length += text.length;
    const wasAtEnd = this.answer.scrollTop + this.answer.clientHeight >= this.answer.scrollHeight - 8;
    if (this.thought !== isThought) {
      const part = document.createElement("span");
      if (isThought) part.className = "thought";
      part.append(document.createTextNode(""));
      this.answer.append(part);
      this.thought = isThought;
    }
    this.answer.lastElementChild.firstChild.appendData(text);
    if (wasAtEnd) this.answer.scrollTop = this.answer.scrollHeight;
  }

  /** llama-server's own figures where it gives them, else what was seen from here. */
  conclude() {
    const { timings, usage } = this.final;
    const generated = timings?.predicted_n ?? usage?.completion_tokens ?? this.pieces;
    const reused = timings?.cache_n ?? usage?.prompt_tokens_details?.cached_tokens;
    const computed = timings?.prompt_n ?? (usage && reused !== undefined ? usage.prompt_tokens - reused : usage?.prompt_tokens);
    const seconds = (this.lastAt - this.firstAt) / 1000;
    this.shown.generated.textContent = whole(generated);
    this.shown.rate.textContent = rate(timings?.predicted_per_second ?? (seconds > 0 ? (generated - 1) / seconds : NaN));
    if (computed !== undefined) this.shown.computed.textContent = whole(computed);
    if (reused !== undefined) this.shown.reused.textContent = whole(reused);
    this.say(`Answered in ${milliseconds(performance.now() - this.startedAt)}.`);
  }

  say(text, isError = false) {
    this.state.textContent = text;
    this.state.classList.toggle("error", isError);
  }
}
