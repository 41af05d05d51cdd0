"""The official OpenAI client that waits for models to be loaded, and is told how that goes.

usage: loading_client.py URL MODEL FAILING_MODEL
Prints one line for each check and ends with exit code 1 at the first that fails.
"""

import sys

import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

MESSAGES = [{"role": "user", "content": "Hello"}]


def check(name, condition, detail=""):
    print(("ok    " if condition else "FAIL  ") + name, detail if not condition else "")
    if not condition:
        sys.exit(1)


def main(url, model, failing):
    client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=60)
    options = dict(messages=MESSAGES, temperature=0, max_tokens=8, stream=True)
    chunks = list(client.chat.completions.create(model=model, **options))
    told = [getattr(chunk.choices[0].delta, "reasoning_content", None) if chunk.choices else None for chunk in chunks]
    ours = len([text for text in told if text])
    text = "".join(text for text in told if text)
    check("the load is told", f"Loading {model}" in text, repr(text))
    check("with its seconds", " … 1 s" in text, repr(text))
    check("to its end", text.endswith("\nLoaded.\n\n"), repr(text))
    check("in front of the answer", all(told[:ours]) and not any(told[ours:]), repr(told))
    check("in the name of the model", {chunk.model for chunk in chunks[:ours]} == {model})
    check("each a chunk of one answer", len({chunk.id for chunk in chunks[:ours]}) == 1)
    check("each a chunk", {chunk.object for chunk in chunks} == {"chat.completion.chunk"})
    answer = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    again = list(client.chat.completions.create(model=model, **options))
    check("a loaded model tells nothing", not any(
        getattr(chunk.choices[0].delta, "reasoning_content", None) for chunk in again if chunk.choices))
    check("the answer is whole", answer != "" and answer == "".join(
        chunk.choices[0].delta.content or "" for chunk in again if chunk.choices))
    collector = ChatCompletionStreamState()
    for chunk in chunks:
        collector.handle_chunk(chunk)
    message = collector.current_completion_snapshot.choices[0].message
    check("the client's own collector agrees", (message.role, message.content) == ("assistant", answer), repr(message))
    check("and has the thoughts", message.reasoning_content == text, repr(message))

    said = []
    try:
        for chunk in client.chat.completions.create(model=failing, **options):
            said.append(chunk.choices[0].delta.reasoning_content)
        check("a load that fails ends the stream with an error", False, repr(said))
    except openai.APIError as error:
        check("a load that fails ends the stream with an error", "could not be loaded" in str(error), str(error))
    check("behind what was told of it", f"Loading {failing}" in "".join(said), repr(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
    print("all passed")
