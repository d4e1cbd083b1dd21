import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { joinable, joinSql } from "@/features/connections/join_sql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField } from "@/ui/field";
import { Empty, Failed, SkeletonLines } from "@/ui/states";

const LakeColumns = graphql(`
  query LakeColumns {
    tables(first: 100) {
      edges {
        node {
          id
          fullName
          columns {
            name
          }
        }
      }
    }
  }
`);

/** From a connected table to a statement that joins it with one of the lake's. */
export function JoinDialog({ name, table, onClose }: { name: string; table: { fullName: string; columns: readonly { name: string }[] }; onClose: () => void }) {
  const [{ data, error }, look] = useQuery({ query: LakeColumns });
  const navigate = useNavigate();
  const joins = joinable(table, (data?.tables.edges ?? []).map((edge) => edge.node));
  const [at, setAt] = useState(0);
  const [column, setColumn] = useState<string | null>(null);
  const join = joins[at];
  const by = join && (join.columns.find((name) => name === column) ?? join.columns[0]!);
  const statement = join && by ? joinSql(table.fullName, join.table, by) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (statement) void navigate({ to: "/sql", search: { q: statement } });
  };
  return (
    <Dialog title={t`Join ${name}`} onClose={onClose}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <SkeletonLines label={t`Looking at the lake's tables`} />}
      {data && !statement && <Empty icon="table" title={t`No table shares a column by name`}><Trans>Write the join in the SQL page: both tables are in its completion.</Trans></Empty>}
      {join && statement && (
        <form onSubmit={submit} className="grid gap-4 [&>*]:min-w-0">
          <SelectField label={t`With`} value={at} onChange={(event) => { setAt(Number(event.target.value)); setColumn(null); }}>
            {joins.map((each, i) => <option key={each.table} value={i}>{each.table}</option>)}
          </SelectField>
          <SelectField label={t`By`} hint={t`Columns that both have, by name.`} value={by} onChange={(event) => setColumn(event.target.value)}>
            {join.columns.map((name) => <option key={name} value={name}>{name}</option>)}
          </SelectField>
          <CodeBlock label={t`The join`} code={statement} />
          <DialogActions>
            <Button onClick={onClose}><Trans>Cancel</Trans></Button>
            <Button type="submit" kind="solid" icon="sql"><Trans>Open in SQL</Trans></Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  );
}
