import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { toDraft, toTileInputs, type TileDraft } from "@/features/dashboards/draft";
import { CreateDashboard, DashboardFields, UpdateDashboard } from "@/features/dashboards/fields";
import { findPlace } from "@/features/dashboards/layout";
import { readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField, TextField } from "@/ui/field";

const DashboardNames = graphql(`
  query DashboardNames {
    dashboards(first: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

const DashboardToAddTo = graphql(`
  query DashboardToAddTo($id: ID!) {
    dashboard(id: $id) {
      id
      ...DashboardFields
    }
  }
`);

const sizes: Partial<Record<ChartSpec["kind"], { width: number; height: number }>> = { NUMBER: { width: 3, height: 2 }, PIE: { width: 4, height: 4 } };

/** Puts a chart on a dashboard that is there, or on a new one; `suggested` is the title that it begins with. */
export function AddToDashboard({ statement, spec, suggested = "", onClose }: { statement: string; spec: ChartSpec; suggested?: string; onClose: () => void }) {
  const client = useClient();
  const [{ data }] = useQuery({ query: DashboardNames, requestPolicy: "cache-and-network" });
  const [, update] = useMutation(UpdateDashboard);
  const [, create] = useMutation(CreateDashboard);
  const [target, setTarget] = useState("");
  const [name, setName] = useState("");
  const [title, setTitle] = useState(suggested);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState<{ id: string; name: string } | null>(null);

  const add = async () => {
    const size = sizes[spec.kind] ?? { width: 6, height: 4 };
    const tile: TileDraft = { id: crypto.randomUUID(), kind: "CHART", title: title.trim(), statement, spec, text: null, x: 0, y: 0, ...size };
    if (!target) {
      const result = await create({ input: { name: name.trim(), tiles: toTileInputs([tile]) } });
      if (result.data) return setDone({ id: result.data.createDashboard.id, name: name.trim() });
      return setProblem(result.error ? errorText(result.error) : null);
    }
    const now = await client.query(DashboardToAddTo, { id: target }, { requestPolicy: "network-only" }).toPromise();
    if (!now.data?.dashboard) return setProblem(now.error ? errorText(now.error) : t`This dashboard is gone.`);
    const dashboard = readFragment(DashboardFields, now.data.dashboard);
    const { tiles } = toDraft(dashboard);
    const result = await update({ input: { id: target, version: dashboard.version, tiles: toTileInputs([...tiles, { ...tile, ...findPlace(tiles, size.width, size.height) }]) } });
    if (result.data) setDone({ id: target, name: dashboard.name });
    else setProblem(result.error ? errorText(result.error) : null);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await add();
    setBusy(false);
  };
  if (done) {
    return (
      <Dialog title={t`Added the chart`} onClose={onClose}>
        <p className="text-sm text-muted"><Trans>It is on “{done.name}” and goes with its tables.</Trans></p>
        <DialogActions>
          <Button onClick={onClose}><Trans>Stay here</Trans></Button>
          <Link to="/dashboards/$id" params={{ id: done.id }} className={buttonClass("solid")}><Trans>Open the dashboard</Trans></Link>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={t`Add to dashboard`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Title of the chart`} value={title} onChange={(event) => setTitle(event.target.value)} />
        <SelectField label={t`Dashboard`} value={target} onChange={(event) => setTarget(event.target.value)} error={target ? problem : null}>
          <option value=""><Trans>A new one</Trans></option>
          {data?.dashboards.edges.map(({ node }) => <option key={node.id} value={node.id}>{node.name}</option>)}
        </SelectField>
        {!target && <TextField label={t`Name of the new dashboard`} required value={name} onChange={(event) => setName(event.target.value)} error={problem} />}
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={busy}><Trans>Add</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
