"""Writes a model of half a megabyte that every llama-server loads in milliseconds.

usage: make-tiny-model.py FILE [BLOCKS WIDTH]

It says nothing of sense, but always letters a to z, spaces, commas and full stops, and never ends by itself; with
temperature 0 the same for the same prompt, on every server. The same file each time: weights come from a fixed seed.
Start llama-server with --skip-chat-parsing. With more blocks, or greater width (64, 128, ...), it is slower.
"""

import os
import sys

import gguf
import numpy

BLOCKS, WIDTH, HEADS, CONTEXT = 2, 64, 4, 8192
CONTROL_TOKENS = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
SAYABLE = b"abcdefghijklmnopqrstuvwxyz ,."
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_tokens():
    """Each byte's character in the byte-level alphabet of GPT-2: printable ones stand for themselves."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) if byte in printable else chr(256 + others.index(byte)) for byte in range(256)]


def add_vocabulary(writer):
    tokens = byte_tokens()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens + CONTROL_TOKENS)
    writer.add_token_types([gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * len(CONTROL_TOKENS))
    # llama.cpp wants one at least; this one's result isn't a token, so it is never made.
    writer.add_token_merges([f"{tokens[ord('q')]} {tokens[ord('j')]}"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_eot_token_id(259)
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHAT_TEMPLATE)


def add_weights(writer, blocks, width):
    # RandomState's sequence is frozen by numpy's compatibility policy; default_rng's isn't.
    random = numpy.random.RandomState(20240229)
    words = 256 + len(CONTROL_TOKENS)
    feed_forward = 2 * width

    def normal(*shape, scale=0.3):
        return (random.standard_normal(shape) * scale).astype(numpy.float32)

    # Dimension 0 is large for every input, so that the output's column 0 decides what can be said at all.
    embedding = normal(words, width, scale=1.0)
    embedding[:, 0] = 8.0
    output = normal(words, width, scale=1.0)
    output[:, 0] = -1000.0
    output[list(SAYABLE), 0] = 0.0

    def into_stream(inputs):
        weights = normal(width, inputs)
        weights[0] = 0.0  # Nothing but the embedding writes to dimension 0.
        return weights

    ones = numpy.ones(width, dtype=numpy.float32)
    writer.add_tensor("token_embd.weight", embedding)
    for block in range(blocks):
        name = f"blk.{block}."
        writer.add_tensor(name + "attn_norm.weight", ones)
        for part in ["attn_q", "attn_k", "attn_v"]:
            writer.add_tensor(f"{name}{part}.weight", normal(width, width))
        writer.add_tensor(name + "attn_output.weight", into_stream(width))
        writer.add_tensor(name + "ffn_norm.weight", ones)
        writer.add_tensor(name + "ffn_gate.weight", normal(feed_forward, width))
        writer.add_tensor(name + "ffn_up.weight", normal(feed_forward, width))
        writer.add_tensor(name + "ffn_down.weight", into_stream(feed_forward))
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", output)


def main(path, blocks=BLOCKS, width=WIDTH):
    unfinished = f"{path}.{os.getpid()}"
    writer = gguf.GGUFWriter(unfinished, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(blocks)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // HEADS)
    writer.add_vocab_size(256 + len(CONTROL_TOKENS))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    add_vocabulary(writer)
    add_weights(writer, blocks, width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(unfinished, path)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:]))
