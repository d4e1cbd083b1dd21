import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useDeferredValue, useState } from "react";
import { useMutation, useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { Ago } from "@/ui/moment";
import { Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const SavedQueries = graphql(`
  query SavedQueries($search: String) {
    savedQueries(first: 100, search: $search) {
      edges {
        node {
          id
          name
          statement
          createdBy
          updatedAt
          version
        }
      }
    }
  }
`);

const DeleteSavedQuery = graphql(`
  mutation DeleteSavedQuery($id: ID!) {
    deleteSavedQuery(id: $id)
  }
`);

export type Saved = { id: string; name: string; statement: string; version: number };

export function SavedPanel({ onOpen, canEdit }: { onOpen: (saved: Saved) => void; canEdit: boolean }) {
  const [search, setSearch] = useState("");
  const asked = useDeferredValue(search.trim());
  const [{ data, error, fetching }, retry] = useQuery({ query: SavedQueries, variables: { search: asked || null }, requestPolicy: "cache-and-network" });
  const [, remove] = useMutation(DeleteSavedQuery);
  const [doomed, setDoomed] = useState<Saved | null>(null);
  const edges = data?.savedQueries.edges ?? [];
  const confirm = async (saved: Saved) => {
    const result = await remove({ id: saved.id });
    if (result.error) toast(errorText(result.error), "failed");
    else toast(t`Deleted “${saved.name}”`);
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="shrink-0 p-3"><TextField label={t`Search saved queries`} hideLabel placeholder={t`Search saved queries`} type="search" value={search} onChange={(event) => setSearch(event.target.value)} /></div>
      <div className="min-h-0 grow overflow-auto px-2 pb-3">
        {!data && fetching && <div className="px-2"><SkeletonLines label={t`Loading saved queries`} /></div>}
        {error && !data && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
        {data && edges.length === 0 && <p className="px-2 py-3 text-sm text-muted">{asked ? t`No saved query is called that.` : t`Save a statement that you will need again: the button Save is above the editor.`}</p>}
        <ul>
          {edges.map(({ node: saved }) => (
            <li key={saved.id} className="flex items-center rounded-md hover:bg-hover">
              <button type="button" onClick={() => onOpen(saved)} title={saved.statement} className="min-w-0 grow rounded-md px-2 py-1.5 text-left focus-visible:-outline-offset-2">
                <span className="block truncate text-sm font-medium">{saved.name}</span>
                <span className="block truncate text-xs text-muted">{saved.createdBy} · <Ago at={saved.updatedAt} /></span>
              </button>
              {canEdit && <IconButton icon="trash" label={t`Delete ${saved.name}`} onClick={() => setDoomed(saved)} />}
            </li>
          ))}
        </ul>
      </div>
      {doomed && (
        <Confirm title={t`Delete “${doomed.name}”?`} action={t`Delete`} onConfirm={() => confirm(doomed)} onClose={() => setDoomed(null)}>
          <p><Trans>The saved query is gone for everybody. Tabs that have it open keep its statement.</Trans></p>
        </Confirm>
      )}
    </div>
  );
}
