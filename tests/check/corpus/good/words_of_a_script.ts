// const MODEL = "claude-3-opus-20240229";
const GONE = /claude-2\.1|"claude-3-opus-20240229"/;
type Model = "claude-opus-5-5" | "claude-3-opus-20240229";
const retiredModels = ["claude-2.1", "claude-instant-1.2"];
const titles: Record<string, string> = { "claude-3-opus-20240229": "Opus 3", "claude-opus-5-5": "Opus 5.5" };

export function check(model: Model): string {
  if (model === "claude-3-opus-20240229") throw new Error(`${model} is gone, as "claude-2.1" is`);
  switch (model as string) {
    case "claude-2.1":
      return "gone";
  }
  return GONE.test(model) || retiredModels.includes(model) ? "gone" : titles[model];
}
