import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Button, IconButton } from "@/ui/button";

type Props = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** The title is only for screen readers. */
  bare?: boolean;
};

/** Is there as long as it is rendered. The focus begins at the first field, stays inside, and goes back afterwards. */
export function Dialog({ title, onClose, children, wide = false, bare = false }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const before = document.activeElement;
    dialog.showModal();
    const inside = dialog.querySelector("[data-inside]")!;
    (inside.querySelector<HTMLElement>("input:not([readonly]), textarea, select") ?? inside.querySelector<HTMLElement>("button, a[href]"))?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onPointerDown={(event) => { if (event.target === ref.current) onClose(); }}
      className={`rise m-auto max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] overflow-hidden rounded-xl border border-line bg-surface p-0 text-text shadow-float ${bare ? "mt-[12vh]" : ""} ${wide ? "max-w-3xl" : "max-w-md"}`}>
      <div className="flex max-h-[calc(100dvh-2rem)] flex-col">
        <header className={bare ? "sr-only" : "flex items-center justify-between gap-4 border-b border-line py-2.5 pr-2.5 pl-5"}>
          <h2 id={id} className="text-base font-semibold">{title}</h2>
          {!bare && <IconButton icon="close" label={t`Close`} onClick={onClose} />}
        </header>
        <div data-inside className={bare ? "min-h-0" : "min-h-0 overflow-auto p-5"}>{children}</div>
      </div>
    </dialog>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}

/** Asks before something that cannot be had back. */
export function Confirm({ title, children, action, onConfirm, onClose }: {
  title: string; children: ReactNode; action: string; onConfirm: () => Promise<unknown> | void; onClose: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    await onConfirm();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="text-sm text-muted">{children}</div>
      <DialogActions>
        <Button onClick={onClose}><Trans>Cancel</Trans></Button>
        <Button kind="danger" busy={busy} onClick={() => void confirm()}>{action}</Button>
      </DialogActions>
    </Dialog>
  );
}
