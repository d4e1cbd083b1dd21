import type { ReactNode } from "react";

const columns = { 2: "lg:grid-cols-2", 3: "lg:grid-cols-3", 4: "lg:grid-cols-4", 5: "lg:grid-cols-5", 6: "lg:grid-cols-6" };

/** Names and values in a box of equal cells; the last ones fill the row. */
export function Facts({ facts, across = 5, strong = true }: {
  facts: readonly (readonly [name: string, value: ReactNode])[]; across?: keyof typeof columns; strong?: boolean;
}) {
  return (
    <dl className={`grid grid-cols-2 gap-px overflow-hidden rounded-[10px] border border-line bg-line ${columns[across]}`}>
      {facts.map(([name, value], i) => (
        <div key={name} className={`min-w-0 bg-surface px-4 py-3 ${i === facts.length - 1 && facts.length % 2 ? "max-lg:col-span-2" : ""}`}>
          <dt className="text-xs text-muted">{name}</dt>
          <dd className={`numeric mt-0.5 break-words ${strong ? "text-base font-semibold tracking-tight" : "text-sm"}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
