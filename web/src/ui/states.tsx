import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Button } from "@/ui/button";
import { Icon, type IconName } from "@/ui/icon";

/** Stands where something will be. */
export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden="true" className={`shimmer rounded-md bg-line ${className}`} />;
}

export function SkeletonLines({ lines = 5, label = t`Loading` }: { lines?: number; label?: string }) {
  return (
    <div role="status" className="grid gap-3 py-1">
      <span className="sr-only">{label}</span>
      {Array.from({ length: lines }, (_, i) => <Skeleton key={i} className={`h-4 ${["w-11/12", "w-3/4", "w-5/6", "w-2/3"][i % 4]}`} />)}
    </div>
  );
}

/** Nothing is here yet: says so, and what to do next. */
export function Empty({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto grid w-full max-w-xl justify-items-center gap-2 px-4 py-10 text-center">
      <span className="mb-1 grid size-10 place-items-center rounded-full bg-soft text-accent"><Icon name={icon} size={20} /></span>
      <h2 className="text-base font-semibold">{title}</h2>
      {children && <div className="grid w-full gap-3 text-sm text-muted">{children}</div>}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** Something went wrong: what, and another try. */
export function Failed({ title = t`That did not work`, message, onRetry, children }: { title?: string; message: string; onRetry?: () => void; children?: ReactNode }) {
  return (
    <div role="alert" className="mx-auto grid w-full max-w-xl justify-items-center gap-2 px-4 py-10 text-center">
      <span className="mb-1 grid size-10 place-items-center rounded-full bg-danger-soft text-danger"><Icon name="warning" size={20} /></span>
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="text-sm break-words text-muted">{message}</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        {onRetry && <Button icon="refresh" onClick={onRetry}><Trans>Try again</Trans></Button>}
        {children}
      </div>
    </div>
  );
}

export function Badge({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "ice" | "ok" | "warn" | "danger" }) {
  const tones = {
    plain: "bg-sunken text-muted",
    ice: "bg-soft text-accent",
    ok: "bg-ok-soft text-ok",
    warn: "bg-warn-soft text-warn",
    danger: "bg-danger-soft text-danger",
  };
  return <span className={`inline-flex items-center rounded px-1.5 py-px text-xs font-medium whitespace-nowrap ${tones[tone]}`}>{children}</span>;
}
