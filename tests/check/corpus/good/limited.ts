import Anthropic from "@anthropic-ai/sdk";
import pLimit from "p-limit";

const client = new Anthropic({ maxRetries: 2 });
const limit = pLimit(10);

async function ask(prompt: string) {
  const message = await client.messages.create({
    model: "claude-opus-5-5",
    max_tokens: 1024,
    thinking: { type: "adaptive" },
    messages: [{ role: "user", content: prompt }],
  });
  const first = message.content[0];
  return message.content[0].type === "text" ? message.content[0].text : JSON.stringify(first);
}

export const askAll = (prompts: string[]) => Promise.all(prompts.map((prompt) => limit(() => ask(prompt))));
export const askTwo = () => Promise.all(["One?", "Two?"].map(ask));
