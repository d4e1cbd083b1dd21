import { t } from "@lingui/core/macro";
/** Arguments as somebody typed them; nothing typed is no arguments. */
export function readJson(text: string): { value: unknown; error: string | null } {
  if (text.trim() === "") return { value: [], error: null };
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? { value, error: null } : { value: null, error: t`Not an array: write [ and ] around it.` };
  } catch {
    return { value: null, error: t`Not JSON yet: text stands in double quotes.` };
  }
}
