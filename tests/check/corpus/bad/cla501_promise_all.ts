import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

const ask = async (prompt: string): Promise<Anthropic.Message> => {
  return await client.messages.create({
    model: "claude-haiku-5-5",
    max_tokens: 256,
    messages: [{ role: "user", content: prompt }],
  });
};

export async function askAll(prompts: string[]) {
  return await Promise.all(prompts.map(ask));
}
