import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { AddColumnDialog, DropColumnDialog, RenameColumnDialog, WidenColumnDialog, type ColumnTarget } from "@/features/catalog/column_dialogs";
import { columnEvents, historyOf, widerTypes, type ColumnEvent } from "@/features/catalog/column_history";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { formatBytes, formatCount } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Cell, ListTable } from "@/ui/list_table";
import { Menu } from "@/ui/menu";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const TableColumns = graphql(`
  query TableColumns($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        columns {
          fieldId
          name
          type
          required
          comment
          isPartitionSource
          masked
        }
        schemaChanges {
          at
          schemaId
          added
          dropped
          changed
        }
        statistics {
          fieldId
          nullCount
          valueCount
          lower
          upper
          sizeBytes
        }
      }
    }
  }
`);

type Partition = { name: string; sourceColumn: string; transform: string };

type Doing = { what: "rename" | "widen" | "drop" | "history"; column: ColumnTarget } | { what: "add" };

export function ColumnsTab({ tableId, place, partitioning, canChange }: { tableId: string; place: Place; partitioning: readonly Partition[]; canChange: boolean }) {
  const [{ data, error }, look] = useQuery({ query: TableColumns, variables: { id: tableId } });
  const [doing, setDoing] = useState<Doing | null>(null);
  const again = () => look({ requestPolicy: "network-only" });
  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={again} />;
  if (data?.node?.__typename !== "Table") return <SkeletonLines lines={8} label={t`Loading columns`} />;
  const { columns, statistics, schemaChanges } = data.node;
  const known = new Map((statistics ?? []).map((each) => [each.fieldId, each]));
  const close = () => setDoing(null);
  const acting = { tableId, onChanged: again, onClose: close };
  return (
    <div className="grid gap-5">
      <div className="panel overflow-hidden">
        {columns.length === 0 ? <Empty icon="table" title={t`No columns`}><Trans>This table has no columns that you may see.</Trans></Empty> : (
          <ListTable label={t`Columns`} heads={[t`Column`, t`Type`, { name: t`Nulls`, right: true }, t`Least`, t`Greatest`, { name: t`Size`, right: true }, { name: t`Actions`, right: true, hidden: true }]}>
            {columns.map((column) => {
              const each = known.get(column.fieldId);
              const partition = partitioning.find((field) => field.sourceColumn === column.name);
              const last = historyOf(column.name, schemaChanges)[0];
              return (
                <tr key={column.fieldId}>
                  <Cell>
                    <span className="flex flex-wrap items-center gap-1.5">
                      <span className="font-medium">{column.name}</span>
                      {partition && <Badge tone="ice"><Trans>partitioned by {partition.transform}</Trans></Badge>}
                      {column.masked && <Badge tone="warn"><Trans>masked for you</Trans></Badge>}
                    </span>
                    {column.comment && <p className="max-w-sm text-xs text-muted">{column.comment}</p>}
                    {last && <p className="text-xs text-muted">{eventWords(last)} <Ago at={last.at} /></p>}
                  </Cell>
                  <Cell mono>{column.type}{column.required && <span className="text-muted"> <Trans>not null</Trans></span>}</Cell>
                  <Cell right muted={!each?.nullCount}>{each?.nullCount == null ? "–" : formatCount(each.nullCount)}</Cell>
                  <Cell className="max-w-32 truncate"><Bound value={each?.lower} /></Cell>
                  <Cell className="max-w-32 truncate"><Bound value={each?.upper} /></Cell>
                  <Cell right muted>{each?.sizeBytes == null ? "–" : formatBytes(each.sizeBytes)}</Cell>
                  <Cell right><ColumnActions column={column} canChange={canChange} changed={last !== undefined} onDo={(what) => setDoing({ what, column })} /></Cell>
                </tr>
              );
            })}
          </ListTable>
        )}
        {canChange && <footer className="border-t border-line px-4 py-2"><Button small icon="plus" onClick={() => setDoing({ what: "add" })}><Trans>Add a column</Trans></Button></footer>}
      </div>
      <Section title={t`How the columns changed`} flush><EventList place={place} events={columnEvents(schemaChanges)} empty={t`Since the first rows came in, every commit has had these columns. A change shows here with the first rows that have it.`} /></Section>
      {doing?.what === "add" && <AddColumnDialog {...acting} />}
      {doing?.what === "rename" && <RenameColumnDialog column={doing.column} {...acting} />}
      {doing?.what === "widen" && <WidenColumnDialog column={doing.column} {...acting} />}
      {doing?.what === "drop" && <DropColumnDialog column={doing.column} {...acting} />}
      {doing?.what === "history" && (
        <Dialog title={t`History of ${doing.column.name}`} onClose={close}>
          <div className="-m-5"><EventList place={place} events={historyOf(doing.column.name, schemaChanges)} empty={t`It has been as it is since the first rows came in.`} /></div>
        </Dialog>
      )}
    </div>
  );
}

/** What can be done with a column here and now; nothing, where there is no history and no right. */
function ColumnActions({ column, canChange, changed, onDo }: { column: ColumnTarget; canChange: boolean; changed: boolean; onDo: (what: "rename" | "widen" | "drop" | "history") => void }) {
  const items = [
    ...(changed ? [{ label: t`History`, icon: "history" as const, onSelect: () => onDo("history") }] : []),
    ...(canChange ? [{ label: t`Rename`, icon: "pencil" as const, onSelect: () => onDo("rename") }] : []),
    ...(canChange && widerTypes(column.type).length > 0 ? [{ label: t`Widen its type`, icon: "right" as const, onSelect: () => onDo("widen") }] : []),
    ...(canChange ? [{ label: t`Drop`, icon: "trash" as const, danger: true, onSelect: () => onDo("drop") }] : []),
  ];
  return items.length > 0 && <Menu floating label={t`More about ${column.name}`} className={`${buttonClass("plain", true)} w-7 !px-0`} button={<Icon name="more" />} items={items} />;
}

function EventList({ place, events, empty }: { place: Place; events: readonly ColumnEvent[]; empty: string }) {
  if (events.length === 0) return <p className="px-4 py-6 text-center text-sm text-muted">{empty}</p>;
  const tones = { added: "ok", dropped: "danger", renamed: "ice", changed: "ice" } as const;
  const words = { added: "added", dropped: "dropped", renamed: "renamed", changed: "widened" };
  return (
    <ul className="divide-y divide-line">
      {events.map(({ at, sort, column, detail }) => (
        <li key={`${at} ${sort} ${column}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
          <Badge tone={tones[sort]}>{words[sort]}</Badge>
          <span className="min-w-0 grow break-words"><span className="font-medium">{column}</span> {detail && <span className="text-muted">{detail}</span>}</span>
          <span className="flex items-center gap-3 text-xs text-muted"><Ago at={at} />
            <Link to="/sql" search={{ q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`, asOf: at }} className="font-medium text-accent hover:underline"><Trans>Query as of then</Trans></Link>
          </span>
        </li>
      ))}
    </ul>
  );
}

const eventWords = ({ sort, detail }: ColumnEvent) => ({ added: t`Added`, dropped: t`Dropped`, renamed: t`Renamed ${detail},`, changed: t`Widened ${detail},` })[sort];

function Bound({ value }: { value: string | null | undefined }) {
  return value == null ? <span className="text-muted">–</span> : <span className="numeric" title={value}>{value}</span>;
}
