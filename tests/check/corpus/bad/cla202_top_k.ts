import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
const stream = client.messages.stream({
  model: "claude-haiku-5-5",
  max_tokens: 1024,
  top_k: 40, // a habit
  messages: [{ role: "user", content: "Tell me of the sea." }],
});
stream.on("text", (text) => process.stdout.write(text));
