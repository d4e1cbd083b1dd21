import { useEffect } from "react";
import { parametersOf, type TileDraft, type VariableDraft } from "@/features/dashboards/draft";
import { useTile } from "@/features/dashboards/use_tile";
import { Button } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import { Markdown } from "@/ui/markdown";
import { Skeleton } from "@/ui/states";

type Props = {
  tile: TileDraft;
  variables: readonly VariableDraft[];
  values: Readonly<Record<string, string>>;
  /** Another number asks for fresh rows. */
  round: number;
  /** Which tables the tile was drawn from. */
  onTables: (tileId: string, tables: readonly string[]) => void;
};

/** What is inside a tile's frame. */
export function TileView({ tile, ...rest }: Props) {
  if (tile.kind === "TEXT") return <div className="h-full overflow-auto px-4 py-3"><Markdown text={tile.text ?? ""} /></div>;
  return <ChartTile tile={tile} {...rest} />;
}

function ChartTile({ tile, variables, values, round, onTables }: Props) {
  const statement = tile.statement ?? "";
  const { result, problem, loading, reload } = useTile(statement, parametersOf(statement, variables, values), round);
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
  if (!result) return <div className="h-full p-3" role="status"><span className="sr-only">Loading {label}</span><Skeleton className="h-full" /></div>;
  return (
    <div className={`h-full ${tile.spec?.kind === "TABLE" ? "" : tile.spec?.kind === "NUMBER" ? "" : "px-3 pb-2"}`}>
      <Chart label={label} columns={result.columns} rows={result.rows} spec={tile.spec ?? { kind: "TABLE", y: [], stacked: false }} />
    </div>
  );
}
