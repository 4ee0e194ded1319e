"""The rules for Python. Each takes a program and the facts, and yields findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.check.python.rules import answers, crowds, errors, mocks, names, prices, requests, sampling, surface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.python.calls import Program

RULES: tuple[Callable[[Program, Facts], Iterator[Finding]], ...] = (
    names.retiring_models,
    sampling.removed_arguments,
    sampling.removed_fields,
    requests.unfit_requests,
    requests.unstreamed,
    surface.removed_attributes,
    surface.called_unions,
    answers.first_blocks,
    crowds.unbounded,
    errors.overloads_around_streams,
    errors.retries_by_lambda,
    errors.bare_errors,
    mocks.foreign_http,
    mocks.deaf_mocks,
    prices.price_tables,
    prices.price_formulas,
)
