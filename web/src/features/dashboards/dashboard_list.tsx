import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { DashboardLinks } from "@/features/dashboards/dashboard_links";
import { CreateDashboard } from "@/features/dashboards/fields";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextArea, TextField } from "@/ui/field";
import { Page } from "@/ui/page";
import { Empty, Failed, Skeleton } from "@/ui/states";

const Dashboards = graphql(`
  query Dashboards($search: String) {
    dashboards(first: 100, search: $search) {
      edges {
        node {
          id
          ...DashboardLink
        }
      }
    }
  }
`);

export function DashboardList({ canEdit }: { canEdit: boolean }) {
  const [search, setSearch] = useState("");
  const asked = useDeferredValue(search.trim());
  const [{ data, error }, retry] = useQuery({ query: Dashboards, variables: { search: asked || null }, requestPolicy: "cache-and-network" });
  const [making, setMaking] = useState(false);
  const edges = data?.dashboards.edges ?? [];
  const none = data && edges.length === 0;
  return (
    <Page title={t`Dashboards`} actions={
      <>
        {(edges.length > 0 || asked) && <div className="w-52"><TextField label={t`Search dashboards`} hideLabel type="search" placeholder={t`Search dashboards`} value={search} onChange={(event) => setSearch(event.target.value)} /></div>}
        {canEdit && !(none && !asked) && <Button kind="solid" icon="plus" onClick={() => setMaking(true)}><Trans>New dashboard</Trans></Button>}
      </>
    }>
      {error && !data && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
      {!data && !error && <div role="status" className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3"><span className="sr-only"><Trans>Loading dashboards</Trans></span><Skeleton className="h-52" /><Skeleton className="h-52" /><Skeleton className="h-52" /></div>}
      {none && (asked
        ? <Empty icon="search" title={t`Nothing found`}><Trans>No dashboard is called “{asked}”.</Trans></Empty>
        : (
          <div className="panel">
            <Empty icon="dashboards" title={t`No dashboards yet`} action={canEdit && <Button kind="solid" icon="plus" onClick={() => setMaking(true)}><Trans>New dashboard</Trans></Button>}>
              <p>{canEdit ? t`A dashboard shows charts that follow their tables. Begin with an empty one, or add a chart from a result on the page SQL.` : t`Somebody who may edit can make one.`}</p>
            </Empty>
          </div>
        ))}
      {edges.length > 0 && <DashboardLinks dashboards={edges.map((edge) => edge.node)} />}
      {making && <NewDashboard onClose={() => setMaking(false)} />}
    </Page>
  );
}

function NewDashboard({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [{ fetching, error }, create] = useMutation(CreateDashboard);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await create({ input: { name: name.trim(), description: description.trim() || null } });
    if (data) void navigate({ to: "/dashboards/$id", params: { id: data.createDashboard.id } });
  };
  return (
    <Dialog title={t`New dashboard`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required value={name} onChange={(event) => setName(event.target.value)} error={error && errorText(error)} />
        <TextArea label={t`Description`} rows={2} hint={t`What it answers, for those who find it.`} value={description} onChange={(event) => setDescription(event.target.value)} />
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching}><Trans>Create</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
