import type { VariableDraft } from "@/features/dashboards/draft";
import { SelectField, TextField } from "@/ui/field";

export function VariableBar({ variables, values, onChange }: {
  variables: readonly VariableDraft[]; values: Readonly<Record<string, string>>; onChange: (name: string, value: string) => void;
}) {
  if (variables.length === 0) return null;
  return (
    <div role="group" aria-label="Variables" className="mb-4 flex flex-wrap gap-3">
      {variables.map(({ name, label, type, defaultValue, options }) => {
        const value = values[name] ?? defaultValue;
        return (
          <div key={name} className="w-44">
            {options.length > 0 ? (
              <SelectField label={label || name} value={value} onChange={(event) => onChange(name, event.target.value)}>
                {!options.includes(value) && <option value={value}>{value}</option>}
                {options.map((option) => <option key={option} value={option}>{option}</option>)}
              </SelectField>
            ) : (
              <TextField label={label || name} type={type === "number" ? "number" : type === "date" ? "date" : "text"} key={value} defaultValue={value}
                onBlur={(event) => onChange(name, event.target.value)}
                onKeyDown={(event) => { if (event.key === "Enter") onChange(name, event.currentTarget.value); }} />
            )}
          </div>
        );
      })}
    </div>
  );
}
