import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useQuery } from "urql";
import { flattenTree, type TreeItem } from "@/features/catalog/tree_items";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { SkeletonLines } from "@/ui/states";

const Tree = graphql(`
  query Tree($search: String) {
    catalogs {
      id
      name
      namespaces {
        id
        name
      }
      tables(first: 500, search: $search) {
        totalCount
        edges {
          node {
            id
            name
            namespace
            fullName
          }
        }
      }
    }
  }
`);

/** Catalogs, namespaces and tables. One stop for Tab; arrow keys move, open and close. */
export function CatalogTree({ onOpen }: { onOpen?: (table: { catalog: string; namespace: string; table: string; fullName: string }) => void }) {
  const [search, setSearch] = useState("");
  const [ask, setAsk] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: Tree, variables: { search: ask }, requestPolicy: "cache-and-network" });
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const navigate = useNavigate();
  const params = useParams({ strict: false });
  const open = `${params.catalog}.${params.namespace}.${params.table}`;
  const sought = useDeferredValue(search.trim());
  const items = useMemo(() => flattenTree(data?.catalogs ?? [], closed, sought), [data, closed, sought]);
  // Not all tables are here: the server looks as well.
  const partial = data?.catalogs.some((catalog) => catalog.tables.totalCount > catalog.tables.edges.length) ?? false;

  const focused = items.some((item) => item.key === at) ? at : items.find((item) => item.kind === "table" && item.fullName === open)?.key ?? items[0]?.key;
  const focus = (key: string) => {
    setAt(key);
    list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
  };
  const toggle = (key: string, close: boolean) => {
    const next = new Set(closed);
    if (close) next.add(key);
    else next.delete(key);
    setClosed(next);
  };
  const choose = (item: TreeItem) => {
    setAt(item.key);
    if (item.kind !== "table") return toggle(item.key, !closed.has(item.key));
    const place = { catalog: item.catalog, namespace: item.namespace, table: item.name };
    if (onOpen) onOpen({ ...place, fullName: item.fullName });
    else void navigate({ to: "/data/$catalog/$namespace/$table", params: place });
  };
  const onKey = (event: KeyboardEvent) => {
    const i = items.findIndex((item) => item.key === focused);
    const item = items[i];
    if (!item) return;
    const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = items[Math.max(0, Math.min(items.length - 1, to))];
      if (next) focus(next.key);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(item);
    } else if (event.key === "ArrowRight" && item.kind !== "table") {
      event.preventDefault();
      if (closed.has(item.key)) toggle(item.key, false);
      else if (items[i + 1]) focus(items[i + 1]!.key);
    } else if (event.key === "ArrowLeft") {
      event.preventDefault();
      if (item.kind !== "table" && !closed.has(item.key)) return toggle(item.key, true);
      const parent = items.slice(0, i).findLast((other) => other.level < item.level);
      if (parent) focus(parent.key);
    }
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="shrink-0 p-3">
        <div className="flex h-8.5 items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 text-muted focus-within:outline-2 focus-within:outline-accent">
          <Icon name="search" />
          <input type="search" aria-label={t`Search tables`} placeholder={t`Search tables`} value={search}
            onChange={(event) => { setSearch(event.target.value); if (partial || ask !== null) setAsk(event.target.value.trim() || null); }}
            onKeyDown={(event) => { if (event.key === "ArrowDown" && focused) { event.preventDefault(); focus(focused); } }}
            className="min-w-0 grow bg-transparent text-sm text-text outline-none placeholder:text-muted" />
        </div>
      </div>
      <div className="min-h-0 grow overflow-auto px-2 pb-3">
        {!data && fetching && <div className="px-2"><SkeletonLines lines={7} label={t`Loading tables`} /></div>}
        {error && !data && (
          <div role="alert" className="grid justify-items-start gap-2 px-2 text-sm text-muted">
            {errorText(error)}
            <Button small icon="refresh" onClick={() => retry({ requestPolicy: "network-only" })}><Trans>Try again</Trans></Button>
          </div>
        )}
        {data && items.length === 0 && <p className="px-2 py-3 text-sm text-muted">{sought ? t`No table is called “${sought}”.` : t`There are no tables yet.`}</p>}
        <ul ref={list} role="tree" aria-label={t`Tables`} onKeyDown={onKey}>
          {items.map((item) => {
            const chosen = item.kind === "table" && item.fullName === open;
            return (
              <li key={item.key} data-key={item.key} role="treeitem" aria-level={item.level} aria-selected={chosen} aria-expanded={item.kind === "table" ? undefined : !closed.has(item.key)}
                tabIndex={item.key === focused ? 0 : -1} onClick={() => choose(item)} title={item.kind === "table" ? item.fullName : item.name}
                className={`flex h-7.5 cursor-pointer items-center gap-1.5 rounded-md pr-2 text-sm focus-visible:-outline-offset-2 ${chosen ? "bg-soft font-medium text-accent" : "hover:bg-hover"}`}
                style={{ paddingLeft: 6 + (item.level - 1) * 14 }}>
                {item.kind === "table"
                  ? <Icon name="table" size={14} className={`ml-4 ${chosen ? "" : "text-muted"}`} />
                  : <><Icon name={closed.has(item.key) ? "right" : "down"} size={11} className="text-muted" /><Icon name={item.kind === "catalog" ? "data" : "folder"} size={14} className="text-muted" /></>}
                <span className="truncate">{item.name}</span>
                {item.kind === "namespace" && <span className="numeric ml-auto text-xs text-muted">{item.count}</span>}
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
