import { useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";
import type { Complete, EditorHandle, MadeEditor } from "@/features/sql/code_mirror";
import { Echoes } from "@/features/sql/echoes";
import { Skeleton } from "@/ui/states";

type Props = {
  value: string;
  label: string;
  onChange: (value: string) => void;
  onRun: () => void;
  complete: Complete;
  /** Where the server found something wrong, in UTF-16 units. */
  error: { from: number; to: number; message: string } | null;
  ref: Ref<EditorHandle>;
};

/** The SQL editor. Its code comes when it is first seen. */
export function Editor({ value, label, onChange, onRun, complete, error, ref }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const made = useRef<MadeEditor>(null);
  const [echoes] = useState(() => new Echoes());
  const [ready, setReady] = useState(false);
  const latest = useRef({ value, onChange, onRun, complete, error, label });
  useEffect(() => {
    latest.current = { value, onChange, onRun, complete, error, label };
  });
  useImperativeHandle(ref, () => ({
    focus: () => made.current?.focus(),
    insert: (text) => made.current?.insert(text),
    selection: () => made.current?.selection() ?? { from: 0, to: 0 },
    goTo: (offset) => made.current?.goTo(offset),
  }), []);
  useEffect(() => {
    let gone = false;
    void import("@/features/sql/code_mirror").then(({ makeEditor }) => {
      if (gone || !host.current) return;
      made.current = makeEditor(host.current, {
        value: latest.current.value,
        label: latest.current.label,
        onChange: (next) => {
          echoes.tell(next);
          latest.current.onChange(next);
        },
        onRun: () => latest.current.onRun(),
        complete: (...args) => latest.current.complete(...args),
      });
      made.current.mark(latest.current.error);
      setReady(true);
    });
    return () => {
      gone = true;
      made.current?.destroy();
      made.current = null;
    };
  }, [echoes]);
  useEffect(() => {
    if (!echoes.isEcho(value)) made.current?.replace(value);
  }, [value, ready, echoes]);
  useEffect(() => made.current?.mark(error), [error, ready]);
  return (
    <div className="relative h-full">
      <div ref={host} className="absolute inset-0" />
      {!ready && <div className="grid gap-2 p-4"><Skeleton className="h-3.5 w-1/3" /><Skeleton className="h-3.5 w-1/4" /></div>}
    </div>
  );
}
