// Address patterns. Pure.
export type Params = Readonly<Record<string, string>>;

// match("/servers/:server", "/servers/srv_1") -> {server: "srv_1"}
export function match(pattern: string, actual: string): Params | undefined {
  const wanted = pattern.split("/");
  const given = actual.replace(/\/+$/, "").split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? "";
    if (part.startsWith(":")) {
      if (value === "") return undefined;
      params[part.slice(1)] = decodeURIComponent(value);
    } else if (part !== value) return undefined;
  }
  return params;
}
