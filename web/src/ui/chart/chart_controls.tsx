import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { chartKinds, type ChartKind, type ChartSpec } from "@/ui/chart/chart_spec";
import { SelectField } from "@/ui/field";
import { isNumeric, type ResultColumn } from "@/ui/grid/cells";

const kindNames: Record<ChartKind, string> = {
  LINE: t`Line`, AREA: t`Area`, BAR: t`Bars`, SCATTER: t`Scatter`, PIE: t`Ring`, HEATMAP: t`Heat map`, NUMBER: t`Number`, TABLE: t`Table`,
};

/** How a result is drawn: kind, and which column goes where. */
export function ChartControls({ columns, spec, onChange, kinds = chartKinds }: {
  columns: readonly ResultColumn[]; spec: ChartSpec; onChange: (spec: ChartSpec) => void; kinds?: readonly ChartKind[];
}) {
  const numeric = columns.filter((column) => isNumeric(column.type));
  const names = (list: readonly ResultColumn[]) => list.map((column) => <option key={column.name} value={column.name}>{column.name}</option>);
  const drawsAxes = spec.kind !== "NUMBER" && spec.kind !== "TABLE";
  const single = spec.kind === "PIE" || spec.kind === "NUMBER" || spec.kind === "HEATMAP";
  const toggle = (name: string) => {
    const y = spec.y.includes(name) ? spec.y.filter((each) => each !== name) : columns.map((column) => column.name).filter((each) => each === name || spec.y.includes(each));
    onChange({ ...spec, y });
  };
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-1">
      <SelectField label={t`Kind`} value={spec.kind} onChange={(event) => {
        const kind = event.target.value as ChartKind;
        onChange({ ...spec, kind, y: spec.y.length || kind === "TABLE" ? spec.y : numeric.slice(0, 1).map((column) => column.name) });
      }}>
        {kinds.map((kind) => <option key={kind} value={kind}>{kindNames[kind]}</option>)}
      </SelectField>
      {drawsAxes && (
        <SelectField label={spec.kind === "PIE" ? t`Slices` : t`Across`} value={spec.x ?? ""} onChange={(event) => onChange({ ...spec, x: event.target.value || null })}>
          <option value=""><Trans>Number of the row</Trans></option>
          {names(columns)}
        </SelectField>
      )}
      {spec.kind !== "TABLE" && single && (
        <SelectField label={t`Value`} value={spec.y[0] ?? ""} onChange={(event) => onChange({ ...spec, y: event.target.value ? [event.target.value] : [] })}>
          <option value=""><Trans>Choose</Trans></option>
          {names(spec.kind === "NUMBER" ? columns : numeric)}
        </SelectField>
      )}
      {spec.kind !== "TABLE" && !single && (
        <fieldset className="grid gap-1">
          <legend className="mb-1 text-sm font-medium"><Trans>Values</Trans></legend>
          <div className="grid max-h-36 gap-0.5 overflow-auto">
            {numeric.length === 0 && <p className="text-xs text-muted"><Trans>The result has no numbers.</Trans></p>}
            {numeric.map((column) => (
              <label key={column.name} className="flex items-center gap-2 rounded px-1 py-0.5 text-sm hover:bg-hover">
                <input type="checkbox" checked={spec.y.includes(column.name)} onChange={() => toggle(column.name)} className="accent-solid" />
                <span className="truncate">{column.name}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {drawsAxes && spec.kind !== "PIE" && (
        <SelectField label={spec.kind === "HEATMAP" ? t`Down` : t`Split by`} value={spec.series ?? ""} onChange={(event) => onChange({ ...spec, series: event.target.value || null })}>
          <option value=""><Trans>Nothing</Trans></option>
          {names(columns)}
        </SelectField>
      )}
      {(spec.kind === "BAR" || spec.kind === "AREA" || spec.kind === "LINE") && (
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" checked={spec.stacked} onChange={(event) => onChange({ ...spec, stacked: event.target.checked })} className="accent-solid" />
          <Trans>Stacked</Trans>
        </label>
      )}
    </div>
  );
}
