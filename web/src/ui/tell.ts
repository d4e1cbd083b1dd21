import { t } from "@lingui/core/macro";
import { errorText, type Problem } from "@/ui/error_text";
import { toast } from "@/ui/toast";

/** Says what became of a change, and offers to take it back; gives whether it went through. */
export function tell({ error }: { error?: Problem | undefined }, done: string, undo?: () => void): boolean {
  if (error) toast(errorText(error), "failed");
  else toast(done, "done", undo && { label: t`Undo`, onSelect: undo });
  return !error;
}
