import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Icon, type IconName } from "@/ui/icon";
import { Section } from "@/ui/page";

const tones = { ice: "bg-soft text-accent", ok: "bg-ok-soft text-ok", warn: "bg-warn-soft text-warn", danger: "bg-danger-soft text-danger" };

/** What changed, a line each; `children` are links around what a line shows. */
export function Changes({ children }: { children: ReactNode }) {
  return <Section title={t`Since yesterday`} flush><ul className="grid gap-px bg-line sm:grid-cols-2">{children}</ul></Section>;
}

export function ChangeLine({ icon, tone, text, detail }: { icon: IconName; tone: keyof typeof tones; text: string; detail: string }) {
  return (
    <>
      <span className={`grid size-8 shrink-0 place-items-center rounded-full ${tones[tone]}`}><Icon name={icon} /></span>
      <span className="min-w-0 grow">
        <span className="block font-medium">{text}</span>
        <span className="block truncate text-xs text-muted" title={detail}>{detail}</span>
      </span>
      <Icon name="right" size={12} className="text-muted" />
    </>
  );
}

export function NoChanges() {
  return <p className="panel flex items-center gap-3 px-4 py-3 text-sm text-muted"><Icon name="check" className="text-ok" /> <Trans>Nothing waits for you: no alert fires, no task has failed, every proposal is decided.</Trans></p>;
}
