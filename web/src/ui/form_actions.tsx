import { Trans } from "@lingui/react/macro";
import { Button } from "@/ui/button";
import { DialogActions } from "@/ui/dialog";
import { errorText, type Problem } from "@/ui/error_text";

/** The end of a form in a dialog: why it was refused, and its two buttons. */
export function FormActions({ error, busy, action, onClose, disabled = false }: { error: Problem | undefined; busy: boolean; action: string; onClose: () => void; disabled?: boolean }) {
  return (
    <>
      {error && <p role="alert" className="text-sm text-danger">{errorText(error)}</p>}
      <DialogActions>
        <Button onClick={onClose}><Trans>Cancel</Trans></Button>
        <Button type="submit" kind="solid" busy={busy} disabled={disabled}>{action}</Button>
      </DialogActions>
    </>
  );
}
