"""Checks of what is installed."""

from __future__ import annotations

import re
import sys
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from clarion import __version__
from clarion._plural import number_of
from clarion.doctor.line import fail, ok, warn

if TYPE_CHECKING:
    from clarion.doctor.line import Line
    from clarion.doctor.surroundings import Surroundings

STALE = 60  # days after which the catalogue of models, or the prices, may have fallen behind
UPGRADE = "pip install --upgrade"


def python(_around: Surroundings) -> Line:
    """Whether Clarion is tested with this Python."""
    found = f"Python {sys.version.split()[0]}, Clarion {__version__}"
    tested = re.findall(r"Python :: (3\.\d+)", "\n".join(metadata.metadata("clarion").get_all("Classifier") or ()))
    if f"{sys.version_info.major}.{sys.version_info.minor}" not in tested:
        return warn(found, f"Clarion is tested with Python {', '.join(tested)}")
    return ok(found)


def sdk(_around: Surroundings) -> Line:
    """Whether the SDK is of a version that Clarion is made for."""
    wanted = next(line for line in metadata.requires("clarion") or () if re.match(r"anthropic\b", line))
    bounds = dict(re.findall(r"(>=|<)\s*([\d.]+)", wanted))
    installed = metadata.version("anthropic")
    found = f"anthropic {installed}"
    if not _numbers(bounds[">="]) <= _numbers(installed) < _numbers(bounds["<"]):
        return fail(f"{found} is not {wanted}", f"{UPGRADE} '{wanted}'")
    return ok(found)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def extras(_around: Surroundings) -> Line:
    """Which extras are installed."""
    needed: dict[str, list[str]] = {}
    for requirement in metadata.requires("clarion") or ():
        if found := re.match(r"([\w.-]+).*extra == ['\"](\w+)['\"]", requirement):
            needed.setdefault(found[2], []).append(found[1])
    here = [extra for extra, names in needed.items() if all(map(_is_installed, names))]
    missing = [extra for extra in needed if extra not in here]
    return ok(f"{', '.join(here) or 'none'}; not installed: {', '.join(missing) or 'none'}")


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def catalogue(around: Surroundings) -> Line:
    """Whether the catalogue of models is of late."""
    from clarion._catalog import Catalog
    from clarion._errors import ClarionError

    own = around.usable_settings.catalog
    try:
        catalog = Catalog.load(own)
    except ClarionError as error:
        return fail(str(error), "mend the file that CLARION_CATALOG or `catalog` names, or make it anew")
    age = (around.today - catalog.as_of).days
    found = f"of {catalog.as_of}, {number_of(max(age, 0), 'day')} old" + (f", with {own}" if own else "")
    return warn(found, f"{UPGRADE} clarion, or clarion models --refresh") if age > STALE else ok(found)


def _installed(package: str) -> float:
    """Return when a package was installed, in seconds since the epoch, by the time of its first file."""
    distribution = metadata.distribution(package)
    first = next(file for file in distribution.files or () if file.suffix == ".py")
    return Path(str(distribution.locate_file(first))).stat().st_mtime


def prices(around: Surroundings) -> Line:
    """Whether the prices are of late, and there is one for what is called."""
    from clarion._cost import Unpriced, cost_of
    from clarion._usage import Usage

    installed = date.fromtimestamp(_installed("genai-prices"))
    found = f"genai-prices {metadata.version('genai-prices')}, installed on {installed}"
    one = Usage(input_tokens=1, output_tokens=1)
    sheets = [model for model in around.catalog.sheets() if not model.is_retired]
    unknown = [m.id for m in sheets if isinstance(cost_of(m.id, one, served={}, facts=m), Unpriced)]
    asked = around.model.id if around.model else around.usable_settings.config.model
    upgrade = f"{UPGRADE} genai-prices"
    if asked in unknown or around.model is None:
        return warn(
            f"{found}: no price is known for {asked}", f"{upgrade}; until then, max_cost and budgets stop calls"
        )
    if (around.today - installed).days > STALE:
        return warn(f"{found}: prices may have changed since", upgrade)
    missing = f"; none for {', '.join(unknown)}" if unknown else ""
    return ok(f"{found}: a price for {asked}, and {len(sheets) - len(unknown)} models in all{missing}")
