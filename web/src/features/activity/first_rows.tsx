import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { CodeBlock } from "@/ui/copy";
import { Empty } from "@/ui/states";

/** What a fresh deployment shows: how the first rows come in. */
export function FirstRows({ code, action }: { code: string; action?: ReactNode }) {
  return (
    <section className="panel">
      <Empty icon="data" title={t`Send the first rows`} action={action}>
        <p><Trans>Post JSON to a table that does not exist yet: Firn makes it from the rows. They can be queried as soon as the request returns.</Trans></p>
        <CodeBlock label={t`Send rows with curl`} code={code} />
      </Empty>
    </section>
  );
}
