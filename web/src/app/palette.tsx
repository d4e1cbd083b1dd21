import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState, type KeyboardEvent } from "react";
import { useQuery } from "urql";
import { placesFor } from "@/app/places";
import { graphql } from "@/gql/gql";
import { Dialog } from "@/ui/dialog";
import { Icon, type IconName } from "@/ui/icon";
import { setTheme } from "@/ui/theme";

const Find = graphql(`
  query Find($search: String) {
    tables(first: 12, search: $search) {
      edges {
        node {
          id
          fullName
          catalogName
          namespace
          name
        }
      }
    }
    dashboards(first: 8, search: $search) {
      edges {
        node {
          id
          name
        }
      }
    }
    savedQueries(first: 8, search: $search) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

type Entry = { key: string; kind: string; name: string; icon: IconName; words?: string; go: () => void };

/** Jumps to anything by its name. */
export function Palette({ admin, onClose, onShortcuts }: { admin: boolean; onClose: () => void; onShortcuts: () => void }) {
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const asked = useDeferredValue(search.trim());
  const [{ data, fetching }] = useQuery({ query: Find, variables: { search: asked || null } });
  const [at, setAt] = useState(0);

  const pages: Entry[] = [
    ...placesFor(admin).map(({ to, name, icon, words }): Entry => ({ key: to, kind: t`Page`, name, icon, words, go: () => void navigate({ to }) })),
    { key: "light", kind: t`Theme`, name: t`Light theme`, icon: "sun", go: () => setTheme("light") },
    { key: "dark", kind: t`Theme`, name: t`Dark theme`, icon: "moon", go: () => setTheme("dark") },
    { key: "keys", kind: t`Help`, name: t`Shortcuts`, icon: "keyboard", go: onShortcuts },
  ];
  // What was found for fewer letters is narrowed at once, so that Enter never opens something else.
  const typed = search.trim().toLowerCase();
  const fits = (entry: Entry) => `${entry.name} ${entry.words ?? ""}`.toLowerCase().includes(typed);
  const found: Entry[] = [
    ...pages.filter(() => typed !== ""),
    ...(data?.tables.edges ?? []).map(({ node }): Entry => ({
      key: node.id, kind: t`Table`, name: node.fullName, icon: "table",
      go: () => void navigate({ to: "/data/$catalog/$namespace/$table", params: { catalog: node.catalogName, namespace: node.namespace, table: node.name } }),
    })),
    ...(data?.dashboards.edges ?? []).map(({ node }): Entry => ({
      key: node.id, kind: t`Dashboard`, name: node.name, icon: "dashboards", go: () => void navigate({ to: "/dashboards/$id", params: { id: node.id } }),
    })),
    ...(data?.savedQueries.edges ?? []).map(({ node }): Entry => ({
      key: node.id, kind: t`Saved query`, name: node.name, icon: "save", go: () => void navigate({ to: "/sql", search: { saved: node.id } }),
    })),
    ...pages.filter(() => typed === ""),
  ];
  // Words that are no name may be a question.
  const question: Entry[] = typed.includes(" ") && !fetching
    ? [{ key: "ask", kind: t`Ask`, name: search.trim(), icon: "ask", go: () => void navigate({ to: "/ask", search: { q: search.trim() } }) }] : [];
  const entries = [...found.filter(fits), ...question];
  const chosen = Math.min(at, entries.length - 1);
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.go();
  };
  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1 }[event.key];
    if (event.key === "Enter") {
      event.preventDefault();
      go(entries[chosen]);
    } else if (to !== undefined && entries.length) {
      event.preventDefault();
      const next = (to + entries.length) % entries.length;
      setAt(next);
      document.getElementById(`palette-${next}`)?.scrollIntoView({ block: "nearest" });
    }
  };
  return (
    <Dialog title={t`Find`} onClose={onClose} bare wide>
      <div className="flex items-center gap-3 border-b border-line px-4 text-muted">
        <Icon name="search" size={18} />
        <input role="combobox" aria-expanded="true" aria-controls="palette" aria-activedescendant={entries.length ? `palette-${chosen}` : undefined}
          aria-label={t`Find tables, dashboards, queries, pages`} placeholder={t`Tables, dashboards, queries, pages`} value={search} onKeyDown={onKey}
          onChange={(event) => { setSearch(event.target.value); setAt(0); }}
          className="h-12 w-full bg-transparent text-base text-text outline-none placeholder:text-muted" />
      </div>
      <ul id="palette" role="listbox" aria-label={t`Found`} className="max-h-[50vh] overflow-auto p-2">
        {entries.map((entry, i) => (
          <li key={entry.key} id={`palette-${i}`} role="option" aria-selected={i === chosen} onClick={() => go(entry)} onPointerMove={() => setAt(i)}
            className={`flex h-9 cursor-pointer items-center gap-3 rounded-md px-2.5 text-sm ${i === chosen ? "bg-soft" : ""}`}>
            <Icon name={entry.icon} className={i === chosen ? "text-accent" : "text-muted"} />
            <span className="min-w-0 grow truncate">{entry.name}</span>
            <span className="text-xs text-muted">{entry.kind}</span>
          </li>
        ))}
      </ul>
      {entries.length === 0 && !fetching && <p className="px-5 pt-1 pb-5 text-sm text-muted"><Trans>Nothing is called “{search.trim()}”.</Trans></p>}
    </Dialog>
  );
}
