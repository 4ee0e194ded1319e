import { anthropic } from "@ai-sdk/anthropic";
import { generateText } from "ai";

export async function Review({ diff }: { diff: string }) {
  const { text } = await generateText({ model: anthropic("claude-3-opus-20240229"), prompt: `Review: ${diff}` });
  return <p>That's the review: {text}</p>;
}
