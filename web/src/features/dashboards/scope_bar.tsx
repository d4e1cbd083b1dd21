import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import type { VariableDraft } from "@/features/dashboards/draft";
import { FilterDialog } from "@/features/dashboards/filter_dialog";
import { wordsOf, type Filter } from "@/features/dashboards/filters";
import type { LakeTable } from "@/features/dashboards/lake_tables";
import { daysOf, isCustom, presets, type TimeRange } from "@/features/dashboards/time_range";
import { VariableFields } from "@/features/dashboards/variable_fields";
import type { Shown } from "@/features/dashboards/view_state";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";

type Props = {
  state: Shown;
  onState: (fields: Partial<Shown>) => void;
  /** Back to how the dashboard is kept, or keeping it as it is shown; null: that is the same. */
  narrowed: { onReset: () => void; onKeep: (() => void) | null } | null;
  variables: readonly VariableDraft[];
  /** Null until they are known. */
  tables: readonly LakeTable[] | null;
  timeColumns: readonly string[];
  timeColumn: string | null;
  onAsOf: () => void;
};

const cell = "w-[calc(50%-0.375rem)] sm:w-40";

/** What narrows all tiles: a range of time, variables, filters. */
export function ScopeBar({ state, onState, narrowed, variables, tables, timeColumns, timeColumn, onAsOf }: Props) {
  const [adding, setAdding] = useState(false);
  const without = (gone: Filter) => onState({ filters: state.filters.filter((each) => each !== gone) });
  return (
    <div className="mb-4 grid gap-2.5" data-controls>
      <div role="group" aria-label={t`What the tiles show`} className="flex flex-wrap items-end gap-3">
        <RangeField range={state.range} disabled={tables !== null && timeColumns.length === 0} onRange={(range) => onState({ range })} />
        {timeColumns.length > 1 && timeColumn && (
          <div className={cell}>
            <SelectField label={t`Time is`} value={timeColumn} onChange={(event) => onState({ timeColumn: event.target.value })}>
              {timeColumns.map((name) => <option key={name}>{name}</option>)}
            </SelectField>
          </div>
        )}
        <VariableFields variables={variables} values={state.values} className={cell} onChange={(name, value) => onState({ values: { ...state.values, [name]: value } })} />
        <span className="flex flex-wrap gap-2">
          <Button icon="plus" disabled={!tables?.length} onClick={() => setAdding(true)}><Trans>Filter</Trans></Button>
          {!state.asOf && <Button icon="history" onClick={onAsOf}><Trans>As of</Trans></Button>}
          {narrowed && <Button kind="quiet" onClick={narrowed.onReset}><Trans>Reset</Trans></Button>}
          {narrowed?.onKeep && <Button kind="quiet" icon="save" title={t`The time and the filters are what everybody sees first`} onClick={narrowed.onKeep}><Trans>Keep for everybody</Trans></Button>}
        </span>
      </div>
      {state.filters.length > 0 && (
        <ul aria-label={t`Filters`} className="flex flex-wrap gap-1.5">
          {state.filters.map((filter) => (
            <li key={`${filter.tile} ${filter.column} ${filter.is} ${filter.value}`} className="min-w-0">
              <button type="button" onClick={() => without(filter)} aria-label={t`Remove the filter ${wordsOf(filter)}`}
                className="flex h-7 max-w-full items-center gap-1.5 rounded-full border border-transparent bg-soft pr-2 pl-2.5 text-xs font-medium text-accent hover:border-accent">
                {filter.tile && <Icon name="chart" size={12} />}
                <span className="truncate">{wordsOf(filter)}</span> <Icon name="close" size={11} />
              </button>
            </li>
          ))}
          {state.filters.length > 1 && <li><Button small kind="quiet" onClick={() => onState({ filters: [] })}><Trans>Remove all</Trans></Button></li>}
        </ul>
      )}
      {adding && tables && <FilterDialog tables={tables} onDone={(filter) => onState({ filters: [...state.filters, filter] })} onClose={() => setAdding(false)} />}
    </div>
  );
}

function RangeField({ range, disabled, onRange }: { range: TimeRange; disabled: boolean; onRange: (range: TimeRange) => void }) {
  const custom = isCustom(range);
  const { from, to } = daysOf(range);
  return (
    <>
      <div className={cell}>
        <SelectField label={t`Time`} value={custom ? "custom" : range} disabled={disabled} title={disabled ? t`The tiles’ tables have no column with a time.` : undefined}
          onChange={(event) => onRange(event.target.value === "custom" ? ".." : event.target.value)}>
          {presets.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
          <option value="custom"><Trans>From … to …</Trans></option>
        </SelectField>
      </div>
      {custom && (
        <>
          <div className={cell}><TextField label={t`From`} type="date" key={`from ${from}`} defaultValue={from} max={to || undefined} onBlur={(event) => event.target.value !== from && onRange(`${event.target.value}..${to}`)}
            onKeyDown={(event) => { if (event.key === "Enter") onRange(`${event.currentTarget.value}..${to}`); }} /></div>
          <div className={cell}><TextField label={t`To, that day too`} type="date" key={`to ${to}`} defaultValue={to} min={from || undefined} onBlur={(event) => event.target.value !== to && onRange(`${from}..${event.target.value}`)}
            onKeyDown={(event) => { if (event.key === "Enter") onRange(`${from}..${event.currentTarget.value}`); }} /></div>
        </>
      )}
    </>
  );
}
