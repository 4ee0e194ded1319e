const { Anthropic } = require("@anthropic-ai/sdk");

const client = new Anthropic();
const THINKING = { type: "enabled", budget_tokens: 4_096 };

async function solve(problem) {
  return await client.messages.create({
    model: "claude-opus-5-5",
    max_tokens: 8_192,
    thinking: THINKING,
    messages: [{ role: "user", content: problem }],
  });
}

module.exports = { solve };
