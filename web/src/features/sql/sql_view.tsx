import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useClient } from "urql";
import type { EditorHandle } from "@/features/sql/code_mirror";
import { HistoryPanel } from "@/features/sql/history_panel";
import type { DownloadFormat } from "@/features/sql/export_menu";
import { SavedPanel, type Saved } from "@/features/sql/saved_panel";
import { TabPane, type TooEarly } from "@/features/sql/tab_pane";
import { changeTab, closeTab, isChanged, loadTabs, openTab, storeTabs, tabTitle, type SqlTab } from "@/features/sql/tabs";
import { graphql } from "@/gql/gql";
import { IconButton } from "@/ui/button";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { Dialog } from "@/ui/dialog";
import { Icon } from "@/ui/icon";
import { useTitle } from "@/ui/page";
import { TabPanel, Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";

const SavedQueryById = graphql(`
  query SavedQueryById($id: ID!) {
    savedQuery(id: $id) {
      id
      name
      statement
      version
    }
  }
`);

type Panel = "tables" | "history" | "saved";

type Props = {
  /** Whose tabs these are. */
  viewerId: string;
  canEdit: boolean;
  /** What the address asks for. */
  wanted: { saved?: string; q?: string; asOf?: string };
  /** The address goes with the tab: the saved query that it shows, if any. */
  onShown: (saved: string | undefined) => void;
  tables: (onOpen: (fullName: string) => void) => ReactNode;
  download: (statement: string, asOf: string | null, format: DownloadFormat) => Promise<string | null>;
  addToDashboard: (chart: { statement: string; spec: ChartSpec; onClose: () => void }) => ReactNode;
  /** What stands in the place of rows of a table that was perhaps not there yet. */
  renderTooEarly: (asked: TooEarly) => ReactNode;
};

export function SqlView({ viewerId, canEdit, wanted, onShown, tables, download, addToDashboard, renderTooEarly }: Props) {
  useTitle(t`SQL`);
  const client = useClient();
  const [state, setState] = useState(() => loadTabs(viewerId));
  useEffect(() => storeTabs(viewerId, state), [viewerId, state]);
  const [visited, setVisited] = useState<ReadonlySet<string>>(new Set());
  if (!visited.has(state.active)) setVisited(new Set([...visited, state.active]));
  const [panel, setPanel] = useState<Panel>("tables");
  const [drawer, setDrawer] = useState(false);
  const [editors] = useState(() => new Map<string, EditorHandle | null>());
  const active = state.tabs.find((tab) => tab.id === state.active) ?? state.tabs[0]!;

  const open = useCallback((fields: Partial<SqlTab>) => setState((old) => openTab(old, fields)), []);
  const openSaved = useCallback(({ id, name, statement, version }: Saved) => open({ title: name, statement, saved: { id, version, statement } }), [open]);

  // The address is followed once; afterwards it follows the tab.
  const { saved: wantedId, q, asOf } = wanted;
  const settled = useRef<string | undefined>(undefined);
  const [taken, setTaken] = useState<string | undefined>(undefined);
  if (q !== taken) {
    setTaken(q);
    if (q) setState((old) => openTab(old, { statement: q, asOf: asOf ?? null }));
  }
  useEffect(() => {
    if (q) {
      settled.current = undefined;
      onShown(undefined);
    } else if (wantedId && wantedId !== settled.current) {
      settled.current = wantedId;
      void client.query(SavedQueryById, { id: wantedId }, { requestPolicy: "network-only" }).toPromise().then(({ data }) => {
        if (data?.savedQuery) openSaved(data.savedQuery);
        else toast(t`This saved query does not exist, or is not shared with you.`, "failed");
      });
    }
  }, [q, wantedId, openSaved, client, onShown]);
  const shown = active.saved?.id;
  useEffect(() => {
    if (q || (wantedId && settled.current === wantedId && !shown)) return;
    if (shown !== wantedId && shown !== undefined) {
      settled.current = shown;
      onShown(shown);
    }
  }, [shown, q, wantedId, onShown]);

  const insert = (fullName: string) => {
    setDrawer(false);
    if (active.statement.trim() === "") setState((old) => changeTab(old, active.id, { statement: `SELECT *\nFROM ${fullName}\nLIMIT 100` }));
    else editors.get(active.id)?.insert(fullName);
  };
  const closeDrawer = () => setDrawer(false);
  const side = (
    <>
      <Tabs label={t`Panels`} panelId="panel" active={panel} onSelect={setPanel} tabs={[{ id: "tables", label: t`Tables` }, { id: "history", label: t`History` }, { id: "saved", label: t`Saved` }]} />
      <TabPanel id="panel" active={panel} className="min-h-0 grow">
        {panel === "tables" && tables(insert)}
        {panel === "history" && <HistoryPanel onOpen={({ id, statement }) => { open({ statement, runId: id }); closeDrawer(); }} />}
        {panel === "saved" && <SavedPanel canEdit={canEdit} onOpen={(saved) => { openSaved(saved); closeDrawer(); }} />}
      </TabPanel>
    </>
  );
  return (
    <div className="flex min-h-0 grow">
      <h1 className="sr-only"><Trans>SQL</Trans></h1>
      <aside aria-label={t`Tables, history, saved queries`} className="hidden w-64 shrink-0 flex-col border-r border-line bg-bg lg:flex">{drawer ? null : side}</aside>
      <div className="flex min-w-0 grow flex-col">
        <TabStrip tabs={state.tabs} active={active.id} onSelect={(id) => setState((old) => ({ ...old, active: id }))}
          onClose={(id) => setState((old) => closeTab(old, id))} onNew={() => setState((old) => openTab(old, {}))} />
        {state.tabs.filter((tab) => visited.has(tab.id)).map((tab) => (
          <div key={tab.id} id={`sql-tab-${tab.id}`} role="tabpanel" aria-label={tabTitle(tab)} hidden={tab.id !== active.id} className={tab.id === active.id ? "flex min-h-0 grow flex-col" : ""}>
            <TabPane tab={tab} canEdit={canEdit} download={download} addToDashboard={addToDashboard} renderTooEarly={renderTooEarly}
              ref={(handle) => { editors.set(tab.id, handle); }}
              onChange={(fields) => setState((old) => changeTab(old, tab.id, fields))}
              panels={<IconButton icon="data" label={t`Tables, history, saved queries`} className="lg:hidden" onClick={() => setDrawer(true)} />} />
          </div>
        ))}
      </div>
      {drawer && (
        <Dialog title={t`Tables, history, saved queries`} onClose={closeDrawer}>
          <div className="-m-5 flex h-[65dvh] flex-col">{side}</div>
        </Dialog>
      )}
    </div>
  );
}

function TabStrip({ tabs, active, onSelect, onClose, onNew }: {
  tabs: readonly SqlTab[]; active: string; onSelect: (id: string) => void; onClose: (id: string) => void; onNew: () => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === active);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = tabs[(to + tabs.length) % tabs.length]!;
      onSelect(next.id);
      list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
    } else if (event.key === "Delete") onClose(active);
  };
  return (
    <div className="flex h-10 shrink-0 items-end border-b border-line bg-bg pl-2">
      <div ref={list} role="tablist" aria-label={t`Open queries`} onKeyDown={onKey} className="flex min-w-0 items-end gap-0.5 overflow-x-auto overflow-y-hidden [scrollbar-width:none]">
        {tabs.map((tab) => {
          const here = tab.id === active;
          return (
            <div key={tab.id} role="presentation" className={`-mb-px flex h-8.5 shrink-0 items-center rounded-t-lg border pr-1 ${here ? "border-line border-b-surface bg-surface" : "border-transparent text-muted hover:bg-hover"}`}>
              <button type="button" role="tab" data-tab={tab.id} aria-selected={here} aria-controls={`sql-tab-${tab.id}`} tabIndex={here ? 0 : -1} onClick={() => onSelect(tab.id)}
                className="h-full max-w-48 truncate pr-1.5 pl-3 text-sm focus-visible:-outline-offset-2">
                {tabTitle(tab)}{isChanged(tab) && <span aria-label={t`, not saved`}> •</span>}
              </button>
              {tabs.length > 1 && (
                <span aria-hidden="true" onClick={() => onClose(tab.id)} className="grid size-5 cursor-pointer place-items-center rounded text-muted hover:bg-line hover:text-text"><Icon name="close" size={11} /></span>
              )}
            </div>
          );
        })}
      </div>
      <IconButton icon="plus" label={t`New query`} onClick={onNew} className="mx-1 mb-0.5" />
    </div>
  );
}
