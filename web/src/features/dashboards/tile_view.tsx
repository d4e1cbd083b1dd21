import { useEffect } from "react";
import { parametersOf, type TileDraft, type VariableDraft } from "@/features/dashboards/draft";
import type { KeptTile } from "@/features/dashboards/kept_tiles";
import { useTile } from "@/features/dashboards/use_tile";
import { Button } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import { Markdown } from "@/ui/markdown";
import { Ago } from "@/ui/moment";
import { Skeleton } from "@/ui/states";

type Props = {
  tile: TileDraft;
  variables: readonly VariableDraft[];
  values: Readonly<Record<string, string>>;
  /** Another number asks for fresh rows. */
  round: number;
  /** What it showed at the last refresh by the clock. */
  kept?: KeptTile | undefined;
  /** Which tables the tile was drawn from. */
  onTables: (tileId: string, tables: readonly string[]) => void;
};

/** What is inside a tile's frame. */
export function TileView({ tile, ...rest }: Props) {
  if (tile.kind === "TEXT") return <div className="h-full overflow-auto px-4 py-3"><Markdown text={tile.text ?? ""} /></div>;
  return <ChartTile tile={tile} {...rest} />;
}

function ChartTile({ tile, variables, values, round, kept, onTables }: Props) {
  const statement = tile.statement ?? "";
  const parameters = parametersOf(statement, variables, values);
  const { result, problem, loading, reload } = useTile(statement, parameters, round);
  useEffect(() => {
    if (result) onTables(tile.id, result.tables);
  }, [result, tile.id, onTables]);
  const label = tile.title || "Chart";
  if (problem) {
    return (
      <div role="alert" className="grid h-full content-center justify-items-center gap-2 overflow-auto p-3 text-center text-xs text-muted">
        <p className="line-clamp-4 break-words">{problem}</p>
        <Button small icon="refresh" busy={loading} onClick={() => void reload()}>Try again</Button>
      </div>
    );
  }
  // A kept answer is one to this question only: this statement, with the default values.
  const answers = kept?.statement === statement && JSON.stringify(parameters) === JSON.stringify(parametersOf(statement, variables, {}));
  const spec = tile.spec ?? { kind: "TABLE" as const, y: [], stacked: false };
  if (!result && kept && answers) {
    return (
      <div className={`relative h-full ${spec.kind === "TABLE" || spec.kind === "NUMBER" ? "" : "px-3 pb-2"}`}>
        <Chart label={label} columns={kept.columns} rows={kept.rows} spec={spec} />
        <p role="status" className="absolute right-2 bottom-1.5 rounded bg-sunken px-1.5 py-px text-xs text-muted">as of <Ago at={kept.at} /></p>
      </div>
    );
  }
  if (!result) return <div className="h-full p-3" role="status"><span className="sr-only">Loading {label}</span><Skeleton className="h-full" /></div>;
  return (
    <div className={`h-full ${spec.kind === "TABLE" || spec.kind === "NUMBER" ? "" : "px-3 pb-2"}`}>
      <Chart label={label} columns={result.columns} rows={result.rows} spec={spec} />
    </div>
  );
}
