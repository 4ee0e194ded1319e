import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

export function extract(texts: string[], tools: Anthropic.Tool[]) {
  return client.messages.batches.create({
    requests: texts.map((text, index) => ({
      custom_id: String(index),
      params: {
        model: "claude-sonnet-5-5",
        max_tokens: 1024,
        tools,
        tool_choice: { type: "tool", name: "extract" },
        messages: [{ role: "user", content: text }],
      },
    })),
  });
}
