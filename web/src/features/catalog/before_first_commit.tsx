import { Trans } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { formatMoment } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { SkeletonLines } from "@/ui/states";

const TablesOfName = graphql(`
  query TablesOfName($name: String!) {
    tables(first: 50, search: $name) {
      edges {
        node {
          id
          name
          fullName
        }
      }
    }
  }
`);

const FirstCommit = graphql(`
  query FirstCommit($id: ID!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        snapshots(first: 500, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            node {
              committedAt
              isAncestor
            }
          }
        }
      }
    }
  }
`);

type Props = {
  /** As an error names it: its own name, or the whole one. */
  table: string;
  statement: string;
  asOf: string;
  small?: boolean;
  onAsOf: (at: string) => void;
  /** Stands there where the reason is another one. */
  otherwise: ReactNode;
};

/** Stands in the place of rows that were asked as of a time before the table had any: since when it has. */
export function BeforeFirstCommit({ table, statement, otherwise, ...rest }: Props) {
  const own = table.split(".").at(-1)!;
  const [{ data, error }] = useQuery({ query: TablesOfName, variables: { name: own }, requestPolicy: "cache-and-network" });
  if (error) return otherwise;
  if (!data) return <div className="p-4"><SkeletonLines lines={2} /></div>;
  const found = data.tables.edges.map((edge) => edge.node).filter(({ name, fullName }) => name === own || fullName === table);
  // Of several tables of the name, the one that the statement names in full.
  const meant = found.find(({ fullName }) => fullName === table || statement.includes(fullName)) ?? (found.length === 1 ? found[0] : undefined);
  return meant ? <Since id={meant.id} name={meant.name} otherwise={otherwise} {...rest} /> : otherwise;
}

function Since({ id, name, asOf, small = false, onAsOf, otherwise }: Omit<Props, "table" | "statement"> & { id: string; name: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error }] = useQuery({ query: FirstCommit, variables: { id, after } });
  const { edges = [], pageInfo } = data?.node?.__typename === "Table" ? data.node.snapshots : {};
  // Newest first: the oldest is on the last page.
  if (pageInfo?.hasNextPage && pageInfo.endCursor && pageInfo.endCursor !== after) setAfter(pageInfo.endCursor);
  if (error) return otherwise;
  if (!pageInfo || pageInfo.hasNextPage) return <div className="p-4"><SkeletonLines lines={2} /></div>;
  const first = edges.filter((edge) => edge.node.isAncestor).map((edge) => edge.node.committedAt).sort()[0];
  if (!first || !(Date.parse(asOf) < Date.parse(first))) return otherwise;
  return (
    <div role="status" className={`grid h-full content-center justify-items-center gap-2 overflow-auto text-center ${small ? "p-2 text-xs" : "p-6 text-sm"}`}>
      {!small && <span className="grid size-10 place-items-center rounded-full bg-soft text-accent"><Icon name="history" size={20} /></span>}
      <p className="font-semibold break-words"><Trans>{name} had no rows yet</Trans></p>
      <p className="text-muted"><Trans>The earliest moment that can be asked is <time dateTime={first}>{formatMoment(first)}</time>.</Trans></p>
      <Button small={small} icon="history" onClick={() => onAsOf(first)}><Trans>Show that moment</Trans></Button>
    </div>
  );
}
