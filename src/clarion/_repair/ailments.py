"""What can be wrong with a history: each ailment with a name, how it is mended, and what that loses."""

from __future__ import annotations

from typing import NamedTuple


class Remedy(NamedTuple):
    """What is wrong, how it is mended, and what is lost by that; None: nothing."""

    wrong: str
    mended: str
    lost: str | None = None


AILMENTS: dict[str, Remedy] = {
    "not-json": Remedy("holds what JSON cannot", "it became the nearest thing that JSON has", "the exact value"),
    "no-message": Remedy("is no message", "text and content blocks became one, the rest was left out", "the rest"),
    "wrong-role": Remedy("has a role that the API does not know, or not with this content", "it got the right one"),
    "loose-content": Remedy("is written in another form than the API's", "it was put into that form"),
    "other-api": Remedy("is written as OpenAI's chat API has it", "it was put into this API's form"),
    "extra-field": Remedy("has fields that the API does not take", "they were left out", "those fields"),
    "loose-field": Remedy("has a field of another type than the API takes", "it became one of the right type"),
    "bad-field": Remedy("has a field that cannot be as it is", "it was left out, or got a usual value", "the value"),
    "bad-block": Remedy("is no content block that the API knows", "its text was kept, the rest left out", "the rest"),
    "misplaced-block": Remedy("stands in a message of the wrong role", "it got a message of its own"),
    "empty-text": Remedy("is text of nothing but white space", "it was left out"),
    "empty-message": Remedy("is a message without content", "it was left out"),
    "system-first": Remedy("is a system message before all others", "it moved to the system prompt"),
    "system-turn": Remedy("is a system message, which the model does not take", "it became a marked user message"),
    "no-opening": Remedy("is not of the user, and nothing comes before it", "a note of the user's was put before it"),
    "misplaced-summary": Remedy(
        "is a summary that is not the beginning", "what it sums up was left out", "the messages before it"
    ),
    "bad-id": Remedy("has an id that the API does not take", "it and its result got another"),
    "repeated-id": Remedy("has the id of an earlier call", "it and its result got another"),
    "unanswered-call": Remedy("is a call of a tool without a result", "a result that says so was added"),
    "misplaced-result": Remedy("is a result that does not follow its call", "it was moved there"),
    "relinked-result": Remedy(
        "names a call that there is not, in the place of one that lacks a result", "it became that call's"
    ),
    "repeated-result": Remedy("is a second result of one call", "it was left out", "the second result"),
    "unasked-result": Remedy("is a result of no call", "it became text", "its link to a call"),
    "open-server-call": Remedy("is a call of a server tool without a result", "it was left out", "the call"),
    "unasked-server-result": Remedy("is a result of a server tool that was not called", "it was left out", "it"),
    "before-fallback": Remedy("comes before a hand-over to another model", "it was left out", "it"),
    "foreign-thinking": Remedy("is thinking of another model", "it was left out", "it, unread anyway"),
    "broken-thinking": Remedy("is thinking whose signature is missing or damaged", "it was left out", "it"),
    "unbound-thinking": Remedy(
        "is thinking bound to the messages before it, which had to change", "it was left out", "it"
    ),
    "dropped-thinking": Remedy("is thinking, which you asked to drop", "it was left out", "it"),
    "unreadable-media": Remedy("is an image or a document that cannot be read", "a note took its place", "it"),
    "mislabelled-media": Remedy("is said to be of a type that it is not", "its type was put right"),
    "oversized-image": Remedy("is an image larger than the API takes here", "it was scaled down", "detail"),
    "too-many-images": Remedy("is one image more than the model takes", "a note took its place", "the oldest images"),
    "too-many-pages": Remedy("has more PDF pages than the model takes", "a note took its place", "the oldest PDFs"),
    "mixed-citations": Remedy("is a document without citations beside others with them", "it has them too"),
    "cited-by-user": Remedy("has citations, which only an answer may have", "they were left out", "the citations"),
    "cache-marks": Remedy("is a cache mark too many", "it was left out"),
    "cache-order": Remedy("is a cache mark of an hour after one of five minutes", "it became five minutes"),
    "trailing-space": Remedy("is the beginning of an answer that ends in white space", "it was trimmed"),
}

UNMENDABLE: dict[str, str] = {
    "no-history": "is neither a list of messages nor anything that holds one",
    "nothing-left": "holds nothing that could be sent",
    "too-many-messages": "has more messages than a request takes",
}

DOUBTS: dict[str, str] = {
    "signature": "is signed: only the API can tell whether it is as it was answered, after these messages",
    "elsewhere": "is named by a URL or a file id: only the API can tell whether it is there",
    "offered": "needs a tool that must be among the tools of the request, which were not passed",
}
