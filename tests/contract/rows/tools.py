"""Tools: definitions of every kind, how they may be chosen and called, and how servers' calls pair."""

from __future__ import annotations

from typing import Any

from contract.row import about, assistant, like, ok, refused, result, shaped, text, tool, user
from contract.row import call as tool_use

CODE = {"type": "code_execution_20260120", "name": "code_execution"}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
BM25 = {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"}
COMPUTER = {"type": "computer_toolset_20260801"}
SCREEN = {"name": "computer", "display_width_px": 1024, "display_height_px": 768}
MCP = "mcp-client-2025-11-20"
SERVER = {"type": "url", "name": "maps", "url": "https://example.com/mcp"}
TOOLSET = {"type": "mcp_toolset", "mcp_server_name": "maps"}
NO_CODE = "claude-haiku-4-5"  # cannot call tools from code
BETWEEN = "tools.0.web_search_20250305"

KINDS: tuple[dict[str, Any], ...] = (
    {"type": "bash_20250124", "name": "bash"},
    {"type": "memory_20250818", "name": "memory"},
    {"type": "text_editor_20250124", "name": "str_replace_editor"},
    {"type": "text_editor_20250429", "name": "str_replace_based_edit_tool"},
    {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 10_000},
    *({"type": f"code_execution_{day}", "name": "code_execution"}
      for day in ("20250522", "20250825", "20260120", "20260521")),
    *({"type": f"web_search_{day}", "name": "web_search", "max_uses": 5} for day in ("20250305", "20260209",
            "20260318")),
    *({"type": f"web_fetch_{day}", "name": "web_fetch", "max_content_tokens": 5000}
      for day in ("20250910", "20260209", "20260309", "20260318")),
    {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"},
    BM25,
    COMPUTER,
    {"type": "browser_toolset_20260801", "configs": {"zoom": {"enabled": False}}},
)  # fmt: skip
DEFINITIONS = (
    *(ok(f"a {kind['type']}", tools=[kind]) for kind in KINDS),
    *(refused(f"a {kind['type']} of another name", like(f"tools.0.{kind['type']}.name: Input should be"),
              tools=[kind | {"name": "other"}]) for kind in KINDS if "name" in kind),
    refused("a toolset with a name", like("tools.0.computer_toolset_20260801.name: Extra inputs"),
            tools=[COMPUTER | {"name": "computer"}]),
    refused("a toolset with a member it has not", like("tools.0.computer_toolset_20260801.configs.fly: Extra inputs"),
            tools=[COMPUTER | {"configs": {"fly": {"enabled": True}}}]),
    refused("an unknown kind of tool", like("tools.0: Input tag 'web_search_20240101'"),
            tools=[{"type": "web_search_20240101", "name": "web_search"}]),
    refused("a kind of tool that is empty", like("tools.0: Input tag ''"), tools=[tool(type="")]),
    ok("a custom tool that says so", tools=[tool(type="custom")]),
    ok("a custom tool whose type is null", tools=[tool(type=None)]),
    ok("a tool with everything", tools=[tool(
        description="d", cache_control={"type": "ephemeral"}, strict=False, defer_loading=False,
        allowed_callers=["direct"], input_examples=[{"city": "Oslo"}], eager_input_streaming=True)]),
    refused("eager streaming of a tool that is not the user's own",
            like("tools.0.bash_20250124.eager_input_streaming: Extra inputs"),
            tools=[{"type": "bash_20250124", "name": "bash", "eager_input_streaming": True}]),
    refused("examples for a server tool", like(f"{BETWEEN}.input_examples: Extra inputs"),
            tools=[SEARCH | {"input_examples": [{"query": "x"}]}]),
    ok("examples for a client tool", tools=[{"type": "bash_20250124", "name": "bash",
                                             "input_examples": [{"command": "ls"}]}]),
    refused("an example of the wrong type", like("tools.0.custom.input_examples.1"),
            tools=[tool(input_examples=[{"city": "Oslo"}, {"city": 5}])]),
    refused("an example that lacks what is required", like("tools.0.custom.input_examples.0"),
            tools=[tool(input_examples=[{}])]),
    ok("an example with a key more than the schema has", tools=[tool(input_examples=[{"city": "Oslo", "day": 1}])]),
    refused("an example with a key more than a closed schema has", like("tools.0.custom.input_examples.0"), tools=[
        {"name": "a", "input_schema": shaped({"a": {"type": "integer"}}), "input_examples": [{"a": 1, "b": 2}]}]),
    refused("an example outside an enum", like("tools.0.custom.input_examples.0"), tools=[
        {"name": "a", "input_schema": shaped({"a": {"enum": ["x", "y"]}}), "input_examples": [{"a": "z"}]}]),
    ok("an example through a reference", tools=[{"name": "a", "input_schema": shaped(
        {"a": {"$ref": "#/$defs/n"}}, **{"$defs": {"n": {"type": "integer"}}}), "input_examples": [{"a": 1}]}]),
    refused("an example wrong through a reference", like("tools.0.custom.input_examples.0"), tools=[
        {"name": "a", "input_schema": shaped({"a": {"$ref": "#/$defs/n"}}, **{"$defs": {"n": {"type": "integer"}}}),
         "input_examples": [{"a": "x"}]}]),
    refused("one name for a tool and a server tool", like("tools", "unique"), tools=[tool("web_search"), SEARCH]),
    ok("deferred tools beside a search", tools=[BM25, tool(defer_loading=True)]),
    refused("everything deferred, the search too", "All tools have defer_loading: true",
            tools=[BM25 | {"defer_loading": True}, tool(defer_loading=True)]),
    refused("uses below one", like(f"{BETWEEN}.max_uses: Input should be greater than or equal to 1"),
            tools=[SEARCH | {"max_uses": 0}]),
    ok("a user's place", tools=[SEARCH | {"user_location": {"type": "approximate", "city": "Oslo"}}]),
    refused("a user's exact place", like(f"{BETWEEN}.user_location.type: Input should be 'approximate'"),
            tools=[SEARCH | {"user_location": {"type": "exact"}}]),
)  # fmt: skip
DOMAINS = (
    ok("allowed domains", tools=[SEARCH | {"allowed_domains": ["example.com", "a.example.com/docs/*"]}]),
    ok("blocked domains", tools=[SEARCH | {"blocked_domains": ["example.com"]}]),
    refused("allowed and blocked domains", like(BETWEEN, "allowed_domains", "blocked_domains"),
            tools=[SEARCH | {"allowed_domains": ["a.com"], "blocked_domains": ["b.com"]}]),
    refused("a domain with a scheme", like(f"{BETWEEN}.allowed_domains.0", "https://"),
            tools=[SEARCH | {"allowed_domains": ["https://example.com"]}]),
    refused("a wildcard in a domain", like(f"{BETWEEN}.blocked_domains.1"),
            tools=[SEARCH | {"blocked_domains": ["a.com", "*.example.com"]}]),
    refused("both lists for fetching", like("tools.0.web_fetch_20250910"), tools=[
        {"type": "web_fetch_20250910", "name": "web_fetch", "allowed_domains": ["a.com"], "blocked_domains": ["b.c"]}]),
)  # fmt: skip
CHOICES = (
    ok("no tools chosen", tools=[tool()], tool_choice={"type": "none"}),
    ok("no tools to choose from, and none chosen", tool_choice={"type": "none"}),
    ok("one call at most", tools=[tool()], tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
    refused("one call at most of none", like("tool_choice.none.disable_parallel_tool_use: Extra inputs"),
            tools=[tool()], tool_choice={"type": "none", "disable_parallel_tool_use": True}),
    refused("a choice without tools", like("tool_choice", "tools"), tool_choice={"type": "auto"}),
    refused("a tool that is not there", like("Tool 'other' not found"), tools=[tool()],
            tool_choice={"type": "tool", "name": "other"}),
    refused("an unknown choice", like("tool_choice: Input tag 'required'"), tools=[tool()],
            tool_choice={"type": "required"}),
    refused("forced when counting", like("tool_choice"), to="count_tokens", model="claude-sonnet-5-5", tools=[tool()],
            tool_choice={"type": "any"}),
)  # fmt: skip
CALLERS = (
    ok("a tool called from code", tools=[CODE, tool(allowed_callers=["code_execution_20260120"])]),
    ok("a tool called from later code", tools=[
        CODE | {"type": "code_execution_20260521"}, tool(allowed_callers=["code_execution_20260120"])]),
    refused("a tool called from code that is not there", like("tools.0.custom.allowed_callers"),
            tools=[tool(allowed_callers=["code_execution_20260120"])]),
    refused("a tool called from code that is too old", like("tools.1.custom.allowed_callers"), tools=[
        {"type": "code_execution_20250522", "name": "code_execution"},
        tool(allowed_callers=["code_execution_20260120"])]),
    refused("an unknown caller", like("tools.0.custom.allowed_callers.0: Input should be 'direct'"),
            tools=[tool(allowed_callers=["nobody"])]),
    refused("a tool called from code by a model that cannot", like("tools.1.custom.allowed_callers"), model=NO_CODE,
            tools=[CODE, tool(allowed_callers=["code_execution_20260120"])]),
    refused("a search that would be called from code", like("tools.0.web_search_20260209.allowed_callers"),
            model=NO_CODE, tools=[{"type": "web_search_20260209", "name": "web_search"}]),
    ok("a search called directly", model=NO_CODE,
       tools=[{"type": "web_search_20260209", "name": "web_search", "allowed_callers": ["direct"]}]),
    ok("an older search", model=NO_CODE, tools=[SEARCH]),
)  # fmt: skip
TOOLSETS = (
    ok("the result of a toolset", tools=[COMPUTER], messages=[
        user("Hi"), assistant(tool_use(name="screenshot", toolset_name="computer")),
        user(result(toolset_name="computer"))]),
    refused("the result of a toolset that does not say so", like("messages.2.content.0", "toolset_name"),
            tools=[COMPUTER], messages=[
                user("Hi"), assistant(tool_use(name="screenshot", toolset_name="computer")), user(result())]),
    refused("the result of another toolset", like("messages.2.content.0", "toolset_name"), tools=[COMPUTER], messages=[
        user("Hi"), assistant(tool_use(name="screenshot", toolset_name="computer")),
        user(result(toolset_name="browser"))]),
    refused("the result of a tool that is in no toolset", like("messages.2.content.0", "toolset_name"),
            messages=[user("Hi"), assistant(tool_use()), user(result(toolset_name="computer"))]),
    ok("the state of a browser", tools=[{"type": "browser_toolset_20260801"}], messages=[
        user("Hi"), assistant(tool_use(name="list_tabs", toolset_name="browser")),
        user(result(toolset_name="browser", content=[
            {"type": "browser_state", "tabs": [{"tab_id": "1", "title": "t", "url": "https://e"}]}]))]),
)  # fmt: skip
BETAS = (
    *(row for day, beta in (("20241022", "2024-10-22"), ("20250124", "2025-01-24"), ("20251124", "2025-11-24"))
      for row in (
        ok(f"computer_{day}", betas=f"computer-use-{beta}", model="claude-opus-5",
           tools=[SCREEN | {"type": f"computer_{day}"}]),
        refused(f"computer_{day} without its beta", like(f"tools.0: Input tag 'computer_{day}'"),
                model="claude-opus-5", tools=[SCREEN | {"type": f"computer_{day}"}]),
        *(refused(f"computer_{day} on {model}", like("tools.0"), betas=f"computer-use-{beta}", model=model,
                  tools=[SCREEN | {"type": f"computer_{day}"}])
          for model in ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")))),
    *(ok(f"a {kind} on Opus 5.5", betas="computer-use-2024-10-22", model="claude-opus-5-5",
         tools=[{"type": f"{kind}_20241022", "name": name}])
      for kind, name in (("bash", "bash"), ("text_editor", "str_replace_editor"))),
    ok("an advisor", betas="advisor-tool-2026-03-01",
       tools=[{"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5-5"}]),
    refused("an advisor without its beta", like("tools.0: Input tag 'advisor_20260301'"),
            tools=[{"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5-5"}]),
    ok("a server and its toolset", betas=MCP, mcp_servers=[SERVER], tools=[TOOLSET]),
    ok("a server and its toolset under the later beta", betas="mcp-client-2026-09-15", mcp_servers=[SERVER],
       tools=[TOOLSET]),
    ok("a toolset with switches", betas=MCP, mcp_servers=[SERVER], tools=[
        TOOLSET | {"default_config": {"enabled": False}, "configs": {"route": {"enabled": True}}}]),
    refused("a toolset without its beta", like("tools.0: Input tag 'mcp_toolset'"), tools=[TOOLSET]),
    refused("a server without a toolset", like("mcp_servers.0", "maps"), betas=MCP, mcp_servers=[SERVER]),
    ok("a server of the first connector", betas="mcp-client-2025-04-04", mcp_servers=[SERVER]),
    refused("a server with two toolsets", like("mcp_servers.0", "maps"), betas=MCP, mcp_servers=[SERVER],
            tools=[TOOLSET, TOOLSET]),
    refused("a toolset of no server", like("tools.0.mcp_toolset.mcp_server_name"), betas=MCP, tools=[TOOLSET]),
    refused("a server that is not https", like("mcp_servers.0.url", "https"), betas=MCP, tools=[TOOLSET],
            mcp_servers=[SERVER | {"url": "http://example.com"}]),
    refused("a server over a pipe", like("mcp_servers.0.type: Input should be 'url'"), betas=MCP, tools=[TOOLSET],
            mcp_servers=[SERVER | {"type": "stdio"}]),
    refused("a server twice", like("mcp_servers", "unique"), betas=MCP, mcp_servers=[SERVER, SERVER], tools=[TOOLSET]),
)  # fmt: skip


def asked(name: str = "web_search", number: int = 1) -> dict[str, Any]:
    return {"type": "server_tool_use", "id": f"srvtoolu_{number}", "name": name, "input": {"query": "x"}}


def found(number: int = 1) -> dict[str, Any]:
    hit = {"type": "web_search_result", "title": "t", "url": "https://e", "encrypted_content": "E", "page_age": None}
    return {"type": "web_search_tool_result", "tool_use_id": f"srvtoolu_{number}", "content": [hit]}


FAILED = {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}
RAN = {"type": "bash_code_execution_result", "stdout": "", "stderr": "", "return_code": 0, "content": []}
OPEN = "`web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block"
CALLABLE = [CODE, tool(allowed_callers=["code_execution_20260120"])]
CALLER = {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"}
BY_CODE = [user("Hi"), assistant(asked("code_execution"), tool_use(caller=CALLER)), user(result())]
SERVERS = (
    ok("a search and its result", tools=[SEARCH], messages=[
        user("Hi"), assistant(asked(), found(), text("Found")), user("And?")]),
    ok("a search that failed", tools=[SEARCH], messages=[
        user("Hi"), assistant(asked(), found() | {"content": FAILED}, text("No")), user("And?")]),
    ok("a search long done, its tool gone", messages=[user("Hi"), assistant(asked(), found(), text("x")),
            user("And?")]),
    ok("a pause is taken up", tools=[SEARCH], messages=[user("Hi"), assistant(text("Let me see"), asked())]),
    ok("a pause is taken up and answered in a second message", tools=[SEARCH], messages=[
        user("Hi"), assistant(asked()), assistant(found(), text("Found")), user("And?")]),
    refused("a search left open", OPEN, tools=[SEARCH], messages=[user("Hi"), assistant(asked()), user("And?")]),
    refused("the second search left open", OPEN.replace("_1", "_2"), tools=[SEARCH], messages=[
        user("Hi"), assistant(asked(), found(), asked(number=2)), user("And?")]),
    refused("a pause whose tool is gone", f"{OPEN}, but no web_search tool was provided",
            messages=[user("Hi"), assistant(asked())]),
    ok("a search that waits for the client's results", tools=[SEARCH, tool()], messages=[
        user("Hi"), assistant(asked(), tool_use()), user(result())]),
    refused("a search that waits, and the client says more", OPEN, tools=[SEARCH, tool()], messages=[
        user("Hi"), assistant(asked(), tool_use()), user(result(), text("And?"))]),
    ok("code left to run", tools=[CODE], messages=[user("Hi"), assistant(asked("bash_code_execution"))]),
    refused("code left open", like("`bash_code_execution` tool use", "`bash_code_execution_tool_result`"),
            tools=[CODE], messages=[user("Hi"), assistant(asked("bash_code_execution")), user("And?")]),
    ok("code that ran", tools=[CODE], messages=[user("Hi"), assistant(asked("bash_code_execution"), {
        "type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": RAN}), user("And?")]),
    refused("a result nobody asked for", like("messages.1.content.0: unexpected `tool_use_id`", "srvtoolu_1"),
            tools=[SEARCH], messages=[user("Hi"), assistant(found()), user("And?")]),
    refused("an unknown server tool", like("messages.1.content.0.server_tool_use.name: Input should be 'web_search'"),
            messages=[user("Hi"), assistant(asked("sing")), user("And?")]),
    refused("an id of a call with other characters",
            "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
            messages=[user("Hi"), assistant(tool_use(id="functions.get:1")), user(result())]),
    refused("an id of a search that is none of the API's",
            "messages.1.content.0.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
            tools=[SEARCH], messages=[user("Hi"), assistant(asked() | {"id": "call_1"}, found())]),
    ok("an MCP call and its result", betas=MCP, messages=[user("Hi"), assistant(
        {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "route", "server_name": "maps", "input": {}},
        {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": "left"}, text("Left")), user("And?")]),
    refused("an MCP call without its beta", like("messages.1.content.0: Input tag 'mcp_tool_use'"), messages=[
        user("Hi"), assistant({"type": "mcp_tool_use", "id": "m", "name": "r", "server_name": "s", "input": {}})]),
    ok("code waits for a tool it calls", messages=BY_CODE, tools=CALLABLE),
    refused("code waits, and the client says more", like("`code_execution` tool use", "`code_execution_tool_result`"),
            messages=[*BY_CODE[:-1], user(result(), text("And?"))], tools=CALLABLE),
    refused("a call by an unknown caller", like("messages.1.content.0.tool_use.caller: Input tag 'nobody'"), messages=[
        user("Hi"), assistant(tool_use(caller={"type": "nobody"})), user(result())]),
    ok("every kind of result", tools=[tool()], messages=[user("Hi"), assistant(tool_use()), user(result(content=[
        text("x"), {"type": "image", "source": {"type": "url", "url": "https://e/a.png"}},
        {"type": "search_result", "source": "s", "title": "t", "content": [text("x")]},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}]))]),
    refused("a result that holds a call", like("messages.2.content.0.tool_result.content.0: Input tag 'tool_use'"),
            tools=[tool()], messages=[user("Hi"), assistant(tool_use()), user(result(content=[tool_use(2)]))]),
    ok("a reference to a tool in a result", tools=[BM25, tool(defer_loading=True)], messages=[
        user("Hi"), assistant(tool_use()), user(result(content=[{"type": "tool_reference",
        "tool_name": "get_weather"}]))]),
)  # fmt: skip

ROWS = about("tools", *DEFINITIONS, *DOMAINS, *CHOICES, *CALLERS, *TOOLSETS, *BETAS, *SERVERS)
