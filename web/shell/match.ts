// Address patterns. Pure.
export type Params = Readonly<Record<string, string>>;

// A text that is not encoded correctly stands for nothing.
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

// match("/servers/:server", "/servers/srv_1") -> {server: "srv_1"}
export function match(pattern: string, actual: string): Params | undefined {
  const wanted = pattern.split("/");
  const given = actual.replace(/\/+$/, "").split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? "";
    if (part.startsWith(":")) {
      const text = decoded(value);
      if (!text) return undefined;
      params[part.slice(1)] = text;
    } else if (part !== value) return undefined;
  }
  return params;
}
