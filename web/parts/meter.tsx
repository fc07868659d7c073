import "./meter.css";

// How full something is. Drawn as SVG so that a width needs no style attribute.
export function Meter({ label, value, max, warn }: { label: string; value: number; max: number; warn?: boolean }) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  const tone = !warn || share < 0.8 ? "" : share < 0.9 ? " meter-warn" : " meter-bad";
  return (
    <svg class={`meter${tone}`} viewBox="0 0 100 4" preserveAspectRatio="none" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
      <rect class="meter-ground" width="100" height="4" />
      <rect class="meter-fill" width={share * 100} height="4" />
    </svg>
  );
}

export function Progress({ label, percent, state }: { label: string; percent: number; state: "running" | "good" | "bad" | "calm" }) {
  return (
    <svg class={`meter progress progress-${state}`} viewBox="0 0 100 4" preserveAspectRatio="none" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <rect class="meter-ground" width="100" height="4" />
      <rect class="meter-fill" width={percent} height="4" />
    </svg>
  );
}
