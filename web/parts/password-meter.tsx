import { t } from "../i18n";
import "./password-meter.css";

export const password_length_min = 10;

const levels = ["password.weak", "password.fair", "password.good", "password.strong"] as const;

// A hint for people, not the rule (the server decides): length counts most, then variety; repeats count once.
export function password_level(password: string): 0 | 1 | 2 | 3 {
  const distinct = new Set(password).size;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password)).length;
  const score = Math.min(password.length, distinct * 2) + classes * 2;
  return score < 16 ? 0 : score < 20 ? 1 : score < 26 ? 2 : 3;
}

export function PasswordMeter({ password }: { password: string }) {
  if (password === "") return null;
  const short = password.length < password_length_min;
  const level = short ? 0 : password_level(password);
  const word = short ? t("password.too_short", { n: password_length_min }) : t(levels[level]);
  return (
    <div class="meter-strength" data-level={level}>
      <span class="meter-bars" aria-hidden="true">
        {levels.map((_, i) => (
          <i key={i} class={i <= level ? "on" : ""} />
        ))}
      </span>
      <span role="status">{t("password.strength", { level: word })}</span>
    </div>
  );
}
