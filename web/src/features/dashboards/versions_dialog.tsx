import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { Ago } from "@/ui/moment";
import { Badge, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const Versions = graphql(`
  query Versions($id: ID!, $after: String) {
    dashboard(id: $id) {
      id
      versions(first: 20, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          cursor
          node {
            version
            name
            tileCount
            savedBy
            savedAt
          }
        }
      }
    }
  }
`);

const RestoreDashboard = graphql(`
  mutation RestoreDashboard($id: ID!, $version: Int!) {
    restoreDashboard(id: $id, version: $version) {
      id
      ...DashboardFields
    }
  }
`);

export function VersionsDialog({ id, current, canEdit, onClose }: { id: string; current: number; canEdit: boolean; onClose: () => void }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: Versions, variables: { id, after }, requestPolicy: after ? "cache-first" : "cache-and-network" });
  const [, restore] = useMutation(RestoreDashboard);
  const [chosen, setChosen] = useState<number | null>(null);
  const versions = data?.dashboard?.versions;
  const confirm = async (version: number) => {
    const result = await restore({ id, version });
    if (result.error) return toast(errorText(result.error), "failed");
    toast(t`Restored version ${version}`);
    onClose();
  };
  return (
    <Dialog title={t`Versions`} onClose={onClose}>
      {error && !versions && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
      {!versions && !error && <SkeletonLines label={t`Loading versions`} />}
      <ol className="-mx-2 grid gap-0.5">
        {versions?.edges.map(({ node }) => (
          <li key={node.version} className="flex items-center gap-3 rounded-md px-2 py-1.5 hover:bg-hover">
            <div className="min-w-0 grow text-sm">
              <p className="flex items-center gap-2"><span className="numeric font-medium"><Trans>Version {node.version}</Trans></span>{node.version === current && <Badge tone="ok"><Trans>present</Trans></Badge>}</p>
              <p className="truncate text-xs text-muted">{node.savedBy} · <Ago at={node.savedAt} /> · {plural(node.tileCount, { one: "# tile", other: "# tiles" })}</p>
            </div>
            {canEdit && node.version !== current && <Button small onClick={() => setChosen(node.version)}><Trans>Restore</Trans></Button>}
          </li>
        ))}
      </ol>
      {versions?.pageInfo.hasNextPage && <Button small busy={fetching} onClick={() => setAfter(versions.pageInfo.endCursor ?? null)}><Trans>Show more</Trans></Button>}
      {chosen !== null && (
        <Confirm title={t`Restore version ${chosen}?`} action={t`Restore`} onConfirm={() => confirm(chosen)} onClose={() => setChosen(null)}>
          <p><Trans>It becomes the present version, as a new one; what is present now stays among the versions.</Trans></p>
        </Confirm>
      )}
    </Dialog>
  );
}
