const paths = {
  home: "M2.5 7.2 8 2.8l5.5 4.400M4 6.500v6.700h8V6.500M6.6 13.200V9.500h2.800v3.7",
  data: "M2.8 4c0-1 2.3-1.7 5.2-1.700S13.2 3 13.2 4 10.9 5.7 8 5.7 2.8 5 2.8 4ZM2.8 4v8c0 1 2.3 1.7 5.2 1.700s5.2-.7 5.2-1.700V4M2.8 8c0 1 2.3 1.7 5.2 1.700s5.2-.7 5.2-1.7",
  sql: "M2.3 3h11.400v10H2.300zM4.8 6.2 6.8 8l-2 1.800M8.3 10.300h2.9",
  dashboards: "M2.5 2.500h4.800v6H2.500zM8.7 2.500h4.800v3.500H8.700zM8.7 7.500h4.800v6H8.700zM2.5 10h4.800v3.500H2.500z",
  settings: "M2.5 4.500h5.200M11 4.500h2.500M2.5 11.500H5M8.3 11.500h5.200M9.4 2.900a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.200ZM6.6 9.900a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.200Z",
  search: "M7 2.700a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 0 1 0-8.600ZM10.2 10.200l3.3 3.3",
  sun: "M8 5.200a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.600ZM8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.900M11.7 11.700l.9.900M3.4 12.600l.9-.9M11.7 4.300l.9-.9",
  moon: "M13 9.700A5.5 5.5 0 0 1 6.3 3a5.5 5.5 0 1 0 6.7 6.700Z",
  screen: "M2.3 3h11.400v7.800H2.300zM6 13.300h4M8 10.800v2.5",
  right: "m6 3.5 4.5 4.500L6 12.5",
  down: "m3.5 6 4.5 4.500L12.5 6",
  up: "m3.5 10 4.5-4.500L12.5 10",
  plus: "M8 3v10M3 8h10",
  play: "M4.5 2.900v10.200L13 8z",
  stop: "M4 4h8v8H4z",
  copy: "M5.5 5.500h7.700v7.700H5.500zM10.5 5.500V2.800H2.800v7.700h2.7",
  check: "m3 8.5 3.3 3.300L13 4.7",
  download: "M8 2.500v7.700M4.7 7.1 8 10.400l3.3-3.300M2.8 13.300h10.4",
  close: "m3.8 3.8 8.4 8.400M12.2 3.800l-8.4 8.4",
  clock: "M8 2.300a5.7 5.7 0 1 1 0 11.400A5.7 5.7 0 0 1 8 2.300ZM8 4.800V8l2.2 1.5",
  key: "M5.3 7.200a2.9 2.9 0 1 1 0 5.8 2.9 2.9 0 0 1 0-5.800ZM7.4 8 13 2.500M10.5 5l2 2",
  people: "M6 3a2.3 2.3 0 1 1 0 4.600A2.3 2.3 0 0 1 6 3ZM1.8 13c.3-2.4 2-3.7 4.2-3.700s3.9 1.3 4.2 3.700M10.7 3.300a2.2 2.2 0 0 1 0 4.100M12 9.700c1.3.6 2 1.7 2.2 3.3",
  refresh: "M13 8a5 5 0 1 1-1.5-3.600L13 5.800M13 2.500v3.300H9.7",
  pencil: "M3 13l.6-2.9 7.2-7.2 2.3 2.3-7.2 7.200zM9.3 4.400l2.3 2.3",
  trash: "M2.8 4.300h10.400M6 4.300V2.700h4v1.600M4.2 4.300l.6 9h6.400l.6-9M6.7 6.800v4M9.3 6.800v4",
  chart: "M2.5 2.500v11h11M5.2 10.800V8.300M8 10.800V5.300M10.8 10.800V7",
  table: "M2.3 3h11.400v10H2.300zM2.3 6.300h11.400M2.3 9.700h11.400M6.3 6.300V13",
  shield: "M8 2 13 3.800v3.700c0 3.2-2 5.4-5 6.5-3-1.1-5-3.3-5-6.500V3.800z",
  history: "M2.5 8A5.5 5.5 0 1 0 4.3 3.900L2.5 5.500M2.5 2.500v3h3M8 5v3.200l2.1 1.3",
  save: "M3 2.700h8l2.3 2.300v8.300H3zM5.3 2.700v3.500h5V2.700M5 13.300V9h6v4.3",
  text: "M3 4V3h10v1M8 3v10M6 13h4",
  sliders: "M2.5 5h11M2.5 11h11M6 3.300v3.400M10 9.300v3.4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  folder: "M2.3 4h4l1.4 1.500h6v7.500H2.300z",
  warning: "M8 2.5 14 13H2zM8 6.500v3M8 11.300v.01",
  info: "M8 2.300a5.7 5.7 0 1 1 0 11.400A5.7 5.7 0 0 1 8 2.300ZM8 7.300v3.500M8 5.200v.01",
  out: "M6.5 2.800H3v10.400h3.500M7 8h6.500M11 5.3 13.5 8 11 10.7",
  evidence: "M4 2.300h5.500L12.5 5v8.700H4zM9.3 2.300V5.300h3.200M6.2 8.300h4M6.2 10.800h4",
  keyboard: "M1.8 4h12.400v8H1.800zM4 6.500h.01M6.7 6.500h.01M9.3 6.500h.01M12 6.500h.01M5 9.500h6",
  agent: "M3.2 6.300h9.600v6.400H3.200zM8 6.300V3.500M8 2.200a.65.65 0 1 1 0 1.300.65.65 0 0 1 0-1.300ZM6 9v.9M10 9v.9M1.700 8.500v2.300M14.300 8.500v2.300",
  jobs: "M2.500 3h11v2.700h-11zM2.500 6.700h11v2.700h-11zM2.500 10.400h11v2.700h-11zM4.500 4.350h.01M4.500 8.050h.01M4.500 11.750h.01",
  plug: "M5.500 2.300v3.200M10.500 2.300v3.200M3.800 5.500h8.400v2.300a4.200 4.200 0 0 1-8.400 0zM8 12v1.900",
  bell: "M4 11.300V7a4 4 0 0 1 8 0v4.300l1.200 1.200H2.800zM6.700 13.700a1.400 1.400 0 0 0 2.600 0",
  stream: "M2 8h2.500l1.700-4.500 3.400 9L11.400 8H14",
  pause: "M5.500 3.500v9M10.500 3.500v9",
  ask: "M2.500 3h11v8H7.500L4.500 13.500V11h-2zM5.500 6h5M5.500 8.300h3",
  share: "M8 9.500V2.300M5.200 4.800 8 2.100l2.800 2.700M4.500 7.200H3v6.300h10V7.200h-1.500",
  user: "M8 2.500a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.400ZM2.8 13.500c.4-2.7 2.5-4 5.2-4s4.8 1.3 5.2 4",
} as const;

export type IconName = keyof typeof paths;

/** Decoration only: whatever it means is also said in words. */
export function Icon({ name, size = 16, className = "" }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 16 16" width={size} height={size} fill="none" stroke="currentColor"
      strokeWidth={name === "more" ? 2 : 1.3} strokeLinecap="round" strokeLinejoin="round" className={`shrink-0 ${className}`}>
      <path d={paths[name]} />
    </svg>
  );
}

/** Snow on top, ice below: the layers grow denser. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" width={size} height={size} className="shrink-0">
      <rect width="32" height="32" rx="8" fill="#0d4f6e" />
      <g stroke="#e6f5fc" strokeLinecap="round" fill="none">
        <path d="M9 8.500h2M15 8.500h2M21 8.500h2" strokeWidth="1.8" opacity=".8" />
        <path d="M8.5 14h5M18.5 14h5" strokeWidth="2.4" opacity=".9" />
        <path d="M8.5 19h15" strokeWidth="2.8" />
        <path d="M8.5 24h15" strokeWidth="3.6" />
      </g>
    </svg>
  );
}
