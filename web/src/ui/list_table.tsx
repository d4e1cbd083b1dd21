import type { ReactNode } from "react";

/** A table of records: scrolls sideways inside its box where the screen is narrow. */
export function ListTable({ label, heads, children }: { label: string; heads: readonly (string | { name: string; right?: boolean; hidden?: boolean })[]; children: ReactNode }) {
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-muted">
            {heads.map((head) => {
              const { name, right, hidden } = typeof head === "string" ? { name: head, right: false, hidden: false } : head;
              return <th key={name} scope="col" className={`h-8 px-3 first:pl-4 last:pr-4 font-medium whitespace-nowrap ${right ? "text-right" : ""}`}>{hidden ? <span className="sr-only">{name}</span> : name}</th>;
            })}
          </tr>
        </thead>
        <tbody className="[&>tr]:border-b [&>tr]:border-line [&>tr:last-child]:border-0 [&>tr:hover]:bg-hover/60">{children}</tbody>
      </table>
    </div>
  );
}

export function Cell({ children, right = false, mono = false, muted = false, className = "" }: {
  children: ReactNode; right?: boolean; mono?: boolean; muted?: boolean; className?: string;
}) {
  return <td className={`px-3 py-2 align-middle first:pl-4 last:pr-4 ${right ? "numeric text-right whitespace-nowrap" : ""} ${mono ? "font-mono text-xs" : ""} ${muted ? "text-muted" : ""} ${className}`}>{children}</td>;
}
