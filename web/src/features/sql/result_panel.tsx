import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { EvidencePanel } from "@/features/sql/evidence_panel";
import { ExportMenu, type DownloadFormat } from "@/features/sql/export_menu";
import { placeOfError } from "@/features/sql/offsets";
import { RunCost } from "@/features/sql/run_cost";
import { RunState } from "@/features/sql/run_state";
import { mostRows, type RunResult, type RunView } from "@/features/sql/use_run";
import { Button } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import { ChartControls } from "@/ui/chart/chart_controls";
import { guessSpec, type ChartSpec } from "@/ui/chart/chart_spec";
import { sentence, tableNotFound } from "@/ui/error_text";
import { formatCount, formatDuration } from "@/ui/format";
import { ResultGrid } from "@/ui/grid/result_grid";
import { Icon } from "@/ui/icon";
import { TabPanel, Tabs } from "@/ui/tabs";

type Props = {
  view: RunView;
  /** The snapshot, tag, branch or time that the tables are read as of. */
  asOf: string | null;
  canEdit: boolean;
  /** Where the error is; null where the server does not say. */
  errorPlace: { line: number; column: number } | null;
  onGoToError: () => void;
  onMore: () => void;
  onDownload: (format: DownloadFormat) => void;
  addToDashboard: (spec: ChartSpec) => ReactNode;
  /** What stands in the place of rows of a table that was perhaps not there yet, and what does otherwise. */
  renderTooEarly?: (asked: { table: string; statement: string; otherwise: ReactNode }) => ReactNode;
  /** What is seen first. */
  first?: "rows" | "chart";
};

/** What became of a statement: rows, their chart, and what they were made from. */
export function ResultPanel({ view, asOf, canEdit, errorPlace, onGoToError, onMore, onDownload, addToDashboard, renderTooEarly, first = "rows" }: Props) {
  const [tab, setTab] = useState<"rows" | "chart" | "evidence">(first);
  const { run, result } = view;
  if (view.phase === "idle") return <Hint />;
  if (view.phase === "running") return <Running view={view} />;
  if (view.problem || run?.error) {
    const failed = <FailedRun view={view} errorPlace={errorPlace} onGoToError={onGoToError} />;
    const missing = asOf && run?.error ? tableNotFound(run.error.message) : null;
    return missing && renderTooEarly ? renderTooEarly({ table: missing, statement: run!.statement, otherwise: failed }) : failed;
  }
  if (!run) return <Hint />;
  if (!result) {
    return <p className="p-4 text-sm text-muted">{run.state === "CANCELLED" ? t`Cancelled.` : t`This result is no longer kept. Run the statement again to see its rows.`}</p>;
  }
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-end gap-x-3 border-b border-line bg-surface pr-2">
        <div className="min-w-0 grow">
          <Tabs label={t`Result`} panelId="result" lined={false} active={tab} onSelect={setTab}
            tabs={[{ id: "rows", label: t`Rows` }, { id: "chart", label: t`Chart` }, { id: "evidence", label: t`Evidence` }]} />
        </div>
        <div className="flex h-9 items-center gap-2 pl-3 text-xs text-muted sm:pl-0">
          {run.evidence && <RunCost evidence={run.evidence} />}
          <RunState state={run.state} />
          <span className="numeric whitespace-nowrap" role="status"><Trans>{plural(run.rowCount ?? result.totalRows, { one: "# row", other: "# rows" })} in {formatDuration(run.elapsedMs)}</Trans></span>
          <ExportMenu statement={run.statement} asOf={asOf} onDownload={onDownload} />
        </div>
      </div>
      <TabPanel id="result" active={tab} className="min-h-0 grow">
        {tab === "rows" && <Rows result={result} onMore={onMore} loading={view.loadingMore} />}
        {tab === "chart" && <ResultChart key={run.id} result={result} onMore={onMore} addToDashboard={canEdit ? addToDashboard : null} />}
        {tab === "evidence" && (run.evidence ? <EvidencePanel evidence={run.evidence} canEdit={canEdit} /> : <p className="p-4 text-sm text-muted"><Trans>There is no evidence for this answer.</Trans></p>)}
      </TabPanel>
    </>
  );
}

function FailedRun({ view: { run, problem }, errorPlace, onGoToError }: Pick<Props, "view" | "errorPlace" | "onGoToError">) {
  const cancelled = run?.state === "CANCELLED";
  return (
    <div role={cancelled ? "status" : "alert"} className="grid gap-2 overflow-auto p-4 text-sm">
      <p className={`flex items-center gap-2 font-semibold ${cancelled ? "text-muted" : "text-danger"}`}>
        <Icon name={cancelled ? "stop" : "warning"} /> {cancelled ? t`Cancelled` : run ? t`The statement failed` : t`The statement was not run`}
        {run && <span className="numeric font-normal text-muted"><Trans>after {formatDuration(run.elapsedMs)}</Trans></span>}
      </p>
      {!cancelled && <pre className="font-mono text-xs break-words whitespace-pre-wrap">{problem ?? sentence(placeOfError(run!.statement, run!.error!).message)}</pre>}
      {errorPlace && <p><Button small onClick={onGoToError}><Trans>Go to line {errorPlace.line}, column {errorPlace.column}</Trans></Button></p>}
    </div>
  );
}

function Hint() {
  return (
    <div className="grid h-full place-items-center p-6 text-center text-sm text-muted">
      <p><Trans>Write a statement and run it with <kbd className="rounded border border-line-strong bg-surface px-1.5 py-px font-sans text-xs text-text">Ctrl ↵</kbd> or <kbd className="rounded border border-line-strong bg-surface px-1.5 py-px font-sans text-xs text-text">⌘ ↵</kbd>.<br />Rows, charts and the evidence of the answer appear here.</Trans></p>
    </div>
  );
}

function Running({ view }: { view: RunView }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, []);
  const progress = view.run?.progress ?? null;
  return (
    <div className="grid content-start gap-3 p-4" role="status">
      <p className="numeric text-sm text-muted"><Trans>Running, {formatDuration(Math.max(0, now - view.startedAt))}{progress !== null && progress > 0 && `, ${Math.round(progress * 100)} %`}</Trans></p>
      <div role="progressbar" aria-label={t`Progress`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={progress === null ? undefined : Math.round(progress * 100)} className="h-1.5 max-w-md overflow-hidden rounded-full bg-line">
        <div className={`h-full rounded-full bg-accent ${progress === null ? "shimmer w-full" : "transition-[width]"}`} style={progress === null ? undefined : { width: `${Math.max(2, progress * 100)}%` }} />
      </div>
    </div>
  );
}

function Rows({ result, onMore, loading }: { result: RunResult; onMore: () => void; loading: boolean }) {
  const partial = result.rows.length < result.totalRows;
  if (result.rows.length === 0) return <p className="p-6 text-center text-sm text-muted"><Trans>No rows: nothing fits the statement’s conditions. Its columns are {result.columns.map((column) => column.name).join(", ")}.</Trans></p>;
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 grow"><ResultGrid label={t`Rows of the result`} columns={result.columns} rows={result.rows} totalRows={result.totalRows} onNearEnd={onMore} /></div>
      {(partial || result.truncated) && (
        <p className="numeric shrink-0 border-t border-line bg-sunken px-3 py-1 text-xs text-muted">
          <Trans>{formatCount(result.rows.length)} of {formatCount(result.totalRows)} rows are here{loading ? t`; more are coming` : ""}. Sorting sorts these.</Trans>
          {result.truncated && t` The kept result was cut; the download has all rows.`}
          {result.rows.length >= mostRows && t` Download the result for the rest.`}
        </p>
      )}
    </div>
  );
}

const rowsOfChart = 5000;

function ResultChart({ result, onMore, addToDashboard }: { result: RunResult; onMore: () => void; addToDashboard: ((spec: ChartSpec) => ReactNode) | null }) {
  const [chosen, setSpec] = useState<ChartSpec | null>(null);
  const guessed = useMemo(() => guessSpec(result.columns, result.rows), [result.columns, result.rows]);
  const spec = chosen ?? guessed;
  useEffect(() => {
    if (result.rows.length < Math.min(result.totalRows, rowsOfChart)) onMore();
  }, [result.rows.length, result.totalRows, onMore]);
  return (
    <div className="flex h-full flex-col gap-3 overflow-auto bg-surface p-3 sm:flex-row sm:overflow-hidden">
      <div className="min-h-64 min-w-0 grow sm:min-h-0"><Chart label={t`Chart of the result: ${spec.y.join(", ")}${spec.x ? t` by ${spec.x}` : ""}`} columns={result.columns} rows={result.rows} spec={spec} /></div>
      <div className="grid shrink-0 content-start gap-4 overflow-auto p-1 sm:w-48">
        <ChartControls columns={result.columns} spec={spec} onChange={setSpec} />
        {addToDashboard?.(spec)}
        {result.rows.length < result.totalRows && <p className="numeric text-xs text-muted"><Trans>Drawn from the first {formatCount(result.rows.length)} of {formatCount(result.totalRows)} rows.</Trans></p>}
      </div>
    </div>
  );
}
