import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const Audit = graphql(`
  query Audit($after: String, $action: String) {
    auditLog(first: 50, after: $after, action: $action) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          at
          principalName
          action
          objects
          error
          from
          client
        }
      }
    }
  }
`);

export function AuditSettings() {
  const [after, setAfter] = useState<string | null>(null);
  const [action, setAction] = useState("");
  const [{ data, error, fetching }, retry] = useQuery({ query: Audit, variables: { after, action: action || null }, requestPolicy: after ? "cache-first" : "cache-and-network" });
  const edges = data?.auditLog.edges ?? [];
  return (
    <Section title={t`Every change, newest first`} flush actions={
      <div className="w-52">
        <TextField label={t`Only this action`} hideLabel type="search" placeholder={t`Action, such as dropTable`} defaultValue={action}
          onKeyDown={(event) => { if (event.key === "Enter") { setAction(event.currentTarget.value.trim()); setAfter(null); } }}
          onBlur={(event) => { setAction(event.target.value.trim()); setAfter(null); }} />
      </div>
    }>
      {error && !data && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="p-4"><SkeletonLines label={t`Loading the audit log`} lines={8} /></div>}
      {data && edges.length === 0 && <Empty icon="history" title={t`Nothing here`}>{action ? t`Nobody has done ${action}.` : t`Changes are listed here as they happen.`}</Empty>}
      {edges.length > 0 && (
        <ListTable label={t`Audit log`} heads={[t`When`, t`Who`, t`Action`, t`Objects`, t`Outcome`, t`From`]}>
          {edges.map(({ node: entry }) => (
            <tr key={entry.id}>
              <Cell muted><Ago at={entry.at} /></Cell>
              <Cell className="whitespace-nowrap">{entry.principalName}</Cell>
              <Cell mono>{entry.action}</Cell>
              <Cell mono muted className="max-w-48 truncate"><span title={entry.objects.join(", ")}>{entry.objects.join(", ") || "–"}</span></Cell>
              <Cell>{entry.error ? <Badge tone="danger">{entry.error.toLowerCase().replaceAll("_", " ")}</Badge> : <Badge tone="ok"><Trans>done</Trans></Badge>}</Cell>
              <Cell muted className="whitespace-nowrap">{entry.client} · {entry.from}</Cell>
            </tr>
          ))}
        </ListTable>
      )}
      {data?.auditLog.pageInfo.hasNextPage && <footer className="border-t border-line px-4 py-2"><Button small busy={fetching} onClick={() => setAfter(data.auditLog.pageInfo.endCursor ?? null)}><Trans>Show more</Trans></Button></footer>}
    </Section>
  );
}
