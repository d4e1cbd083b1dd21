import { t } from "@lingui/core/macro";
import { TextArea } from "@/ui/field";

/** SQL in a form, as text: the SQL page is the place to try it. */
export function StatementField({ value, onChange, hint, error }: { value: string; onChange: (value: string) => void; hint: string; error?: string | null }) {
  return <TextArea label={t`SQL`} required rows={5} spellCheck={false} className="font-mono !text-xs" hint={hint} error={error} value={value} onChange={(event) => onChange(event.target.value)} />;
}
