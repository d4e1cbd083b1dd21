import { errorText, type Problem } from "@/ui/error_text";
import { toast } from "@/ui/toast";

/** Says what became of a change; gives whether it went through. */
export function tell({ error }: { error?: Problem | undefined }, done: string): boolean {
  if (error) toast(errorText(error), "failed");
  else toast(done);
  return !error;
}
