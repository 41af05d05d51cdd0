"""The requests that clients send."""

# What an OpenAI client sends, in number and length.
HEADERS = {
    "Host": "api.example",
    "User-Agent": "OpenAI/Python 1.99.0",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
    "Authorization": "Bearer sk-0123456789abcdef",
    "X-Stainless-Lang": "python",
    "X-Stainless-Os": "Linux",
}
PATH = "/v1/chat/completions"
REQUEST_BYTES = 2000


def body(size, stream=False):
    """A chat request of about so many bytes."""
    start = b'{"stream":true,' if stream else b"{"
    start += b'"messages":[{"role":"user","content":"'
    end = b'"}]}'
    # Words, as in prompts: a thousand bytes without a space look like an image.
    words = b"what a proxy costs when llama-server costs nothing "
    room = max(0, size - len(start) - len(end))
    return start + (words * (room // len(words) + 1))[:room] + end


def message(body):
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items())]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
