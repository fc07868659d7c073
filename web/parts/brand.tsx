import { t } from "../i18n";
import "./brand.css";

// A vessel lying in its berth: the quay is an L, the hull fills it.
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="3 3 26 26" aria-hidden="true" focusable="false" class="mark">
      <path d="M7 5v22h18" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" class="mark-quay" />
      <path d="M12.500 8.500h8.500a4 4 0 0 1 4 4v2.500a7 7 0 0 1-7 7h-5.500z" fill="currentColor" />
    </svg>
  );
}

export function Brand() {
  return (
    <span class="brand">
      <Mark size={26} />
      <span>{t("product")}</span>
    </span>
  );
}
