"""The dashboard in Chromium, as people use it.

usage: dashboard_client.py URL STATE
CHROMIUM names the browser. Prints one line for each check and ends with exit code 1 at the first that fails.
"""

import os
import re
import sys

from playwright.sync_api import expect, sync_playwright

LIMIT = 60_000


# Texts of one plot that touch each other or leave its card.
OVERLAPS = """() => [...document.querySelectorAll(".plot")].flatMap((plot) => {
  const card = plot.getBoundingClientRect();
  const texts = [...plot.querySelectorAll("svg text, .value, .plot-head > *")]
    .filter((node) => node.textContent && node.getAttribute("visibility") !== "hidden")
    .map((node) => ({ text: node.textContent, box: node.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 2 || b.bottom <= a.top + 2;
  return texts.flatMap(({ text, box }, index) => [
    ...(box.left < card.left + 2 || box.right > card.right - 2 ? [text + " leaves its card"] : []),
    ...texts.slice(index + 1).filter((other) => !apart(box, other.box)).map((other) => text + " / " + other.text),
  ]);
})"""


def ok(name):
    print("ok    " + name, flush=True)


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader").filter(has_text=name))


def verdict(page, text):
    expect(page.get_by_role("heading", level=2).first).to_have_text(re.compile(text), timeout=LIMIT)
    ok(f"the headline says {text!r}")


def problem(page, name, hint):
    item = page.get_by_role("list", name="What needs attention").get_by_role("listitem").filter(has_text=name)
    expect(item).to_contain_text(hint, timeout=LIMIT)
    ok(f"{name} has the hint {hint!r}")


def empty(page):
    verdict(page, "^No server is registered yet$")
    command = page.locator("#start-command")
    expect(command).to_contain_text("paddler agent --local-llamacpp-addr 127.0.0.1:8088 --management-addr 127.0.0.1:")
    ok("and shows the command to run")


def healthy(page):
    verdict(page, "^All is well$")
    expect(page.locator("#sentence")).to_contain_text("2 of 2 servers usable. 0 of 4 slots busy.")
    expect(row(page, "agent-0")).to_contain_text("usable")
    expect(row(page, "agent-0")).to_contain_text("0 of 2 slots busy")
    ok("both servers are usable")
    names = page.locator("#fleet tbody .name")
    expect(names).to_have_text(["agent-0", "agent-1"])
    heading = page.locator("#fleet").get_by_role("columnheader").filter(has_text="Server")
    for order, expected in (("ascending", ["agent-0", "agent-1"]), ("descending", ["agent-1", "agent-0"])):
        heading.get_by_role("button").click()
        expect(names).to_have_text(expected)
        expect(heading).to_have_attribute("aria-sort", order)
    ok("a click on a heading sorts by it, a second one the other way round")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#try-state")).to_have_text(re.compile("^Answered in"), timeout=LIMIT)
    expect(page.locator("#try-server")).to_have_text(re.compile("^agent-[01]$"))
    expect(page.locator("#try-first")).to_have_text(re.compile(r"\d\sm?s$"))
    ok("a request is answered, and by whom is told")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Try it")).to_be_focused()
    ok("the keyboard's focus comes back")
    requests = page.locator("#requests-table tbody tr")
    expect(requests.first).to_contain_text("/v1/chat/completions", timeout=LIMIT)
    expect(requests.first).to_contain_text("answered 200")
    expect(requests.first.locator(".request-server")).to_have_text(re.compile("^agent-[01]$"))
    for word, count in (("completions", 1), ("nobody asked for this", 0)):
        page.get_by_label("Filter requests").fill(word)
        expect(requests.filter(visible=True)).to_have_count(count)
    page.get_by_label("Filter requests").fill("")
    page.get_by_label("Only requests that are").select_option("refused")
    expect(page.locator("#requests-none")).to_be_visible(timeout=LIMIT)
    ok("the request is listed, and found by words and by its outcome")


def large(page):
    counted, omitted = page.locator("#servers-count"), page.locator("#omitted")
    expect(counted).to_have_text("500 of 520", timeout=LIMIT)
    expect(omitted).to_have_text("20 more without a problem aren't listed. The filter finds them.")
    ok("500 of 520 servers are listed, and it says how many more there are")
    listed = set(page.locator("#fleet tbody .name").all_text_contents())
    other = next(name for name in (f"gpu-{number}" for number in range(520)) if name not in listed)
    text = page.get_by_role("searchbox", name="Filter servers by name, address, model or state")
    text.fill(other)
    page.get_by_role("button", name=f"Drain {other}", exact=True).click(timeout=LIMIT)
    page.get_by_role("dialog", name=f"Drain {other}?").get_by_role("button", name="Drain").click()
    expect(page.get_by_role("button", name=f"Undrain {other}", exact=True)).to_be_visible(timeout=LIMIT)
    expect(omitted).to_be_hidden()
    ok("one of the others is found and drained")
    # What it is in is its condition, which a row doesn't show.
    text.fill("ready")
    expect(counted).to_have_text(re.compile("^(5.. of )?520$"), timeout=LIMIT)
    ok("rows that were found by their condition are shown")
    text.fill("")
    expect(omitted).to_contain_text("20 more", timeout=LIMIT)
    ok("without a filter all is as before")


def full(page):
    verdict(page, "^(Full: requests wait|Every slot is busy)$")
    expect(row(page, "agent-0")).to_contain_text("full")
    expect(row(page, "agent-0")).to_have_attribute("data-level", "busy")
    expect(row(page, "agent-0")).to_contain_text("1 of 1 slots busy")
    ok("the server is full")


def model(page, name):
    return page.locator("#models-table tbody tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def models(page):
    verdict(page, "^All is well$")
    expect(page.locator("#models-count")).to_have_text("2")
    expect(model(page, "alpha").get_by_role("cell")).to_have_text(["4 of 4 idle", "2", "–"])
    expect(model(page, "beta").get_by_role("cell")).to_have_text(["2 of 2 idle", "1", "–"])
    ok("each model has its slots and servers")
    expect(row(page, "agent-1")).to_contain_text("beta")
    ok("and each server its model")


def accelerators(page):
    verdict(page, "^All is well$")
    expect(page.locator("#accelerators-count")).to_have_text("2", timeout=LIMIT)
    gpu = row(page, "NVIDIA GeForce RTX 3090")
    expect(gpu.get_by_role("cell")).to_have_text(["21.5 GB of 25.8 GB", "83\u00a0% busy", "90\u00a0°C"])
    expect(gpu).to_have_class(re.compile("hot"))
    ok("a GPU of two servers is there once, with its memory, use and temperature")
    expect(row(page, "NVIDIA A100-SXM4-40GB").get_by_role("cell")).to_have_text(["1.1 GB of 42.9 GB", "–", "40\u00a0°C"])
    ok("what its driver doesn't say is left out")


def models_in_trouble(page):
    verdict(page, "^1 of 3 servers needs attention$")
    expect(model(page, "alpha")).to_contain_text(re.compile("0 of 4 idle.*1, the oldest for"), timeout=LIMIT)
    expect(model(page, "alpha")).to_have_attribute("data-level", "busy")
    expect(model(page, "beta")).to_contain_text(re.compile("0 of 0 idle.*1, the oldest for"))
    expect(model(page, "beta")).to_have_attribute("data-level", "bad")
    problem(page, "beta", "no server of this model can take them")


def stopped(page):
    verdict(page, "^Every slot is busy$")
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("button", name="Send").click()
    verdict(page, "^Full: requests wait$")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#try-state")).to_have_text("Stopped.", timeout=LIMIT)
    verdict(page, "^Every slot is busy$")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    ok("a request that is stopped waits no longer")


def keys(page):
    verdict(page, "^All is well$")
    page.get_by_role("button", name="Try it").click()
    for key, answer in (("", "^401: "), ("wrong", "^401: "), ("right", "^Answered in")):
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#try-state")).to_have_text(re.compile(answer), timeout=LIMIT)
        ok(f"with the key {key!r}: {answer}")


def login(page):
    expect(page).to_have_title(re.compile("^Log in"))
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This is not one of the management tokens.", timeout=LIMIT)
    page.get_by_label("Management token").fill("right")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/dashboard$"), timeout=LIMIT)
    verdict(page, "^No server is registered yet$")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_title(re.compile("^Log in"), timeout=LIMIT)
    page.goto(page.url.split("/login")[0] + "/dashboard")
    expect(page).to_have_title(re.compile("^Log in"), timeout=LIMIT)
    ok("a token opens the dashboard until one logs out")


def down(page):
    verdict(page, "needs attention$")
    problem(page, "agent-1", "start llama-server")
    expect(page.locator("#fleet tbody .name")).to_have_text(["agent-1", "agent-0"])
    ok("the troubled one comes first")


def unauthorized(page):
    verdict(page, "^No server can be used$")
    problem(page, "guarded", "pass --local-llamacpp-api-key to the agent")


def slots_disabled(page):
    verdict(page, "^No server can be used$")
    problem(page, "blind", "start llama-server with --slots")


def draining(page):
    drain = page.get_by_role("button", name="Drain agent-0", exact=True)
    dialog = page.get_by_role("dialog", name="Drain agent-0?")
    drain.click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(drain).to_be_focused()
    expect(page.locator("#said")).to_have_text("")
    ok("a drain is asked about, and cancelled")
    drain.click()
    dialog.get_by_role("button", name="Drain").click()
    expect(page.locator("#said")).to_contain_text("agent-0 gets no new requests", timeout=LIMIT)
    expect(row(page, "agent-0")).to_contain_text("drained", timeout=LIMIT)
    verdict(page, "^All is well; 1 of 2 servers drained$")
    expect(page.locator("#fleet tbody .name")).to_have_text(["agent-0", "agent-1"])
    ok("drained by the button")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#said")).to_contain_text("agent-0 gets requests again", timeout=LIMIT)
    expect(row(page, "agent-0")).to_contain_text("usable", timeout=LIMIT)
    ok("which is undone by the message's button")
    drain.press("Enter")
    page.keyboard.press("Enter")
    expect(row(page, "agent-0")).to_contain_text("drained", timeout=LIMIT)
    page.get_by_role("button", name="Undrain agent-0", exact=True).press("Enter")
    expect(row(page, "agent-0")).to_contain_text("usable", timeout=LIMIT)
    ok("drained and undrained by the keyboard")


def log(page):
    dialog = page.get_by_role("dialog", name="Log of tiny")
    lines = dialog.locator("#server-log-lines")
    page.get_by_role("button", name="Log tiny", exact=True).click()
    expect(lines).to_contain_text("listening on", timeout=LIMIT)
    expect(lines.locator(".remark").first).to_contain_text("[paddler] llama-server is started")
    ok("what the server has printed is shown")
    from_end = "(lines) => lines.scrollHeight - lines.scrollTop - lines.clientHeight"
    assert lines.evaluate(from_end) < 2, "it isn't at its end"
    count = lines.locator("span").count()
    page.evaluate("() => fetch('dashboard/chat', { method: 'POST', headers: { 'content-type': 'application/json' }, "
                  "body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], max_tokens: 2 }) })")
    expect(lines.locator("span").nth(count)).to_be_attached(timeout=LIMIT)
    ok("and what it prints meanwhile")
    assert lines.evaluate(from_end) < 2, "it isn't at its end any more"
    with page.expect_event("requestfailed", lambda request: "/log?" in request.url):
        dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    ok("which ends when it is closed")


def restarted(page):
    expect(page.locator("#link")).to_have_text("Live", timeout=LIMIT)
    print("watching", flush=True)
    expect(page.locator("#link")).to_have_text("Connection lost", timeout=LIMIT)
    expect(page.locator("#lost")).to_contain_text("What is shown is from before.")
    print("lost", flush=True)
    expect(page.locator("#link")).to_have_text("Live", timeout=LIMIT)
    expect(page.locator("#lost")).to_be_hidden()
    ok("connected again by itself")


def main(url, state):
    console, requests = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        # An authority made for this test, which no browser can be told of by a flag; Python's own client checks it.
        page = browser.new_page(viewport={"width": 1440, "height": 900}, ignore_https_errors=url.startswith("https:"))
        page.on("console", lambda message: console.append(message.text) if message.type != "log" else None)
        page.on("pageerror", lambda error: console.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(url + "/")
        expect(page).to_have_url(url + ("/login" if state == "login" else "/dashboard"))
        globals()[state](page)
        for size in (1440, 1024, 390):
            page.set_viewport_size({"width": size, "height": 900})
            # What is as wide as the window is drawn anew for the next frame.
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            width = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert width <= 0, f"the page is {width} pixels too wide at {size}"
            overlaps = page.evaluate(OVERLAPS)
            assert not overlaps, f"at {size} pixels texts of plots are in each other's way: {overlaps}"
        ok("nothing is too wide, and no text of a plot hides another")
        browser.close()
    foreign = [request for request in requests if not request.startswith((url + "/", "data:"))]
    assert not foreign, foreign
    ok("no request to anybody else")
    # What fails to load is said by the browser itself. Logging out ends the page's stream, too, perhaps before the page is left.
    expected = {
        "restarted": ("net::ERR_",),
        "keys": ("status of 401",),
        "login": ("status of 401", "net::ERR_INCOMPLETE_CHUNKED_ENCODING"),
    }.get(state, ())
    unexpected = [text for text in console if not any(one in text for one in expected)]
    assert not unexpected, unexpected
    ok("no error on the console")
    print("all passed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
