import Anthropic from "@anthropic-ai/sdk";

const client: Anthropic = new Anthropic();
const completion = await client.completions.create({
  model: "claude-opus-5-5",
  max_tokens_to_sample: 300,
  prompt: "\n\nHuman: Hello\n\nAssistant:",
});
console.log(completion.completion);
