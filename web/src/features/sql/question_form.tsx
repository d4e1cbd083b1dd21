import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import {
  comparisonNames, grainNames, groupable, isNumber, isTime, measurable, measureNames, type Comparison, type Dimension, type Filter, type Grain, type Measure, type Question,
} from "@/features/sql/question";
import { Button, IconButton } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";

type Column = { name: string; type: string };
type Props = { question: Question; columns: readonly Column[]; onChange: (fields: Partial<Question>) => void };

const replaced = <T,>(all: readonly T[], at: number, each: T) => all.map((old, i) => (i === at ? each : old));
const without = <T,>(all: readonly T[], at: number) => all.filter((_, i) => i !== at);
const most = 6;

/** What is asked of a table: numbers, what they are divided by, and which rows count. */
export function QuestionForm({ question, columns, onChange }: Props) {
  const { measures, dimensions, filters } = question;
  return (
    <>
      <Part title={t`Numbers`} add={measures.length < most && <Button small kind="quiet" icon="plus" onClick={() => onChange({ measures: [...measures, addedMeasure(columns)] })}><Trans>Add a number</Trans></Button>}>
        {measures.map((measure, i) => (
          <MeasureRow key={i} measure={measure} columns={columns} onChange={(next) => onChange({ measures: replaced(measures, i, next) })} onRemove={() => onChange({ measures: without(measures, i) })} />
        ))}
      </Part>
      <Part title={t`Divided by`} add={dimensions.length < most && (
        <SelectField label={t`Divide by`} hideLabel value="" onChange={(event) => onChange({ dimensions: [...dimensions, addedDimension(event.target.value, columns)] })}>
          <option value=""><Trans>Divide by…</Trans></option>
          {groupable(columns).filter(({ name }) => !dimensions.some((each) => each.column === name)).map(({ name }) => <option key={name} value={name}>{name}</option>)}
        </SelectField>
      )}>
        {dimensions.map((dimension, i) => (
          <DimensionRow key={dimension.column} dimension={dimension} type={columns.find((column) => column.name === dimension.column)?.type ?? ""} onChange={(next) => onChange({ dimensions: replaced(dimensions, i, next) })} onRemove={() => onChange({ dimensions: without(dimensions, i) })} />
        ))}
      </Part>
      <Part title={t`Only rows where`} add={filters.length < most && (
        <SelectField label={t`Add a condition`} hideLabel value="" onChange={(event) => onChange({ filters: [...filters, { column: event.target.value, is: "=", value: "" }] })}>
          <option value=""><Trans>Add a condition…</Trans></option>
          {groupable(columns).map(({ name }) => <option key={name} value={name}>{name}</option>)}
        </SelectField>
      )}>
        {filters.map((filter, i) => (
          <FilterRow key={i} filter={filter} type={columns.find((column) => column.name === filter.column)?.type ?? ""} onChange={(next) => onChange({ filters: replaced(filters, i, next) })} onRemove={() => onChange({ filters: without(filters, i) })} />
        ))}
      </Part>
    </>
  );
}

const addedMeasure = (columns: readonly Column[]): Measure => {
  const first = measurable("avg", columns)[0];
  return first ? { how: "avg", column: first.name } : { how: "count", column: null };
};
const addedDimension = (column: string, columns: readonly Column[]): Dimension => ({ column, grain: isTime(columns.find((each) => each.name === column)?.type ?? "") ? "day" : null });

function Part({ title, add, children }: { title: string; add: ReactNode; children: ReactNode }) {
  return (
    <fieldset className="grid min-w-0 gap-2">
      <legend className="mb-1.5 text-sm font-medium">{title}</legend>
      {children}
      {add && <div className="justify-self-stretch">{add}</div>}
    </fieldset>
  );
}

function MeasureRow({ measure, columns, onChange, onRemove }: { measure: Measure; columns: readonly Column[]; onChange: (measure: Measure) => void; onRemove: () => void }) {
  const offered = measurable(measure.how, columns);
  const choose = (how: Measure["how"]) => {
    const fits = measurable(how, columns);
    onChange({ how, column: how === "count" ? null : (fits.find(({ name }) => name === measure.column)?.name ?? fits[0]?.name ?? null) });
  };
  return (
    <div className="flex items-center gap-1">
      <div className="grid min-w-0 grow gap-1">
        <SelectField label={t`Number`} hideLabel value={measure.how} onChange={(event) => choose(event.target.value as Measure["how"])}>
          {(Object.keys(measureNames) as Measure["how"][]).map((how) => <option key={how} value={how}>{measureNames[how]}</option>)}
        </SelectField>
        {measure.how !== "count" && (
          <SelectField label={t`${measureNames[measure.how]}: column`} hideLabel value={measure.column ?? ""} onChange={(event) => onChange({ ...measure, column: event.target.value })}>
            {offered.map(({ name }) => <option key={name} value={name}>{name}</option>)}
          </SelectField>
        )}
      </div>
      <IconButton icon="close" label={t`Remove ${measureNames[measure.how].toLowerCase()} ${measure.column ?? ""}`} onClick={onRemove} />
    </div>
  );
}

function DimensionRow({ dimension, type, onChange, onRemove }: { dimension: Dimension; type: string; onChange: (dimension: Dimension) => void; onRemove: () => void }) {
  return (
    <div className="flex items-center gap-1">
      <span className="min-w-0 grow truncate rounded-md bg-soft px-2.5 py-1.5 text-sm text-accent" title={dimension.column}>{dimension.column}</span>
      {isTime(type) && (
        <div className="w-28 shrink-0"><SelectField label={t`Grain of ${dimension.column}`} hideLabel value={dimension.grain ?? ""} onChange={(event) => onChange({ ...dimension, grain: (event.target.value || null) as Grain | null })}>
          {(Object.keys(grainNames) as Grain[]).map((grain) => <option key={grain} value={grain}>{grainNames[grain]}</option>)}
          <option value=""><Trans>as it is</Trans></option>
        </SelectField></div>
      )}
      <IconButton icon="close" label={t`Do not divide by ${dimension.column}`} onClick={onRemove} />
    </div>
  );
}

function FilterRow({ filter, type, onChange, onRemove }: { filter: Filter; type: string; onChange: (filter: Filter) => void; onRemove: () => void }) {
  const valued = filter.is !== "empty" && filter.is !== "filled";
  const invalid = valued && filter.value.trim() !== "" && isNumber(type) && Number.isNaN(Number(filter.value)) && filter.is !== "contains";
  return (
    <div className="grid gap-1 rounded-md border border-line bg-surface p-2">
      <div className="flex items-center gap-1">
        <span className="min-w-0 grow truncate text-sm font-medium" title={filter.column}>{filter.column}</span>
        <IconButton icon="close" label={t`Remove the condition on ${filter.column}`} onClick={onRemove} />
      </div>
      <SelectField label={t`How ${filter.column} is compared`} hideLabel value={filter.is} onChange={(event) => onChange({ ...filter, is: event.target.value as Comparison })}>
        {(Object.keys(comparisonNames) as Comparison[]).map((is) => <option key={is} value={is}>{comparisonNames[is]}</option>)}
      </SelectField>
      {valued && (
        <TextField label={t`Value of ${filter.column}`} hideLabel placeholder={isNumber(type) ? t`A number` : type === "date" ? "2026-01-31" : isTime(type) ? "2026-01-31 12:00" : t`A value`} value={filter.value}
          error={invalid ? t`Not a number yet: it is left out.` : null} onChange={(event) => onChange({ ...filter, value: event.target.value })} />
      )}
    </div>
  );
}
