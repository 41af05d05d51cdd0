"""wrk: a load generator that is cheaper than what it loads."""

import re
import subprocess
import tempfile

from .requests import HEADERS, PATH, REQUEST_BYTES, body


def wrk(proxy, seconds, connections, closes=False):
    """As many requests as the connections allow. How many there were."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(lua(HEADERS | ({"Connection": "close"} if closes else {})))
        script.flush()
        url = f"{proxy.scheme}://127.0.0.1:{proxy.port}{PATH}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name, url]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # nginx closes what it has answered before wrk has read it; that isn't the proxy's cost.
    if "Non-2xx" in output or ("Socket errors" in output and not closes):
        raise RuntimeError(output)
    return int(re.search(r"(\d+) requests in", output).group(1))


def lua(headers):
    lines = ['wrk.method = "POST"', f"wrk.body = [[{body(REQUEST_BYTES).decode()}]]"]
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
    return "\n".join(lines)
