import OpenAI from "openai";
import twilio from "twilio";

const openai = new OpenAI();
const telephone = twilio();

export async function tell(text: string, to: string) {
  const answer = await openai.chat.completions.create({ model: "gpt-9", temperature: 0.2, messages: [] });
  const legacy = await openai.completions.create({ model: "davinci", prompt: text, max_tokens: 50_000 });
  await telephone.messages.create({ body: `${answer.choices[0].message.content}${legacy.choices[0].text}`, to });
}
