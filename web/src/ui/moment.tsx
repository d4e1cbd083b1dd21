import { useEffect, useState } from "react";
import { formatAgo, formatMoment } from "@/ui/format";

/** How long ago; the moment itself on hovering. Goes on by itself. */
export function Ago({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 20_000);
    return () => clearInterval(timer);
  }, []);
  return <time dateTime={at} title={formatMoment(at)} className="whitespace-nowrap">{formatAgo(at, Math.max(now, Date.parse(at)))}</time>;
}

/** As Ago, for what lies ahead. */
export function Until({ at }: { at: string }) {
  const [now] = useState(() => Date.now());
  return <time dateTime={at} title={formatMoment(at)} className="whitespace-nowrap">{formatAgo(at, now)}</time>;
}
