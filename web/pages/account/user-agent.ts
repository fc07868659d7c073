// "Firefox on Linux" from a User-Agent line; enough to tell one's own sessions apart.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
  [/curl\//, "curl"],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

export function browser_of(user_agent: string): { browser: string; system: string } | undefined {
  const browser = browsers.find(([shape]) => shape.test(user_agent))?.[1];
  const system = systems.find(([shape]) => shape.test(user_agent))?.[1];
  return browser && system ? { browser, system } : undefined;
}
