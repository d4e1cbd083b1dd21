import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";

/** In any script it fits into the 4,000 bytes that the server takes. */
const longest = 1000;

/** A question in words. `asked` is the one that is being answered. */
export function AskBox({ asked = "", busy = false, focus = false, onAsk }: { asked?: string; busy?: boolean; focus?: boolean; onAsk: (question: string) => void }) {
  const [question, setQuestion] = useState(asked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (question.trim()) onAsk(question.trim());
  };
  return (
    <form role="search" aria-label={t`Ask a question`} onSubmit={submit} className="panel flex items-center gap-2 py-1.5 pr-1.5 pl-3.5 focus-within:border-accent">
      <Icon name="ask" size={18} className="text-accent" />
      <input aria-label={t`Question`} autoFocus={focus} maxLength={longest} autoComplete="off" enterKeyHint="search" placeholder={t`Ask a question about your data`} value={question} onChange={(event) => setQuestion(event.target.value)}
        className="h-9 min-w-0 grow bg-transparent text-base text-text outline-none placeholder:text-muted" />
      <Button type="submit" kind="solid" busy={busy} disabled={!question.trim()}><Trans>Ask</Trans></Button>
    </form>
  );
}
