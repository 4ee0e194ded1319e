// The official TypeScript SDK. Run where it is installed: `node ask_typescript.mjs PICTURE TASK=URL ...`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const { Anthropic } = require("@anthropic-ai/sdk");
const { jsonSchemaOutputFormat } = require("@anthropic-ai/sdk/helpers/json-schema");
const { betaTool } = require("@anthropic-ai/sdk/helpers/beta/json-schema");

const words = JSON.parse(readFileSync(new URL("words.json", import.meta.url)));
const [picture, ...tasks] = process.argv.slice(2);

const ask = (content) => ({ model: words.model, max_tokens: 2000, messages: [{ role: "user", content }] });
const said = (message) => message.content.map((block) => block.text ?? "").join("");
const told = (message) => ({ text: said(message), input: message.usage.input_tokens, output: message.usage.output_tokens });

async function text(client) {
  return told(await client.messages.create(ask(words.hello)));
}

async function stream(client) {
  const pieces = [];
  const streaming = client.messages.stream(ask(words.hello)).on("text", (piece) => pieces.push(piece));
  return { ...told(await streaming.finalMessage()), text: pieces.join(""), pieces: pieces.length };
}

async function tools(client, stream = false) {
  const calls = [];
  const weather = betaTool({
    name: "get_weather",
    description: "Get the weather of a city.",
    inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    run: (input) => {
      calls.push(["get_weather", input]);
      return `${input.city} has 21 degrees`;
    },
  });
  const runner = client.beta.messages.toolRunner({ ...ask(words.weather), tools: [weather], stream });
  return { text: said(await runner), calls };
}

async function streamed_tools(client) {
  return tools(client, true);
}

async function structured(client) {
  const format = jsonSchemaOutputFormat({
    type: "object",
    properties: { city: { type: "string" }, degrees: { type: "integer" }, dry: { type: "boolean" } },
    required: ["city", "degrees", "dry"],
    additionalProperties: false,
  });
  return (await client.messages.parse({ ...ask(words.report), output_config: { format } })).parsed_output;
}

async function image(client) {
  const source = { type: "base64", media_type: "image/png", data: readFileSync(picture).toString("base64") };
  return told(await client.messages.create(ask([{ type: "image", source }, { type: "text", text: words.look }])));
}

const known = { text, stream, tools, streamed_tools, structured, image, rate_limit: text, overload: stream };
const results = {};
for (const task of tasks) {
  const [name, baseURL] = task.split(/=(.*)/);
  try {
    results[name] = await known[name](new Anthropic({ baseURL }));
  } catch (error) {
    results[name] = { raised: error.constructor.name, message: error.message };
  }
}
console.log(JSON.stringify(results));
