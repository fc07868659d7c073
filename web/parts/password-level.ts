// How good a password is likely to be. Pure.
export const password_length_min = 10;

// A hint for people, not the rule (the server decides): length counts most, then variety; repeats count once.
export function password_level(password: string): 0 | 1 | 2 | 3 {
  const distinct = new Set(password).size;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password)).length;
  const score = Math.min(password.length, distinct * 2) + classes * 2;
  return score < 16 ? 0 : score < 20 ? 1 : score < 26 ? 2 : 3;
}
