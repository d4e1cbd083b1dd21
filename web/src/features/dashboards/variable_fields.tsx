import type { VariableDraft } from "@/features/dashboards/draft";
import { SelectField, TextField } from "@/ui/field";

/** A control for each variable; `className` is of the box around each. */
export function VariableFields({ variables, values, className, onChange }: {
  variables: readonly VariableDraft[]; values: Readonly<Record<string, string>>; className: string; onChange: (name: string, value: string) => void;
}) {
  return variables.map(({ name, label, type, defaultValue, options }) => {
    const value = values[name] ?? defaultValue;
    return (
      <div key={name} className={className}>
        {options.length > 0 ? (
          <SelectField label={label || name} value={value} onChange={(event) => onChange(name, event.target.value)}>
            {!options.includes(value) && <option value={value}>{value}</option>}
            {options.map((option) => <option key={option} value={option}>{option}</option>)}
          </SelectField>
        ) : (
          <TextField label={label || name} type={type === "number" ? "number" : type === "date" ? "date" : "text"} key={value} defaultValue={value}
            onBlur={(event) => event.target.value !== value && onChange(name, event.target.value)}
            onKeyDown={(event) => { if (event.key === "Enter") onChange(name, event.currentTarget.value); }} />
        )}
      </div>
    );
  });
}
