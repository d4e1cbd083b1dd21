import type { ReactNode } from "react";
import { Mark } from "@/ui/icon";
import { useTitle } from "@/ui/page";

/** The frame of the pages in front of the door. */
export function Entrance({ title, lead, children }: { title: string; lead: ReactNode; children: ReactNode }) {
  useTitle(title);
  return (
    <main className="grid min-h-full place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-2.5">
          <Mark size={34} />
          <span className="text-xl font-semibold tracking-tight">Firn</span>
        </div>
        <div className="panel p-6 shadow-float">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          <p className="mt-1 mb-5 text-sm text-muted">{lead}</p>
          {children}
        </div>
      </div>
    </main>
  );
}
