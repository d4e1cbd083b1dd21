import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useCallback, useEffect, useMemo, type ReactNode } from "react";
import { parametersOf, type TileDraft, type VariableDraft } from "@/features/dashboards/draft";
import { choosable, choosableColumns, filtersAt, filtersOfCell, type Filter } from "@/features/dashboards/filters";
import { insightIn } from "@/features/dashboards/insight_link";
import type { KeptTile } from "@/features/dashboards/kept_tiles";
import type { LakeTable } from "@/features/dashboards/lake_tables";
import type { TileScope } from "@/features/dashboards/use_scope";
import { mostRows, useTile, type TileResult } from "@/features/dashboards/use_tile";
import { Button } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import { toTime, type Mark } from "@/ui/chart/chart_option";
import { tableNotFound } from "@/ui/error_text";
import { formatCount } from "@/ui/format";
import { cellText } from "@/ui/grid/cells";
import { Markdown } from "@/ui/markdown";
import { Ago } from "@/ui/moment";
import { Skeleton } from "@/ui/states";

type Props = {
  tile: TileDraft;
  variables: readonly VariableDraft[];
  scope: TileScope;
  /** An instant; null: now. */
  asOf: string | null;
  /** Another number asks for fresh rows. */
  round: number;
  /** What it showed at the last refresh by the clock. */
  kept?: KeptTile | undefined;
  /** Which tables the tile was drawn from. */
  onTables: (tileId: string, tables: readonly string[]) => void;
  /** What other tiles can be narrowed by; null where nothing can be chosen now. */
  choices: { tables: readonly LakeTable[]; timeColumn: string | null; chosen: readonly Filter[]; onChoose: (tileId: string, filters: readonly Filter[]) => void } | null;
  renderInsight: (id: string) => ReactNode;
  renderTooEarly: RenderTooEarly;
};

/** What stands in the place of a tile whose table was perhaps not there yet, and what does otherwise. */
export type RenderTooEarly = (tile: { table: string; statement: string; otherwise: ReactNode }) => ReactNode;

/** What is inside a tile's frame. */
export function TileView({ tile, renderInsight, ...rest }: Props) {
  if (tile.kind !== "TEXT") return <ChartTile tile={tile} {...rest} />;
  const insight = insightIn(tile.text ?? "");
  return <div className="h-full overflow-auto px-4 py-3">{insight ? renderInsight(insight) : <Markdown text={tile.text ?? ""} />}</div>;
}

const bare = { kind: "TABLE" as const, y: [], stacked: false };

function ChartTile({ tile, variables, scope, asOf, round, kept, onTables, choices, renderTooEarly }: Omit<Props, "renderInsight">) {
  const spec = tile.spec ?? bare;
  const { result, problem, loading, reload, more } = useTile(scope.pending ? null : { statement: scope.statement, parameters: scope.parameters, asOf }, spec.kind !== "TABLE", round);
  useEffect(() => {
    if (result) onTables(tile.id, result.tables);
  }, [result, tile.id, onTables]);
  const can = result && choices ? choosable(spec, result.columns, choices.tables, choices.timeColumn) : null;
  const able = can !== null && (can.x !== null || can.series !== null);
  const onMark = useCallback((mark: Mark) => {
    if (result && choices && can) choices.onChoose(tile.id, filtersAt(spec, result.columns, result.rows, can, mark));
  }, [result, choices, can, spec, tile.id]);
  const table = spec.kind === "TABLE";
  const cells = useMemo(() => {
    if (!table || !result || !choices) return undefined;
    const { tables, timeColumn, chosen, onChoose } = choices;
    const able = choosableColumns(result.columns, tables, timeColumn);
    if (able.size === 0) return undefined;
    const filtersOf = (column: string, value: unknown) => filtersOfCell(result.columns, result.rows, tables, timeColumn, column, value);
    return { columns: new Set(able.keys()), chosen: chosenCell(chosen.find((filter) => filter.tile === tile.id), able, result), onChoose: (column: string, value: unknown) => onChoose(tile.id, filtersOf(column, value)) };
  }, [table, result, choices, tile.id]);
  const label = tile.title || t`Chart`;
  if (problem) {
    const failed = (
      <div role="alert" className="grid h-full content-center justify-items-center gap-2 overflow-auto p-3 text-center text-xs text-muted">
        <p className="line-clamp-4 break-words">{asOf ? t`As of then: ${problem}` : scope.statement === tile.statement ? problem : t`Narrowed by the filters it does not run: ${problem}`}</p>
        <Button small icon="refresh" busy={loading} onClick={() => void reload()}><Trans>Try again</Trans></Button>
      </div>
    );
    const missing = asOf ? tableNotFound(problem) : null;
    return missing ? renderTooEarly({ table: missing, statement: tile.statement ?? "", otherwise: failed }) : failed;
  }
  const inset = spec.kind === "TABLE" || spec.kind === "NUMBER" ? "" : "px-3 pb-2";
  // A kept answer is one to this question only: this statement, with the default values, now.
  const answers = kept?.statement === scope.statement && !asOf && JSON.stringify(scope.parameters) === JSON.stringify(parametersOf(scope.statement, variables, {}));
  if (!result && kept && answers) {
    return (
      <div className={`relative h-full ${inset}`}>
        <Chart label={label} columns={kept.columns} rows={kept.rows} spec={spec} />
        <p role="status" className="absolute right-2 bottom-1.5 rounded bg-sunken px-1.5 py-px text-xs text-muted"><Trans>as of <Ago at={kept.at} /></Trans></p>
      </div>
    );
  }
  if (!result) return <div className="h-full p-3" role="status"><span className="sr-only"><Trans>Loading {label}</Trans></span><Skeleton className="h-full" /></div>;
  return (
    <div className={`flex h-full flex-col ${inset}`} aria-busy={loading}>
      <div className="min-h-0 grow">
        <Chart label={label} columns={result.columns} rows={result.rows} spec={spec} totalRows={result.totalRows} onNearEnd={() => void more()} onMark={able ? onMark : undefined} marked={markedBy(choices?.chosen ?? [], tile.id, can)} cells={cells} />
      </div>
      <HowMany result={result} table={table} />
    </div>
  );
}

/** Where not all rows are here, how many of how many, and how to get at the rest. */
function HowMany({ result: { rows, totalRows, truncated }, table }: { result: TileResult; table: boolean }) {
  if (rows.length >= totalRows && !truncated) return null;
  const rest = truncated ? t` The answer was cut: its statement gives more.` : !table ? "" : rows.length < mostRows ? t` Scrolling on brings more.` : t` Open its statement in SQL for the rest.`;
  return <p className="numeric shrink-0 border-t border-line bg-sunken px-3 py-0.5 text-xs text-muted"><Trans>{table ? "" : t`Drawn from `}{formatCount(rows.length)} of {plural(totalRows, { one: "# row", other: "# rows" })}.{rest}</Trans></p>;
}

/** The cell's text that the tile's own choice came from. */
function chosenCell(own: Filter | undefined, able: ReadonlyMap<string, string>, { columns, rows }: TileResult): { column: string; text: string } | null {
  if (!own) return null;
  for (const [column, filtered] of able) {
    if (filtered !== own.column) continue;
    if (own.is === "=") return { column, text: own.value ?? cellText(null) };
    const from = Date.parse((own.value ?? "").split("/")[0]!);
    const at = columns.findIndex(({ name }) => name === column);
    const row = rows.find((each) => toTime(each[at]) === from);
    if (row) return { column, text: cellText(row[at]) };
  }
  return null;
}

/** Where across the chart the tile's own choice lies. */
function markedBy(chosen: readonly Filter[], tileId: string, can: ReturnType<typeof choosable> | null): Mark["x"] {
  const own = chosen.find((filter) => filter.tile === tileId && filter.column === can?.x);
  if (!own) return null;
  return own.is === "within" ? Date.parse((own.value ?? "").split("/")[0]!) : own.value ?? "null";
}
