import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { insightRows, type InsightRows } from "@/features/insights/insight_rows";
import { Button } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { Skeleton } from "@/ui/states";

/** Drawn when it comes into sight, from the data that the insight was found in. Fills its parent. */
export function InsightDrawing({ evidenceId, spec, label }: { evidenceId: string; spec: ChartSpec; label: string }) {
  const client = useClient();
  const frame = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<InsightRows | { problem: string } | null>(null);
  const [seen, setSeen] = useState(false);
  const [ofNow, setOfNow] = useState(false);
  useEffect(() => {
    const sight = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      sight.disconnect();
      setSeen(true);
    });
    sight.observe(frame.current!);
    return () => sight.disconnect();
  }, []);
  useEffect(() => {
    if (!seen) return;
    let gone = false;
    void insightRows(client, evidenceId, ofNow)
      .catch((error: unknown) => ({ problem: error instanceof Error ? error.message : t`Something went wrong.` }))
      .then((made) => { if (!gone) setDrawn(made); });
    return () => {
      gone = true;
    };
  }, [client, evidenceId, seen, ofNow]);
  return (
    <div ref={frame} className="flex h-full min-w-0 flex-col">
      {!drawn && (seen ? <Skeleton className="h-full" /> : <div className="h-full rounded-md bg-sunken" />)}
      {drawn && "problem" in drawn && (
        <div className="grid h-full content-center justify-items-center gap-2 rounded-md bg-sunken p-4 text-center text-sm text-muted">
          <p className="line-clamp-4">{drawn.problem}</p>
          {!ofNow && <Button small onClick={() => setOfNow(true)}><Trans>Draw it from the data of now</Trans></Button>}
        </div>
      )}
      {drawn && "rows" in drawn && (
        <>
          <div className="min-h-0 grow"><Chart label={label} columns={drawn.columns} rows={drawn.rows} spec={spec} /></div>
          {drawn.note && <p className="pt-1 text-xs text-muted">{drawn.note}</p>}
        </>
      )}
    </div>
  );
}
