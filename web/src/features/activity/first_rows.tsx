import type { ReactNode } from "react";
import { CodeBlock } from "@/ui/copy";
import { Empty } from "@/ui/states";

/** What a fresh deployment shows: how the first rows come in. */
export function FirstRows({ code, action }: { code: string; action?: ReactNode }) {
  return (
    <section className="panel">
      <Empty icon="data" title="Send the first rows" action={action}>
        <p>Post JSON to a table that does not exist yet: Firn makes it from the rows. They can be queried as soon as the request returns.</p>
        <CodeBlock label="Send rows with curl" code={code} />
      </Empty>
    </section>
  );
}
