import { useId, type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";

const control =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm text-text placeholder:text-muted focus-visible:outline-offset-0 disabled:opacity-60";

type Labelled = { label: string; hint?: ReactNode; error?: string | null; hideLabel?: boolean };

function Frame({ id, label, hint, error, hideLabel, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium"}>{label}</label>
      {children}
      {hint && !error && <p id={`${id}-hint`} className="text-xs text-muted">{hint}</p>}
      {error && <p id={`${id}-hint`} role="alert" className="text-xs text-danger">{error}</p>}
    </div>
  );
}

export function TextField({ label, hint, error, hideLabel, className = "", ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <input id={id} aria-describedby={hint || error ? `${id}-hint` : undefined} aria-invalid={error ? true : undefined}
        className={`${control} h-8.5 ${className}`} {...rest} />
    </Frame>
  );
}

export function TextArea({ label, hint, error, hideLabel, className = "", ...rest }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <textarea id={id} aria-describedby={hint || error ? `${id}-hint` : undefined} aria-invalid={error ? true : undefined} className={`${control} py-2 leading-relaxed ${className}`} {...rest} />
    </Frame>
  );
}

export function SelectField({ label, hint, error, hideLabel, className = "", children, ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <select id={id} aria-describedby={hint || error ? `${id}-hint` : undefined} className={`${control} h-8.5 ${className}`} {...rest}>{children}</select>
    </Frame>
  );
}
