"""Pages of other sites in Chromium, which try what they can with an open balancer's management address.

usage: foreign_page.py MANAGEMENT_PORT

The balancer has two servers. One page is of another origin, the other has its name point to the balancer (DNS rebinding).
"""

import http.server
import json
import os
import sys
import threading
import urllib.request

from playwright.sync_api import sync_playwright

PORT = sys.argv[1]
OURS = f"http://127.0.0.1:{PORT}"
REBOUND = f"http://evil.example:{PORT}"
TARGET = json.dumps(
    {
        "llama_cpp_slots_aggregated_status": {"status": "", "slots_idle": 64, "slots_processing": 0},
        "llama_cpp_target_configuration": {
            "Id": "evil",
            "Name": "evil",
            "llama_cpp_configuration": {"http_address": {"host": "127.0.0.1", "port": 9, "scheme": "http"}, "ApiKey": ""},
        },
    }
)
# What each page may try: a method, a path, a type and a body.
ATTEMPTS = [
    ("GET", "/api/v1/agents", None, None),
    ("GET", "/metrics", None, None),
    ("GET", "/health", None, None),
    ("GET", "/dashboard", None, None),
    ("POST", "/api/v1/agents/{}/drain", None, None),
    ("POST", "/register/target", "text/plain", TARGET),
    ("POST", "/register/target", "application/json", TARGET),
    ("POST", "/api/v1/agents/evil/connection", "text/plain", '{"type":"hello"}\n'),
    ("POST", "/dashboard/chat", "application/json", "{}"),
]
FETCH = """async ([url, mode, method, type, body]) => {
  try {
    const headers = type === null ? {} : { "Content-Type": type };
    const response = await fetch(url, { method, mode, headers, body });
    return { status: response.status, type: response.type, text: await response.text() };
  } catch (error) {
    return { error: String(error) };
  }
}"""
SCRIPT = """url => new Promise(done => {
  const script = document.createElement("script");
  script.src = url;
  script.onload = () => done("loaded");
  script.onerror = () => done("refused");
  document.body.append(script);
})"""
FORM = """url => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.name = "hidden";
  frame.onload = () => done();
  document.body.append(frame);
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: url, target: "hidden" });
  document.body.append(form);
  form.submit();
})"""


def ok(name):
    print("ok    " + name, flush=True)


def check(holds, complaint):
    if not holds:
        sys.exit(f"FAIL: {complaint}")


def agents():
    with urllib.request.urlopen(OURS + "/api/v1/agents") as reply:
        return json.load(reply)["agents"]


def unchanged(doing):
    now = [(agent["agent_name"], agent["draining"]) for agent in agents()]
    check(sorted(now) == [("agent-0", False), ("agent-1", False)], f"{doing}: {now}")


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f'<body><a href="{OURS}/dashboard">see</a></body>'.encode())

    def log_message(self, *arguments):
        pass


def foreign(page, origin, address):
    page.goto(origin)
    for method, path, type_, body in ATTEMPTS:
        url = OURS + path.format(address)
        for mode in ("cors", "no-cors"):
            answer = page.evaluate(FETCH, [url, mode, method, type_, body])
            check(answer.get("status", 0) == 0 and not answer.get("text"), f"{mode} {method} {path} was read: {answer}")
            unchanged(f"{mode} {method} {path}")
    ok("a page of another origin reads and changes nothing by fetching")
    for path in ("/dashboard/dashboard.js", "/api/v1/agents", "/metrics"):
        check(page.evaluate(SCRIPT, OURS + path) == "refused", f"{path} was loaded as a script")
    page.evaluate(FORM, f"{OURS}/api/v1/agents/{address}/drain")
    page.evaluate("([url, body]) => navigator.sendBeacon(url, body)", [OURS + "/register/target", TARGET])
    page.evaluate(FETCH, [OURS + "/health", "no-cors", "GET", None, None])
    unchanged("a form, a beacon")
    ok("nor by scripts, forms and beacons")
    page.get_by_role("link", name="see").click()
    page.wait_for_url(OURS + "/dashboard")
    page.get_by_role("heading", level=2).first.wait_for()
    ok("its links still lead to the dashboard")


def rebound(page, address):
    html = {"status": 200, "content_type": "text/html", "body": "<body></body>"}
    page.route(REBOUND + "/page", lambda route: route.fulfill(**html))
    page.goto(REBOUND + "/page")
    for method, path, type_, body in ATTEMPTS:
        answer = page.evaluate(FETCH, [path.format(address), "same-origin", method, type_, body])
        check(answer.get("status") == 403, f"rebound {method} {path}: {answer}")
        check("--management-allowed-host evil.example" in answer["text"], f"it doesn't say why: {answer['text']}")
        unchanged(f"rebound {method} {path}")
    check(page.evaluate(SCRIPT, "/dashboard/dashboard.js") == "refused", "a script was loaded by a rebound name")
    check(page.goto(REBOUND + "/dashboard").status == 403, "the dashboard is shown by a rebound name")
    ok("a page whose name points to the balancer reads and changes nothing")


def own(page, address):
    for name in (OURS, f"http://localhost:{PORT}"):
        page.goto(name + "/dashboard")
        for verb, draining in (("drain", True), ("undrain", False)):
            answer = page.evaluate(FETCH, [f"/api/v1/agents/{address}/{verb}", "same-origin", "POST", None, None])
            check(answer.get("status") == 200, f"our own page can't {verb}: {answer}")
            check(json.loads(answer["text"])["draining"] == draining, f"{verb} does nothing")
    ok("our own page does both")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = agents()[0]["external_llamacpp_addr"]
    arguments = [
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP evil.example 127.0.0.1",
        # It would ask the person first, which no other browser does yet; what we refuse ourselves is to be seen.
        "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWarn,BlockInsecurePrivateNetworkRequests",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=arguments)
        foreign(browser.new_page(), f"http://evil.example:{server.server_port}/", address)
        rebound(browser.new_page(), address)
        own(browser.new_page(), address)
        browser.close()
    server.shutdown()
    print("all passed")


if __name__ == "__main__":
    main()
