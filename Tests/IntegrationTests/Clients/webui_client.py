"""llama-server's own web UI in Chromium, over servers of several models.

usage: webui_client.py URL MODEL...
CHROMIUM names the browser. Prints one line for each check and ends with exit code 1 at the first that fails.
"""

import os
import re
import sys

from playwright.sync_api import expect, sync_playwright

LIMIT = 60_000
GROWS = "length => document.body.innerText.length > length"


def ok(name):
    print("ok    " + name, flush=True)


def length(page):
    return page.evaluate("document.body.innerText.length")


def choose(page, model, models):
    names = "|".join(["Select model", *models])
    buttons = page.get_by_role("button").filter(has_text=re.compile(rf"^\s*({names})\s*$"))
    buttons.last.click()
    options = page.get_by_role("option").or_(page.get_by_role("menuitem"))
    for name in models:
        expect(options.filter(has_text=name).first).to_be_visible()
    ok("all models are listed")
    options.filter(has_text=model).first.click()


def say(page, text, model):
    page.get_by_placeholder("Type a message").fill(text)
    with page.expect_request(lambda request: request.url.endswith("/v1/chat/completions")) as asked:
        page.keyboard.press("Enter")
    assert asked.value.post_data_json["model"] == model, asked.value.post_data
    assert asked.value.response().status == 200, asked.value.response().text()
    # The tiny model says something, and goes on until it is told to stop.
    page.wait_for_function(GROWS, arg=length(page) + 50)
    ok(f"{model} answers")


def stop(page):
    # The button is gone before llama-server has been told.
    with page.expect_response(lambda response: response.request.method == "DELETE" and "/v1/stream" in response.url):
        page.get_by_role("button", name="Stop").first.click()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def main(url, models):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(LIMIT)
        expect.set_options(timeout=LIMIT)
        page.goto(url + "/")
        for model in models:
            choose(page, model, models)
            say(page, f"Hello, {model}.", model)
            stop(page)
        say(page, "Tell me a long story.", models[-1])
        with page.expect_response(lambda response: "/v1/stream?" in response.url) as resumed:
            page.reload()
        assert resumed.value.status == 200, resumed.value.status
        expect(page.get_by_role("button", name="Stop").first).to_be_visible()
        page.wait_for_function(GROWS, arg=length(page) + 50)
        ok("an answer goes on after a reload")
        stop(page)
        browser.close()
    print("all passed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
