"""The official OpenAI client, and Python's own, through a balancer that speaks TLS.

usage: tls_client.py URL AUTHORITY
AUTHORITY is the file of certificates to trust. Prints one line for each check and ends with exit code 1 at the first that
fails.
"""

import http.client
import os
import socket
import ssl
import sys
from urllib.parse import urlsplit

import openai


def check(name, condition, detail=""):
    print(("ok    " if condition else "FAIL  ") + name, detail if not condition else "")
    if not condition:
        sys.exit(1)


def client(url, **more):
    return openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=60, **more)


def main(url, authority):
    context = ssl.create_default_context(cafile=authority)
    # As newer versions of Python do by default.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    messages = [{"role": "user", "content": "Hello"}]
    api = client(url, http_client=openai.DefaultHttpxClient(verify=context))
    answer = api.chat.completions.create(model="any", messages=messages)
    check("chat answers", bool(answer.choices))
    stream = api.chat.completions.create(model="any", messages=messages, stream=True)
    pieces = [piece for piece in stream if piece.choices]
    check("chat streams more than one piece", len(pieces) > 1)
    # Over the same connection.
    check("models are listed", bool(api.models.list().data))

    # Over HTTP/2, several at one time on one connection.
    both = openai.DefaultHttpxClient(verify=context, http2=True)
    check("HTTP/2 is agreed on", both.get(url + "/health").http_version == "HTTP/2")
    api = client(url, http_client=both)
    streams = [api.chat.completions.create(model="any", messages=messages, stream=True) for _ in range(3)]
    counts = [len([piece for piece in stream if piece.choices]) for stream in streams]
    check("chat streams over HTTP/2", min(counts) > 1 and len(set(counts)) == 1)
    stream = api.chat.completions.create(model="any", messages=messages, stream=True)
    next(iter(stream))
    stream.close()
    check("a stream that was left leaves the others", bool(api.models.list().data))

    os.environ["SSL_CERT_FILE"] = authority
    check("the environment can name the authority", bool(client(url).models.list().data))
    del os.environ["SSL_CERT_FILE"]
    try:
        client(url).models.list()
        check("without the authority there is no connection", False)
    except openai.APIConnectionError:
        check("without the authority there is no connection", True)

    parts = urlsplit(url)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        one = ssl.create_default_context(cafile=authority)
        one.set_alpn_protocols(["http/1.1"])
        one.minimum_version = one.maximum_version = version
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=60, context=one)
        connection.request("GET", "/health")
        check(f"{version.name} is spoken", connection.getresponse().status == 200)
        check("and http/1.1 is agreed on", connection.sock is None or connection.sock.selected_alpn_protocol() == "http/1.1")
        session = connection.sock.session
        connection.close()
        again = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=60, context=one)
        again.sock = one.wrap_socket(
            socket.create_connection((parts.hostname, parts.port)),
            server_hostname=parts.hostname,
            session=session,
        )
        again.request("GET", "/health")
        check("a session is resumed", again.getresponse().status == 200 and again.sock.session_reused)
        again.close()

    plain = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    plain.request("GET", "/health")
    refusal = plain.getresponse()
    check("without TLS there is an answer in words", refusal.status == 400 and b"https://" in refusal.read())


if __name__ == "__main__":
    main(*sys.argv[1:])
    print("all passed")
