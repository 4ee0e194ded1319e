"""Checks of the way to the API: credentials, the address, the answer, the clock, the model, the limits."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from clarion._errors import InvalidSettingError, MissingCredentialsError
from clarion._sdk import COUNT_TOKENS, EMULATOR, MESSAGES, credentials_of, failure_of
from clarion.doctor.line import fail, ok, skipped, warn
from clarion.doctor.secrets import shown
from clarion.doctor.surroundings import Unavailable

if TYPE_CHECKING:
    from clarion._sdk import Answer
    from clarion.doctor.line import Line
    from clarion.doctor.surroundings import Surroundings

MODELS = "/v1/models"
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
LOCAL = ("localhost", "127.0.0.1", "::1")
SKEW, SKEWED = 30, 300  # seconds from which a clock is off, and from which tokens that expire are refused
NO_WAY = "the API does not answer"
EVERYWHERE = "https://api.anthropic.com"


def credentials(around: Surroundings) -> Line:
    """Where the credentials are from; they are never shown."""
    if around.is_emulated:
        return ok("none are needed: the emulator answers")
    try:
        source = credentials_of(around.client)
    except MissingCredentialsError:
        return fail("none were found", "set ANTHROPIC_API_KEY, or log in to a profile; offline: --emulate")
    except InvalidSettingError as error:
        return fail(str(error), "set it right, and ask again")
    except Exception as error:  # noqa: BLE001 -- the SDK reads profiles, and says in its own errors what is wrong with one
        return fail(f"cannot be read: {error}", "mend the profile, or set ANTHROPIC_API_KEY")
    both = [name for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN") if around.environ.get(name)]
    if len(both) == 2:
        return warn(f"{source}; both {' and '.join(both)} are set, the first counts", f"unset {both[1]}")
    value = around.environ.get(source, "")
    if value[:1] in ("'", '"'):
        return warn(f"{source} has quotation marks around it", "set it without them")
    return ok(source)


def address(around: Surroundings) -> Line:
    """Where calls go, and by which proxy."""
    if around.is_emulated:
        return ok("the emulator in this process")
    try:
        url = str(around.client.base_url)
    except Exception:  # noqa: BLE001 -- without a client the environment alone tells
        url = around.environ.get("ANTHROPIC_BASE_URL") or EVERYWHERE
    proxy = next((name for name in PROXIES if around.environ.get(name)), None)
    by = f", by {proxy} ({shown(around.environ[proxy])})" if proxy else ""
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        return warn(f"{shown(url)}{by}: what is sent can be read on the way", "use https")
    return ok(f"{shown(url)}{by}")


def reach(around: Surroundings) -> Line:
    """Whether what answers there is the API."""
    try:
        answer = around.answer("GET", f"{MODELS}?limit=1")
    except Unavailable:
        return skipped("without credentials, nothing can be asked")
    except Exception as error:  # noqa: BLE001 -- whatever a broken server makes the SDK raise is what was found
        return fail(_why(error), "check the network, ANTHROPIC_BASE_URL and the proxy; or work offline with --emulate")
    return _reached(answer, emulated=around.is_emulated)


def _reached(answer: Answer, *, emulated: bool) -> Line:
    told = _json(answer)
    took = f"answered in {answer.seconds * 1000:.0f} ms"
    if told is None:
        kind = answer.headers.get("content-type", "no type")
        found = f"what answers is not the API: status {answer.status}, {kind}"
        return fail(found, "check ANTHROPIC_BASE_URL, and whether a proxy or a login page is in between")
    if answer.headers.get("server") == EMULATOR and not emulated:
        return warn(f"{took}: an emulator, not the API", "unset ANTHROPIC_BASE_URL to reach the API")
    match answer.status:
        case 200 | 429:
            return ok(took)
        case 401:
            return fail(f"the key is refused: {_message(told)}", "check the key, or make another in the Console")
        case 403:
            return fail(f"the key may not do this: {_message(told)}", "check what its workspace may do")
        case 404:
            found = "there is no Models API at this address"
            return warn(found, "other servers may lack it; else check ANTHROPIC_BASE_URL: it ends before /v1")
    return fail(f"status {answer.status}: {_message(told)}", "it is the service's fault: try again in a minute")


def version(around: Surroundings) -> Line:
    """Which version of the API is spoken."""
    from clarion._fit.draft import VERSION, VERSION_HEADER

    try:
        headers = {name.lower(): value for name, value in around.client.default_headers.items()}
    except Exception:  # noqa: BLE001 -- another line says what is wrong with the client
        return skipped("without credentials, nothing is sent")
    sent = str(headers.get(VERSION_HEADER))
    if sent != VERSION:
        return warn(f"{sent} is sent, not {VERSION}", "unset anthropic-version in ANTHROPIC_CUSTOM_HEADERS")
    return ok(sent)


def clock(around: Surroundings) -> Line:
    """Whether the clock of this machine is that of the API."""
    answer = _answer(around)
    if answer is None:
        return skipped(NO_WAY)
    try:
        there = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return skipped("the answer bears no date")
    skew = round(answer.at - there)
    if abs(skew) <= SKEW:
        return ok(f"within {max(abs(skew), 1)} s of the API's")
    found = f"{abs(skew):,} s {'ahead of' if skew > 0 else 'behind'} the API's"
    fix = "set the clock: timedatectl set-ntp true"
    return fail(found, fix) if abs(skew) > SKEWED else warn(found, fix)


def model_access(around: Surroundings) -> Line:
    """Whether this key may use the model, and the catalogue knows it as the API does."""
    from clarion._refresh import differences

    first = _answer(around)
    if first is None or first.status in (401, 403):
        return skipped(NO_WAY if first is None else "the key is refused")
    id = around.model.id if around.model else around.usable_settings.config.model
    try:
        answer = around.answer("GET", f"{MODELS}/{id}")
    except Exception as error:  # noqa: BLE001 -- whatever a broken server makes the SDK raise is what was found
        return fail(_why(error), "try again")
    told = _json(answer)
    if told is None or answer.status not in (200, 403, 404):
        return warn(f"{id}: status {answer.status}", "try again, or ask for it: clarion ask -m")
    if answer.status != 200:
        return fail(f"{id}: {_message(told)}", "choose another model, or ask for access: clarion models")
    if told.get("lifecycle") == "retired":
        return fail(f"{id} is retired", "clarion models shows what to move to")
    found = [str(difference) for difference in differences(around.catalog, [told])] if "id" in told else []
    if found:
        return warn(f"{id} is there; {'; '.join(found)}", "clarion models --refresh keeps what the API says")
    return ok(f"{id} is there, as the catalogue has it")


def limits(around: Surroundings) -> Line:
    """How much of the rate limits is left."""
    from clarion._pacing.signal import Signal

    first = _answer(around)
    if first is None or first.status in (401, 403):
        return skipped(NO_WAY if first is None else "the key is refused")
    path, body = (MESSAGES, deep_call(around)) if around.deep else (COUNT_TOKENS, _count(around))
    try:
        answer = around.answer("POST", path, body)
    except Exception as error:  # noqa: BLE001 -- whatever a broken server makes the SDK raise is what was found
        return fail(_why(error), "try again")
    if answer.status not in (200, 429):
        told = _json(answer)
        message = _message(told) if told else f"status {answer.status}"
        return fail(f"a call fails: {message}", "what it says; clarion ask shows the same")
    readings = Signal.of(answer.status, {name.lower(): value for name, value in answer.headers.items()}).readings
    names = ("requests", "input tokens", "output tokens")
    said = [f"{r.remaining:,.0f} of {r.limit:,.0f} {n}" for n, r in zip(names, readings, strict=True) if r]
    if not said:
        return skipped("the answer says nothing of limits: some servers do not")
    found = f"{', '.join(said)} left of a minute"
    if answer.status == 429:
        return warn(f"used up: {found}", "wait a little, or ask for higher limits")
    return ok(found if around.deep else f"token counting: {found}; --deep asks for those of answers")


def deep_call(around: Surroundings) -> dict[str, Any]:
    """Return the cheapest call that an answer comes to."""
    return {**_count(around), "max_tokens": 1}


def _count(around: Surroundings) -> dict[str, Any]:
    id = around.model.id if around.model else around.usable_settings.config.model
    return {"model": id, "messages": [{"role": "user", "content": "Hi"}]}


def _answer(around: Surroundings) -> Answer | None:
    """Return the answer by which the API was reached; None if that was none."""
    try:
        answer = around.answer("GET", f"{MODELS}?limit=1")
    except Exception:  # noqa: BLE001 -- the line that reaches for the API says why
        return None
    return answer if _json(answer) is not None else None


def _json(answer: Answer) -> dict[str, Any] | None:
    try:
        told = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None


def _message(told: dict[str, Any]) -> str:
    error = told.get("error")
    return str(error.get("message") if isinstance(error, dict) else error)[:200]


def _why(error: Exception) -> str:
    failure = failure_of(error)
    return failure.message if failure else str(error) or type(error).__name__
