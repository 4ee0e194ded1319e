const PRICE_PER_MILLION = {
  "claude-opus-5-5": { input: 5, output: 25 },
  "claude-haiku-5-5": { input: 1, output: 5 },
};

export const costOf = (model, usage) =>
  (usage.input_tokens * PRICE_PER_MILLION[model].input + usage.output_tokens * PRICE_PER_MILLION[model].output) / 1e6;
