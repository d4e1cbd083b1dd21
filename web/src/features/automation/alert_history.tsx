import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { alertTones } from "@/features/automation/alert_tones";
import { graphql } from "@/gql/gql";
import { buttonClass } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import { CodeBlock } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const AlertChecks = graphql(`
  query AlertChecks($id: ID!) {
    alert(id: $id) {
      id
      statement
    }
    alertChecks(id: $id, first: 200) {
      at
      state
      value
      error
    }
  }
`);

const columns = [{ name: "at", type: "TIMESTAMP" }, { name: "value", type: "DOUBLE" }];

/** What an alert saw. */
export function AlertHistory({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const [{ data, error }, look] = useQuery({ query: AlertChecks, variables: { id }, requestPolicy: "cache-and-network" });
  usePoll(() => look({ requestPolicy: "network-only" }), 5000);
  const checks = data?.alertChecks ?? [];
  const points = checks.filter((check) => check.value != null).map((check) => [check.at, check.value]).toReversed();
  return (
    <Dialog title={name} onClose={onClose} wide>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <SkeletonLines label={t`Loading what it saw`} lines={6} />}
      {data && (
        <div className="grid gap-4 [&>*]:min-w-0">
          {data.alert && <CodeBlock label={t`Its statement`} code={data.alert.statement} />}
          {data.alert && <p><Link to="/sql" search={{ q: data.alert.statement }} className={buttonClass("plain", true)}><Trans>Open in SQL</Trans></Link></p>}
          {checks.length === 0 && <Empty icon="bell" title={t`Not checked yet`}><Trans>Its values are drawn here.</Trans></Empty>}
          {points.length > 1 && <div className="h-44"><Chart label={t`Values of ${name}`} columns={columns} rows={points} spec={{ kind: "LINE", x: "at", y: ["value"], stacked: false }} /></div>}
          {checks.length > 0 && (
            <div className="panel max-h-64 overflow-auto">
              <ListTable label={t`Checks`} heads={[t`When`, t`State`, { name: t`Value`, right: true }, t`Error`]}>
                {checks.slice(0, 50).map((check) => (
                  <tr key={check.at}>
                    <Cell muted><Ago at={check.at} /></Cell>
                    <Cell><Badge tone={alertTones[check.state]}>{check.state.toLowerCase()}</Badge></Cell>
                    <Cell right>{check.value ?? "–"}</Cell>
                    <Cell className="max-w-72 truncate text-xs text-muted">{check.error ?? ""}</Cell>
                  </tr>
                ))}
              </ListTable>
            </div>
          )}
        </div>
      )}
    </Dialog>
  );
}
