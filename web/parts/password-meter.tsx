import { t } from "../i18n";
import { password_length_min, password_level } from "./password-level";
import "./password-meter.css";

const levels = ["password.weak", "password.fair", "password.good", "password.strong"] as const;

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
