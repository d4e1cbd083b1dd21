import { useEffect, type ReactNode } from "react";

/** A page that scrolls as a whole: its heading, actions beside it, content below. */
export function Page({ title, above, lead, actions, children, wide = false }: {
  title: string; above?: ReactNode; lead?: ReactNode; actions?: ReactNode; children: ReactNode; wide?: boolean;
}) {
  useTitle(title);
  return (
    <div className={`mx-auto w-full px-4 py-6 md:px-8 md:py-8 ${wide ? "max-w-[100rem]" : "max-w-6xl"}`}>
      <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          {above && <div className="mb-1 text-xs text-muted">{above}</div>}
          <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
          {lead && <div className="mt-1 max-w-2xl text-muted">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Firn`;
  }, [title]);
}

/** A titled box. */
export function Section({ title, actions, children, flush = false }: { title: string; actions?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className="panel min-w-0 overflow-hidden">
      <header className="flex min-h-11 flex-wrap items-center justify-between gap-2 border-b border-line py-1.5 pr-2 pl-4">
        <h2 className="text-sm font-semibold">{title}</h2>
        {actions && <div className="flex flex-wrap items-center gap-1">{actions}</div>}
      </header>
      <div className={flush ? "" : "p-4"}>{children}</div>
    </section>
  );
}
