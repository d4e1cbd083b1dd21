import type { ChartKind, TileInput, TileKind, VariableInput } from "@/gql/graphql";
import type { ChartSpec } from "@/ui/chart/chart_spec";

export type TileDraft = {
  id: string;
  kind: TileKind;
  title: string;
  statement: string | null;
  spec: ChartSpec | null;
  text: string | null;
  x: number;
  y: number;
  width: number;
  height: number;
};

export type VariableDraft = { name: string; label: string; type: string; defaultValue: string; options: string[] };

export type DashboardDraft = {
  name: string;
  description: string;
  tiles: TileDraft[];
  variables: VariableDraft[];
  refreshSeconds: number | null;
};

type FetchedTile = Omit<TileDraft, "spec" | "statement" | "text"> & {
  statement?: string | null;
  text?: string | null;
  spec?: { kind: ChartKind; x?: string | null; y: readonly string[]; series?: string | null; stacked: boolean } | null;
};

type Fetched = {
  name: string;
  description?: string | null;
  tiles: readonly FetchedTile[];
  variables: readonly { name: string; label: string; type: string; defaultValue: string; options: readonly string[] }[];
  refreshSeconds?: number | null;
};

/** What the server sent, without what only the server knows. */
export function toDraft(dashboard: Fetched): DashboardDraft {
  return {
    name: dashboard.name,
    description: dashboard.description ?? "",
    tiles: dashboard.tiles.map(({ id, kind, title, statement, spec, text, x, y, width, height }) => ({
      id, kind, title, x, y, width, height,
      statement: statement ?? null,
      text: text ?? null,
      spec: spec ? { kind: spec.kind, x: spec.x ?? null, y: [...spec.y], series: spec.series ?? null, stacked: spec.stacked } : null,
    })),
    variables: dashboard.variables.map(({ name, label, type, defaultValue, options }) => ({ name, label, type, defaultValue, options: [...options] })),
    refreshSeconds: dashboard.refreshSeconds ?? null,
  };
}

export const toTileInputs = (tiles: readonly TileDraft[]): TileInput[] =>
  tiles.map(({ spec, ...tile }) => ({ ...tile, spec: spec ? { ...spec, y: [...spec.y] } : null }));

export const toVariableInputs = (variables: readonly VariableDraft[]): VariableInput[] => variables.map((variable) => ({ ...variable }));

/** The values that a statement uses, of the type that each variable has. */
export function parametersOf(statement: string, variables: readonly VariableDraft[], values: Readonly<Record<string, string>>): Record<string, string | number> {
  const used: Record<string, string | number> = {};
  for (const { name, type, defaultValue } of variables) {
    if (!new RegExp(`\\$${name}\\b`).test(statement)) continue;
    const value = values[name] ?? defaultValue;
    used[name] = type === "number" && value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
  }
  return used;
}
