import { t } from "@lingui/core/macro";
import { useState } from "react";
import { Button, IconButton } from "@/ui/button";
import { toast } from "@/ui/toast";

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast(t`The browser does not allow copying here; select the text instead.`, "failed");
    return false;
  }
}

export function CopyButton({ text, label = t`Copy`, words = false }: { text: string; label?: string; words?: boolean }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) return;
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return words
    ? <Button icon={done ? "check" : "copy"} onClick={() => void copy()}>{done ? t`Copied` : label}</Button>
    : <IconButton icon={done ? "check" : "copy"} label={done ? t`Copied` : label} onClick={() => void copy()} />;
}

/** Code to paste. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative min-w-0 rounded-lg border border-line bg-sunken text-left">
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto py-3 pr-12 pl-4 font-mono text-xs leading-relaxed text-text"><code>{code}</code></pre>
      <div className="absolute top-1.5 right-1.5 rounded-md bg-sunken"><CopyButton text={code} label={t`Copy: ${label}`} /></div>
    </div>
  );
}
