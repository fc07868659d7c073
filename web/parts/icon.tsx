// Line icons on a 16-unit grid, drawn for this panel. Decorative: the words beside them carry the meaning.
const shapes = {
  servers: "M2.500 3h11v4h-11zM2.500 9h11v4h-11zM5 5h.01M5 11h.01M8 5h3M8 11h3",
  activity: "M1.500 8.500h3l2-5 3 9 2-4h3",
  user: "M8 8a2.750 2.750 0 1 0 0-5.500A2.750 2.750 0 0 0 8 8zM2.750 13.500c.6-2.300 2.700-3.500 5.250-3.500s4.650 1.200 5.250 3.500",
  plus: "M8 3v10M3 8h10",
  search: "M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM10.500 10.500l3.250 3.250",
  play: "M5 3.250v9.500l7.500-4.750z",
  pause: "M5.500 3.500v9M10.500 3.500v9",
  stop: "M4 4h8v8H4z",
  power: "M8 2v5.500M11.500 4.250a5 5 0 1 1-7 0",
  restart: "M13 8a5 5 0 1 1-1.600-3.650M13 2.250v2.750h-2.750",
  bolt: "M9 1.750L3.500 9.250H8l-1 5 5.500-7.500H8z",
  terminal: "M2 3h12v10H2zM4.500 6l2 2-2 2M8.500 10.500h3",
  screen: "M2 3h12v8H2zM6 13.500h4M8 11v2.500",
  trash: "M3 4.500h10M6.500 4.500V3h3v1.500M4.250 4.500l.5 8.500h6.500l.5-8.500M6.750 7v3.500M9.250 7v3.500",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
  copy: "M6 6h7.500v7.500H6zM10 6V2.500H2.500V10H6",
  check: "M3 8.500l3.250 3.250L13 4.750",
  cross: "M4 4l8 8M12 4l-8 8",
  warning: "M8 2.250l6.250 11H1.750zM8 6.500v3M8 11.500h.01",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.500v3.250M8 5.250h.01",
  minus: "M3.500 8h9",
  undo: "M5.500 3L2.500 6l3 3M3 6h6.500a3.500 3.500 0 0 1 0 7H6",
  eye: "M1.500 8S4 3.750 8 3.750 14.500 8 14.500 8 12 12.250 8 12.250 1.500 8 1.500 8zM8 9.750a1.750 1.750 0 1 0 0-3.500 1.750 1.750 0 0 0 0 3.500z",
  eye_off: "M2.500 2.500l11 11M6.500 4c.5-.2 1-.25 1.500-.25C12 3.750 14.500 8 14.500 8a11 11 0 0 1-2 2.400M4.300 5A10.500 10.500 0 0 0 1.500 8S4 12.250 8 12.250c1.100 0 2-.3 2.900-.7",
  menu: "M2.500 4h11M2.500 8h11M2.500 12h11",
  expand: "M9.500 2.500h4v4M6.500 13.500h-4v-4M13.500 2.500L9 7M2.500 13.500L7 9",
  shrink: "M13 7H9V3M3 9h4v4M9 7l4.500-4.500M7 9l-4.500 4.500",
  paste: "M5.500 3H3.500v10.500h9V3h-2M5.500 2h5v2.500h-5zM6 8h4M6 10.500h4",
  camera: "M2 5h3l1-1.750h4L11 5h3v8H2zM8 11a2.250 2.250 0 1 0 0-4.500A2.250 2.250 0 0 0 8 11z",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.01M6.500 6.500h.01M9 6.500h.01M11.750 6.500h.01M5 9.500h6",
  plug: "M5.500 2v3M10.500 2v3M4 5h8v2.500a4 4 0 0 1-8 0zM8 11.500V14",
  pencil: "M10.500 3l2.500 2.500L6 12.500l-3.250.75L3.500 10z",
  chevron: "M4 6l4 4 4-4",
  arrow_back: "M13 8H3M7 4L3 8l4 4",
  vm: "M2 3h12v8H2zM5 13.500h6M5.500 6.500h5v1.500h-5z",
  container: "M2 5l6-2.750L14 5v6l-6 2.750L2 11zM2 5l6 2.750L14 5M8 7.750v6",
  key: "M9.750 9.500a3.500 3.500 0 1 0-3.250-3.250L2.500 10.250V13h2.750v-1.750H7V9.500zM10.750 5.250h.01",
  chip: "M4.500 4.500h7v7h-7zM6.500 2v2.500M9.500 2v2.500M6.500 11.500V14M9.500 11.500V14M2 6.500h2.500M2 9.500h2.500M11.500 6.500H14M11.500 9.500H14",
  disk: "M2.500 9.500L4 3.500h8l1.500 6v3h-11zM2.500 9.500h11M11 11h.01",
  network: "M8 2.500v4M3.500 10V8h9v2M8 6.500V8M2 10h3v3H2zM11 10h3v3h-3zM6.500 10h3v3h-3zM8 8v2",
  sign_out: "M6.500 2.500h-4v11h4M10 5l3 3-3 3M13 8H6",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.500V3M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1.050 1.050M11.550 11.550l1.050 1.050M12.600 3.400l-1.050 1.050M4.450 11.550L3.400 12.600",
  globe: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM2 8h12M8 2c2 1.800 2.750 3.750 2.750 6S10 12.200 8 14C6 12.200 5.250 10.250 5.250 8S6 3.800 8 2z",
} as const;

export type IconName = keyof typeof shapes;
const filled: readonly IconName[] = ["play", "stop"];
const heavy: readonly IconName[] = ["more"];

export function Icon({ name, size = 16, class: extra = "" }: { name: IconName; size?: number; class?: string }) {
  return (
    <svg
      class={`icon ${extra}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={filled.includes(name) ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width={heavy.includes(name) ? 2.25 : 1.4}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
