"""A collector of OpenTelemetry spans, made of OpenTelemetry's own messages.

usage: collector.py [PORT]
Reads what POST /v1/traces brings with the classes that OpenTelemetry generates from its protocol, which take no member
that it doesn't have, and prints the spans of each as a line of JSON. Prints the port on which it listens first.
"""

import base64
import http.server
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.trace.v1 import trace_pb2


def identifier(value):
    """OTLP's JSON has hexadecimal digits where that of protocol buffers has base64, as which they were read."""
    text = base64.b64encode(value).decode()
    bytes.fromhex(text)
    return text


def value(any_value):
    kind = any_value.WhichOneof("value")
    return getattr(any_value, kind)


def attributes(pairs):
    found = {pair.key: value(pair.value) for pair in pairs}
    assert len(found) == len(pairs), "an attribute is there twice"
    return found


def spans(request):
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "trace": identifier(span.trace_id),
                    "id": identifier(span.span_id),
                    "parent": identifier(span.parent_span_id),
                    "flags": span.flags,
                    "name": span.name,
                    "kind": trace_pb2.Span.SpanKind.Name(span.kind),
                    "start": span.start_time_unix_nano,
                    "end": span.end_time_unix_nano,
                    "status": trace_pb2.Status.StatusCode.Name(span.status.code),
                    "message": span.status.message,
                    "attributes": attributes(span.attributes),
                    "resource": attributes(resource.resource.attributes),
                    "scope": scope.scope.name,
                }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        assert self.path == "/v1/traces", self.path
        assert self.headers["content-type"] == "application/json", self.headers
        request = json_format.Parse(body, trace_service_pb2.ExportTraceServiceRequest())
        print("spans " + json.dumps(list(spans(request))), flush=True)
        answer = json_format.MessageToJson(trace_service_pb2.ExportTraceServiceResponse()).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
print(f"collector on {server.server_address[1]}", flush=True)
server.serve_forever()
