import { ChatAnthropic } from "@langchain/anthropic";

export const chat = new ChatAnthropic({ model: "claude-haiku-4-5", temperature: 0.2 });
export const settings = { title: "reviews", temperature: 0.2, max_tokens: 100_000 };
