"""What is known of one model, for a person to read: sections of rows, each a label and what there is to say."""

from __future__ import annotations

from collections.abc import Iterator

from clarion._catalog import Catalog, Model
from clarion._cost import Unpriced, cost_of, input_rates
from clarion._media.sizes import tier_of
from clarion._usage import Usage

MILLION = 1_000_000

UNKNOWN = "not known"

Row = tuple[str, str]

TOKENIZERS = {"new": "newer: about 30 % more tokens for the same text", "old": "older"}
THINKS = {"always": "always", "on": "unless thinking is disabled", "off": "when asked to"}
TAKEN = {True: "yes", False: "no", None: UNKNOWN}
TAKES = (  # what a request may have, and the fact that says so
    ("prefill", "prefill"),
    ("forced tools", "forced_tools"),
    ("structured outputs", "structured_outputs"),
    ("system messages later on", "system_messages"),
)
CLASSES = (  # tokens in dollars per million, and the class that has their cost
    ("$/M input", "input"),
    ("$/M output", "output"),
    ("$/M cache read", "cache_read"),
    ("$/M cache write, 5 min", "cache_write_5m"),
    ("$/M cache write, 1 h", "cache_write_1h"),
)
MULTIPLIERS = (("in a batch", "batch"), ("with speed fast", "fast"), ("with inference_geo us", "us"))


def sections(catalog: Catalog, model: Model) -> Iterator[list[Row]]:
    """Yield the sections of a model's sheet; of a retired one, just the first."""
    yield [*_names(catalog, model), *_life(model)]
    if not model.is_retired:
        yield [*_sizes(model)]
        yield [*_thinking(model)]
        yield [*_taken(model)]
        yield [*_prices(model)]


def _names(catalog: Catalog, model: Model) -> Iterator[Row]:
    yield "id", model.id
    presets = [preset for preset, id in catalog.presets.items() if id == model.id]
    if others := [*model.aliases, *presets]:
        yield "other names", ", ".join(others)
    yield "line", model.line


def _life(model: Model) -> Iterator[Row]:
    yield "lifecycle", model.lifecycle
    if model.restricted:
        yield "access", "for organizations in a programme of Anthropic's"
    if model.released:
        yield "released", str(model.released)
    if model.deprecated_on:
        yield "deprecated", str(model.deprecated_on)
    if model.retires_on:
        yield "retired" if model.is_retired else "retires", str(model.retires_on)
    elif model.not_before:
        yield "retires", f"not before {model.not_before}"
    if model.replacement:
        yield "successor", model.replacement
    if model.cutoff:
        yield "knowledge", f"reliable up to {model.cutoff}"


def _sizes(model: Model) -> Iterator[Row]:
    yield "context window", _count(model.context_window, "tokens")
    yield "longest answer", _count(model.max_output, "tokens")
    yield "tokenizer", TOKENIZERS.get(model.tokenizer or "", UNKNOWN)
    yield "shortest cached prefix", _count(model.min_cacheable, "tokens")
    yield "images", _count(model.images, "in a request")
    if model.image_tier:
        tier = tier_of(model.image_tier)
        yield "image seen", f"at most {tier.max_edge_px} px, {tier.max_tokens:,} tokens"
    yield "PDF", _count(model.pdf_pages, "pages in a request")
    if model.tool_prompt:
        free, forced = model.tool_prompt
        yield "tools add", f"{free:,} hidden tokens; {forced:,} if forced"


def _thinking(model: Model) -> Iterator[Row]:
    yield "thinks", THINKS.get(model.thinks or "", UNKNOWN)
    yield "thinking.type", _listed(model.thinking)
    yield "thoughts", f"{model.display} by default" if model.display else UNKNOWN
    yield "efforts", _listed(model.efforts)
    if model.effort:
        yield "default effort", model.effort
    if model.unthinking_effort:
        yield "effort without thinking", f"at most {model.unthinking_effort}"
    bound = {True: "must not change", False: "may change", None: UNKNOWN}
    yield "what precedes thoughts", bound[model.bound_thinking]


def _taken(model: Model) -> Iterator[Row]:
    yield "temperature, top_p, top_k", f"with anthropic-version {model.sampling}" if model.sampling else "no"
    for label, fact in TAKES:
        yield label, TAKEN[getattr(model, fact)]


def _prices(model: Model) -> Iterator[Row]:
    starts = sorted(start for start, _ in input_rates(model.id, model) or ())
    if not starts:
        yield "price", UNKNOWN
    for label, part in CLASSES:
        rates = [(start, _rate(model, part, start)) for start in starts]
        if known := [f"{rate} over {start:,} tokens" if start > 0 else rate for start, rate in rates if rate]:
            yield label, ", ".join(known)
    if model.priced_as:
        yield "priced as", model.priced_as
    if times := [f"{factor} {label}" for label, fact in MULTIPLIERS if (factor := getattr(model, fact)) is not None]:
        yield "multiplied by", ", ".join(times)
    if model.fast_beta:
        yield "beta of speed fast", model.fast_beta
    if model.fast_until:
        yield "speed fast", f"up to {model.fast_until}"


def _rate(model: Model, part: str, start: int) -> str | None:
    """Return the dollars per million tokens of a class, in prompts of more than so many tokens; None: not known."""
    n = max(start, 0) + 1
    usage = {
        "input": Usage(input_tokens=n),
        "output": Usage(input_tokens=n, output_tokens=n),
        "cache_read": Usage(cache_read_input_tokens=n),
        "cache_write_5m": Usage(cache_creation_input_tokens=n),
        "cache_write_1h": Usage(cache_creation_input_tokens=n, ephemeral_1h_input_tokens=n),
    }[part]
    cost = cost_of(model.id, usage, served={}, facts=model)
    if isinstance(cost, Unpriced):
        return None
    exact = getattr(cost, part) * MILLION / n
    return f"{exact:.2f}" if exact == round(exact, 2) else f"{exact.normalize():f}"


def _count(number: int | None, what: str) -> str:
    return UNKNOWN if number is None else f"{number:,} {what}"


def _listed(names: tuple[str, ...] | None) -> str:
    return UNKNOWN if names is None else ", ".join(names) or "none"
