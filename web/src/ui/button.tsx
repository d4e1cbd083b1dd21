import { t } from "@lingui/core/macro";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Icon, type IconName } from "@/ui/icon";

const kinds = {
  solid: "bg-solid text-on-solid hover:bg-solid-hover border-transparent",
  plain: "bg-surface text-text hover:bg-hover border-line-strong",
  quiet: "bg-transparent text-muted hover:bg-hover hover:text-text border-transparent",
  danger: "bg-surface text-danger hover:bg-danger-soft border-line-strong",
};

export const buttonClass = (kind: keyof typeof kinds = "plain", small = false) =>
  t`inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none transition-colors disabled:opacity-50 ${small ? "h-7 px-2 text-xs" : "h-8.5 px-3 text-sm"} ${kinds[kind]}`;

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: keyof typeof kinds;
  small?: boolean;
  icon?: IconName;
  /** Shown instead of the icon; the button cannot be pressed again meanwhile. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
  children?: ReactNode;
};

export function Button({ kind = "plain", small = false, icon, busy = false, className = "", children, disabled, ...rest }: Props) {
  return (
    <button type="button" aria-busy={busy || undefined} disabled={disabled || busy} className={`${buttonClass(kind, small)} ${className}`} {...rest}>
      {busy ? <span aria-hidden="true" className="shimmer inline-block size-2 rounded-full bg-current" /> : icon && <Icon name={icon} size={small ? 14 : 15} />}
      {children}
    </button>
  );
}

/** A button that is only an icon; the label is its name and its tooltip. */
export function IconButton({ icon, label, kind = "quiet", className = "", ...rest }: Omit<Props, "children"> & { icon: IconName; label: string }) {
  return (
    <button type="button" aria-label={label} title={label}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md border transition-colors disabled:opacity-50 ${kinds[kind]} ${className}`} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
