"""The fields of a body: which there are, which are required, what they hold, and which a beta opens."""

from __future__ import annotations

from typing import Any

from contract.row import Row, about, like, ok, refused, system, text, tool, user

EXTRA, REQUIRED = "Extra inputs are not permitted", "Field required"
OBJECT = "Input should be a valid dictionary or object to extract fields from"


def _opened(field: str, beta: str, value: Any, **fields: Any) -> tuple[Row, Row]:
    """Return the rows of a field that a beta opens: there with its header, unknown without."""
    return (
        ok(f"{field} with {beta}", betas=beta, **{field: value}, **fields),
        refused(f"{field} without {beta}", f"{field}: {EXTRA}", **{field: value}, **fields),
    )


REQUIRED_FIELDS = (
    refused("no model", f"model: {REQUIRED}", model=None),
    refused("no max_tokens", f"max_tokens: {REQUIRED}", max_tokens=None),
    refused("no messages", f"messages: {REQUIRED}", messages=None),
    refused("no role", f"messages.0.role: {REQUIRED}", messages=[{"content": "Hi"}]),
    refused("no content", f"messages.0.content: {REQUIRED}", messages=[{"role": "user"}]),
    refused("no text in a text block", f"messages.0.content.0.text.text: {REQUIRED}",
            messages=[user({"type": "text"})]),
    refused("no type of a block", f"messages.0.content.0.type: {REQUIRED}", messages=[user({"text": "x"})]),
    refused("no schema of a tool", f"tools.0.custom.input_schema: {REQUIRED}", tools=[{"name": "a"}]),
    refused("no name of a tool", f"tools.0.custom.name: {REQUIRED}", tools=[{"input_schema": {"type": "object"}}]),
    refused("no tool to choose", f"tool_choice.tool.name: {REQUIRED}", tools=[tool()], tool_choice={"type": "tool"}),
    refused("no budget", f"thinking.enabled.budget_tokens: {REQUIRED}", model="claude-haiku-4-5",
            thinking={"type": "enabled"}),
    refused("no source of an image", f"messages.0.content.0.image.source: {REQUIRED}",
            messages=[user({"type": "image"})]),
)  # fmt: skip
UNKNOWN_FIELDS = (
    refused("an unknown field", f"colour: {EXTRA}", colour="red"),
    refused("an unknown field is found before a missing one", f"colour: {EXTRA}", colour="red", max_tokens=None),
    refused("an unknown field of a message", f"messages.0.name: {EXTRA}",
            messages=[{"role": "user", "content": "x", "name": "n"}]),
    refused("an unknown field of a block", f"messages.0.content.0.text.bold: {EXTRA}",
            messages=[user(text("x", bold=True))]),
    refused("an unknown field of metadata", f"metadata.user: {EXTRA}", metadata={"user": "x"}),
    refused("an unknown field of output_config", f"output_config.style: {EXTRA}", output_config={"style": "x"}),
    refused("an unknown field of a tool", f"tools.0.custom.cost: {EXTRA}", tools=[tool(cost=1)]),
    refused("the prompt of Text Completions", f"prompt: {EXTRA}", prompt="Hi"),
    refused("an n of other APIs", f"n: {EXTRA}", n=2),
)  # fmt: skip
TYPES = (
    refused("a model that is no string", "model: Input should be a valid string", model=5),
    refused("a max_tokens in quotes", "max_tokens: Input should be a valid integer", max_tokens="9"),
    refused("a max_tokens of true", "max_tokens: Input should be a valid integer", max_tokens=True),
    refused("a max_tokens with decimals", "max_tokens: Input should be a valid integer", max_tokens=9.5),
    refused("a negative max_tokens", "max_tokens: Input should be greater than or equal to 0", max_tokens=-1),
    refused("messages that are no list", "messages: Input should be a valid list", messages={"role": "user"}),
    refused("a message that is no object", f"messages.0: {OBJECT}", messages=["Hi"]),
    refused("an unknown role", "messages.0.role: Input should be 'user', 'assistant' or 'system'",
            messages=[{"role": "tool", "content": "x"}]),
    refused("a block that is no object", f"messages.0.content.0: {OBJECT}", messages=[{"role": "user",
            "content": ["x"]}]),
    refused("an unknown block", like("messages.0.content.0: Input tag 'video' found using 'type'", "'text', 'image'"),
            messages=[user({"type": "video", "url": "x"})]),
    refused("a stream that is no flag", "stream: Input should be a valid boolean", stream="yes"),
    refused("stop sequences that are no list", "stop_sequences: Input should be a valid list", stop_sequences="x"),
    refused("a stop sequence that is no string", "stop_sequences.0: Input should be a valid string",
            stop_sequences=[1]),
    refused("an unknown service tier", "service_tier: Input should be 'auto' or 'standard_only'",
            service_tier="priority"),
    refused("an unknown ttl", "messages.0.content.0.text.cache_control.ttl: Input should be '5m' or '1h'",
            messages=[user(text("x", cache_control={"type": "ephemeral", "ttl": "2h"}))]),
    refused("an unknown effort", like("output_config.effort: Input should be 'low'", "'max'"),
            output_config={"effort": "extreme"}),
    refused("an unknown speed", "speed: Input should be 'standard' or 'fast'", speed="slow"),
    refused("an unknown geography", like("inference_geo"), inference_geo="mars"),
    refused("an image in a system turn", like("messages.1.content.0: Input tag 'image'"), messages=[
        user("Hi"), system({"type": "image", "source": {"type": "url", "url": "https://e/a.png"}})]),
)  # fmt: skip
TAKEN = (
    ok("nothing but what is required"),
    ok("content as blocks", messages=[user(text("Hello"))]),
    ok("two turns of one role", messages=[user("Hi"), user("Still there?")]),
    ok("a system prompt", system="Be kind"),
    ok("a system prompt as blocks", system=[text("Be kind")]),
    ok("a user id of 256 characters", metadata={"user_id": "x" * 256}),
    refused("a user id of 257", "metadata.user_id: String should have at most 256 characters",
            metadata={"user_id": "x" * 257}),
    ok("no user id", metadata={"user_id": None}),
    ok("stop sequences", stop_sequences=["END", "###"]),
    refused("a blank stop sequence", like("stop_sequences", "non-whitespace"), stop_sequences=["\n"]),
    ok("a service tier", service_tier="standard_only"),
    ok("a container by its id", container="container_1"),
    ok("a container with skills", container={"skills": [{"type": "anthropic", "skill_id": "pdf",
            "version": "latest"}]}),
    ok("diagnostics of a first turn", diagnostics={"previous_message_id": None}),
    ok("null where a field may be null", cache_control=None, container=None, inference_geo=None, speed=None),
    ok("a turn of the system after the first", messages=[user("Hi"), system("Be brief"), user("And?")]),
    refused("a turn of the system first", 'messages: first message must use the "user" role',
            messages=[system("Be brief"), user("Hi")]),
    ok("a user profile in the headers", headers={"anthropic-user-profile-id": "uprof_1"}),
)  # fmt: skip
NAMES = (
    ok("a tool name of 128 characters", tools=[tool("a" * 128)]),
    refused("a tool name of 129", "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
            tools=[tool("a" * 129)]),
    refused("an empty tool name", "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
            tools=[tool("")]),
    refused("a tool name with a dot", "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
            tools=[tool("a.b")]),
    refused("the same tool name twice", like("tools", "unique"), tools=[tool(), tool()]),
    ok("a property of 64 characters", tools=[{"name": "a", "input_schema": {
        "type": "object", "properties": {"a" * 64: {}}}}]),
    refused("a property of 65", like("tools.0.custom.input_schema.properties", "{1,64}"), tools=[
        {"name": "a", "input_schema": {"type": "object", "properties": {"a" * 65: {}}}}]),
    refused("a property with a space", like("tools.0.custom.input_schema.properties"), tools=[
        {"name": "a", "input_schema": {"type": "object", "properties": {"first name": {}}}}]),
    ok("a property with dots", tools=[{"name": "a", "input_schema": {"type": "object",
            "properties": {"a.b-c_d": {}}}}]),
    refused("a schema that is no object", "tools.0.custom.input_schema.type: Input should be 'object'",
            tools=[{"name": "a", "input_schema": {"type": "array"}}]),
    refused("a schema without a type", f"tools.0.custom.input_schema.type: {REQUIRED}",
            tools=[{"name": "a", "input_schema": {}}]),
    *(refused(f"no JSON schema: {keyword}", like("tools.0.custom.input_schema", "2020-12"), tools=[
        {"name": "a", "input_schema": {"type": "object", keyword: value}}])
      for keyword, value in (("properties", []), ("required", "name"), ("enum", "x"), ("items", 5), ("anyOf", {}),
                             ("minLength", "x"), ("multipleOf", 0), ("pattern", 1))),
    refused("no JSON schema: an unknown type inside", like("tools.0.custom.input_schema", "2020-12"), tools=[
        {"name": "a", "input_schema": {"type": "object", "properties": {"a": {"type": "text"}}}}]),
)  # fmt: skip
EDITS = {"edits": [{"type": "clear_tool_uses_20250919"}]}
BETA_FIELDS = (
    *_opened("context_management", "context-management-2025-06-27", EDITS),
    *_opened("compaction", "compact-2026-09-04", {"type": "summarize"}),
    *_opened("fallbacks", "server-side-fallback-2026-07-01", "default", model="claude-fable-5"),
    *_opened("fallback_credit_token", "fallback-credit-2026-07-01", "credit_1"),
    *_opened("mcp_servers", "mcp-client-2025-11-20", []),
    *_opened("billing_policy", "user-profiles-2026-09-04", {"type": "billing_policy", "bill_to": "self"}),
    *_opened("output_format", "structured-outputs-2025-11-13", {"type": "json_schema", "schema": {
        "type": "object", "properties": {}, "additionalProperties": False}}),
    refused("billing a profile that is not named", like("billing_policy"), code="user_profile_required",
            betas="user-profiles-2026-09-04", billing_policy={"type": "billing_policy", "bill_to": "user_profile"}),
    ok("billing a profile that is named", betas="user-profiles-2026-09-04",
       headers={"anthropic-user-profile-id": "uprof_1"},
       billing_policy={"type": "billing_policy", "bill_to": "user_profile"}),
    refused("threads", like("thread"), code="thread_unsupported_request", betas="message-threads-2026-08-12",
            thread={"type": "create"}),
    refused("threads without their beta", f"thread: {EXTRA}", thread={"type": "create"}),
    ok("several betas", betas="context-management-2025-06-27,fast-mode-2026-02-01", context_management=EDITS),
    ok("an unknown beta", betas="no-such-beta-2026-01-01"),
)  # fmt: skip

ROWS = about("fields", *REQUIRED_FIELDS, *UNKNOWN_FIELDS, *TYPES, *TAKEN, *NAMES, *BETA_FIELDS)
