import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
const model = process.env.CLAUDE_MODEL ?? "claude-3-5-haiku-20241022";

const message = await client.messages.create({
  model,
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello" }],
});
for (const block of message.content) {
  if (block.type === "text") console.log(block.text);
}
