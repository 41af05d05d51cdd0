"""The official OpenAI client through a balancer, compared with the same client on the llama-server directly.

usage: openai_client.py THROUGH_URL DIRECT_URL chat|embeddings
Prints one line for each check and ends with exit code 1 at the first that fails.
"""

import http.client
import json
import re
import sys
from urllib.parse import urlsplit

import openai

MESSAGES = [{"role": "user", "content": "Say something about load balancers."}]
OPTIONS = dict(model="tiny", temperature=0, max_tokens=24, seed=1)


def client(url):
    return openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=60)


def check(name, condition, detail=""):
    print(("ok    " if condition else "FAIL  ") + name, detail if not condition else "")
    if not condition:
        sys.exit(1)


def raw(url, method, path, body=None):
    """Status, content type and body as they are on the wire, after framing."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    data = json.dumps(body).encode() if body is not None else None
    connection.request(method, path, body=data, headers={"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.getheader("Content-Type"), content


VARYING = re.compile(
    rb'"(id|created|id_slot|task_id|index_slot)":("[^"]*"|-?[0-9]+)|"(timings|prompt_tokens_details)":\{[^{}]*\}'
)


def fixed(content):
    """Without the fields that differ between any two answers of one server."""
    return VARYING.sub(b"", content)


def same_bytes(through, direct, method, path, body=None):
    # Twice at the server itself: the first fills its prompt cache, whose use shows in the answer.
    raw(direct, method, path, body)
    expected = raw(direct, method, path, body)
    answer = raw(through, method, path, body)
    check(
        f"{method} {path} gives the same status, type and bytes",
        (answer[0], answer[1], fixed(answer[2])) == (expected[0], expected[1], fixed(expected[2])),
        f"\nthrough {answer}\ndirect  {expected}",
    )


def chat(through, direct):
    answer = client(through).chat.completions.create(messages=MESSAGES, **OPTIONS)
    expected = client(direct).chat.completions.create(messages=MESSAGES, **OPTIONS)
    text = answer.choices[0].message.content
    check("chat answers", bool(text))
    check("chat answers as the server does", text == expected.choices[0].message.content)

    stream = client(through).chat.completions.create(messages=MESSAGES, stream=True, **OPTIONS)
    pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    check("chat streams more than one piece", len([piece for piece in pieces if piece]) > 1)
    check("chat streams the same text", "".join(pieces) == text, repr(pieces))

    completion = client(through).completions.create(prompt="once upon a time", **OPTIONS)
    check("completions answer", bool(completion.choices[0].text))
    stream = client(through).completions.create(prompt="once upon a time", stream=True, **OPTIONS)
    check("completions stream", "".join(c.choices[0].text for c in stream if c.choices) == completion.choices[0].text)

    models = client(through).models.list()
    check("models are listed", [m.id for m in models] == [m.id for m in client(direct).models.list()])

    try:
        client(through).chat.completions.create(model="tiny", messages="not a list")
        check("a wrong request is refused", False)
    except openai.APIStatusError as error:
        check("a wrong request is refused", error.status_code >= 400, str(error))

    body = dict(messages=MESSAGES, **OPTIONS)
    same_bytes(through, direct, "POST", "/v1/chat/completions", body)
    same_bytes(through, direct, "POST", "/v1/chat/completions", dict(body, stream=True))
    same_bytes(through, direct, "POST", "/v1/completions", dict(OPTIONS, prompt="once upon a time"))
    same_bytes(through, direct, "POST", "/completion", dict(prompt="once", n_predict=8, temperature=0))
    same_bytes(through, direct, "POST", "/tokenize", {"content": "hello, world"})
    same_bytes(through, direct, "POST", "/v1/chat/completions", {"messages": 7})
    same_bytes(through, direct, "GET", "/v1/models")
    same_bytes(through, direct, "GET", "/nothing/here")


def embeddings(through, direct):
    answer = client(through).embeddings.create(model="tiny", input=["hello", "world"])
    check("embeddings come for each input", len(answer.data) == 2 and len(answer.data[0].embedding) > 0)
    body = {"model": "tiny", "input": ["hello", "world"], "encoding_format": "float"}
    same_bytes(through, direct, "POST", "/v1/embeddings", body)


if __name__ == "__main__":
    through_url, direct_url, what = sys.argv[1:]
    {"chat": chat, "embeddings": embeddings}[what](through_url, direct_url)
    print("all passed")
