"""The official OpenAI client and a balancer that asks for keys.

usage: keys_client.py URL KEY_FILE
KEY_FILE holds "first" at the start; it is changed while a stream runs.
Prints one line for each check and ends with exit code 1 at the first that fails.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

import openai

MESSAGES = [{"role": "user", "content": "Say something about keys."}]


def client(url, key):
    return openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0, timeout=60)


def outcome_without_key(url):
    """The OpenAI client always sends one."""
    try:
        urllib.request.urlopen(url + "/v1/models", timeout=60)
        return "answered"
    except urllib.error.HTTPError as error:
        return f"{error.code} {json.load(error)['error']['type']}"


def check(name, condition, detail=""):
    print(("ok    " if condition else "FAIL  ") + name, detail if not condition else "")
    if not condition:
        sys.exit(1)


def outcome(url, key):
    try:
        client(url, key).chat.completions.create(model="tiny", messages=MESSAGES, max_tokens=4)
        return "answered"
    except openai.AuthenticationError as error:
        return f"{error.status_code} {error.type}"


def main(url, key_file):
    refused = "401 authentication_error"
    check("no key is refused", outcome_without_key(url) == refused)
    for key in ["wrong", "firs", "firstt"]:
        check(f"key {key!r} is refused", outcome(url, key) == refused, outcome(url, key))
    check("the key is accepted", outcome(url, "first") == "answered")

    stream = client(url, "first").chat.completions.create(
        model="tiny", messages=MESSAGES, max_tokens=3000, temperature=0, stream=True
    )
    pieces = [next(stream)]
    with open(key_file + ".new", "w") as file:
        file.write("# rotated\nsecond\n")
    os.replace(key_file + ".new", key_file)
    deadline = time.monotonic() + 60
    while outcome(url, "second") != "answered" and time.monotonic() < deadline:
        time.sleep(0.1)
    check("the new key is accepted", outcome(url, "second") == "answered")
    check("the old key is refused", outcome(url, "first") == refused)
    pieces += list(stream)
    check("the stream went on", pieces[-1].choices[0].finish_reason == "length", pieces[-1])
    check("and is whole", sum(1 for piece in pieces if piece.choices[0].delta.content) == 3000, len(pieces))
    print("all passed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
