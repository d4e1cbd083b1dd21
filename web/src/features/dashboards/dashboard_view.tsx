import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link, useBlocker } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useMutation, useQuery, useSubscription, type Client, type RequestPolicy } from "urql";
import { AboutDialog } from "@/features/dashboards/about_dialog";
import { AsOfBanner, AsOfDialog } from "@/features/dashboards/as_of";
import { toDraft, toTileInputs, toVariableInputs, type DashboardDraft, type TileDraft } from "@/features/dashboards/draft";
import { DashboardFields, UpdateDashboard } from "@/features/dashboards/fields";
import { choose, undoChoice, type Filter } from "@/features/dashboards/filters";
import { askForScreen, useFullScreen } from "@/features/dashboards/full_screen";
import { findPlace, settle } from "@/features/dashboards/layout";
import { keptScope, toScopeInput } from "@/features/dashboards/kept_scope";
import { useKeptTiles } from "@/features/dashboards/kept_tiles";
import { RefreshDialog } from "@/features/dashboards/refresh_dialog";
import { ScopeBar } from "@/features/dashboards/scope_bar";
import { printPage, savePicture } from "@/features/dashboards/snapshot";
import { TileDialog } from "@/features/dashboards/tile_dialog";
import { TileGrid } from "@/features/dashboards/tile_grid";
import { blankTile, tileSorts, type TileSort } from "@/features/dashboards/tile_sorts";
import { TileView, type RenderTooEarly } from "@/features/dashboards/tile_view";
import { useScope } from "@/features/dashboards/use_scope";
import { VersionsDialog } from "@/features/dashboards/versions_dialog";
import { isNarrowed, scopeWords, shownOf, stateOf, type Shown, type ViewState } from "@/features/dashboards/view_state";
import { WatchTables } from "@/features/dashboards/watch_tables";
import { readFragment } from "@/gql/fragment-masking";
import type { DashboardFieldsFragment } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { copyText } from "@/ui/copy";
import { Confirm, Dialog, DialogActions } from "@/ui/dialog";
import { errorCode, errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { Ago } from "@/ui/moment";
import { Page } from "@/ui/page";
import { Empty, Failed, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";

const DashboardById = graphql(`
  query DashboardById($id: ID!) {
    dashboard(id: $id) {
      id
      ...DashboardFields
    }
  }
`);

const DashboardChanged = graphql(`
  subscription DashboardChanged($id: ID!) {
    dashboardChanged(id: $id) {
      id
      ...DashboardFields
    }
  }
`);

const DeleteDashboard = graphql(`
  mutation DeleteDashboard($id: ID!) {
    deleteDashboard(id: $id)
  }
`);

type Props = {
  canEdit: boolean;
  state: ViewState;
  onState: (fields: Partial<ViewState>) => void;
  renderInsight: (id: string) => ReactNode;
  renderTooEarly: RenderTooEarly;
  onGone: () => void;
};

export const fetchDashboard = (client: Client, id: string) => client.query(DashboardById, { id }).toPromise();

/** A dashboard; how it is looked at is the address's. */
export function DashboardView({ id, policy, ...rest }: Props & { id: string; policy: RequestPolicy }) {
  const [{ data, error }, retry] = useQuery({ query: DashboardById, variables: { id }, requestPolicy: policy });
  useSubscription({ query: DashboardChanged, variables: { id } });
  const again = () => retry({ requestPolicy: "network-only" });
  if (error && !data?.dashboard) return <Failed message={errorText(error)} onRetry={again} />;
  if (!data) {
    return (
      <Page title={t`Dashboard`} wide>
        <div role="status" className="grid gap-4 md:grid-cols-3"><span className="sr-only"><Trans>Loading</Trans></span><Skeleton className="h-40" /><Skeleton className="h-40" /><Skeleton className="h-40" /><Skeleton className="h-72 md:col-span-2" /><Skeleton className="h-72" /></div>
      </Page>
    );
  }
  if (!data.dashboard) {
    return (
      <Empty icon="dashboards" title={t`There is no such dashboard`} action={<Link to="/dashboards" className={buttonClass("solid")}><Trans>See all dashboards</Trans></Link>}>
        <p><Trans>It was deleted, or it is not shared with you.</Trans></p>
      </Empty>
    );
  }
  return <Loaded dashboard={readFragment(DashboardFields, data.dashboard)} onReload={again} {...rest} />;
}

type Overlay = { kind: "tile"; tile: TileDraft } | { kind: "remove"; tile: TileDraft } | { kind: "about" } | { kind: "versions" } | { kind: "refresh" } | { kind: "as of" } | { kind: "delete" } | { kind: "conflict" } | { kind: "discard" };

function Loaded({ dashboard, canEdit, state: asked, onState: ask, renderInsight, renderTooEarly, onGone, onReload }: Props & { dashboard: DashboardFieldsFragment; onReload: () => void }) {
  const scope = useMemo(() => keptScope(dashboard.scope), [dashboard.scope]);
  const state = useMemo(() => shownOf(asked, scope), [asked, scope]);
  const onState = useCallback((fields: Partial<Shown>) => ask(stateOf({ ...state, ...fields }, scope)), [ask, state, scope]);
  const [edited, setEdited] = useState<{ draft: DashboardDraft; version: number; changed: boolean } | null>(null);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const [{ round, now }, setAsked] = useState(() => ({ round: 0, now: Date.now() }));
  const again = useCallback(() => {
    const moment = Date.now();
    setAsked((old) => ({ round: old.round + 1, now: moment }));
  }, []);
  const page = useRef<HTMLDivElement>(null);
  const [{ fetching: saving }, update] = useMutation(UpdateDashboard);
  const [, remove] = useMutation(DeleteDashboard);
  const kept = useMemo(() => toDraft(dashboard), [dashboard]);
  const draft = edited?.draft ?? kept;
  const editing = edited !== null;
  const keptTiles = useKeptTiles(dashboard.id);
  const { names, onTables, roundOf, onTableChange } = useTables();
  const { values, filters, asOf } = state;
  const full = state.full && !editing;
  const { tables, timeColumns, timeColumn, scopes } = useScope(draft.tiles, draft.variables, state, now);
  useFullScreen(full, useCallback(() => onState({ full: false }), [onState]));
  useEscape(!full && filters.some((filter) => filter.tile), () => onState({ filters: undoChoice(filters) }));
  useBlocker({ shouldBlockFn: () => !confirm(t`Leave without saving the changes to this dashboard?`), enableBeforeUnload: edited?.changed ?? false, disabled: !edited?.changed });

  const seconds = draft.refreshSeconds;
  useEffect(() => {
    if (!seconds || editing || asOf) return;
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, editing, asOf, again]);

  const change = (fields: Partial<DashboardDraft>) =>
    setEdited((old) => ({ draft: { ...(old?.draft ?? kept), ...fields }, version: old?.version ?? dashboard.version, changed: true }));
  const edit = () => setEdited({ draft: kept, version: dashboard.version, changed: false });
  const setTile = (tile: TileDraft) => {
    const there = draft.tiles.some((each) => each.id === tile.id);
    change({ tiles: settle(there ? draft.tiles.map((each) => (each.id === tile.id ? tile : each)) : [...draft.tiles, tile]) });
  };
  const add = (sort: TileSort) => {
    if (!editing) edit();
    const { width, height } = tileSorts[sort];
    setOverlay({ kind: "tile", tile: { ...blankTile(sort), ...findPlace(draft.tiles, width, height), width, height } });
  };
  const save = async (version = edited?.version ?? dashboard.version) => {
    const result = await update({
      input: {
        id: dashboard.id, version, name: draft.name, description: draft.description || null, refreshSeconds: draft.refreshSeconds,
        tiles: toTileInputs(draft.tiles), variables: toVariableInputs(draft.variables),
      },
    });
    if (result.data) {
      setEdited(null);
      setOverlay(null);
      toast(t`Saved the dashboard`);
    } else if (result.error && errorCode(result.error).includes("CONFLICT")) {
      onReload();
      setOverlay({ kind: "conflict" });
    } else if (result.error) toast(errorText(result.error), "failed");
  };
  const keepScope = async () => {
    const result = await update({ input: { id: dashboard.id, version: dashboard.version, scope: toScopeInput(state) } });
    if (result.error) return toast(errorText(result.error), "failed");
    ask({ range: null, timeColumn: null, filters: null });
    toast(t`“${dashboard.name}” opens like this from now on`);
  };
  const destroy = async () => {
    const result = await remove({ id: dashboard.id });
    if (result.error) return toast(errorText(result.error), "failed");
    toast(t`Deleted “${dashboard.name}”`);
    onGone();
  };
  const close = () => setOverlay(null);
  const behind = edited !== null && edited.version !== dashboard.version && !saving;

  const choices = editing || !tables ? null : { tables, timeColumn, chosen: filters, onChoose: (tileId: string, chosen: readonly Filter[]) => onState({ filters: choose(filters, tileId, chosen) }) };
  const share = async () => {
    if (await copyText(location.href)) toast(t`Copied the link: it shows your organization what you see now`);
  };
  const showFull = () => {
    void askForScreen();
    onState({ full: true });
  };

  return (
    <div ref={page}>
    <Page title={draft.name} wide lead={
      <>
        {draft.description && <p>{draft.description}</p>}
        {!draft.description && <p className="text-xs"><Trans>Saved by {dashboard.updatedBy}, <Ago at={dashboard.updatedAt} /></Trans></p>}
        <p data-words className="mt-1 text-xs">{scopeWords(state, draft.variables)}</p>
      </>
    } actions={<span data-controls className="flex flex-wrap items-center gap-2">{editing ? (
      <>
        <Menu label={t`Add a tile`} className={buttonClass()} button={<><Icon name="plus" /> <Trans>Add</Trans></>} items={Object.entries(tileSorts).map(([sort, { label, icon }]) => ({ label, icon, onSelect: () => add(sort as TileSort) }))} />
        <Button icon="sliders" onClick={() => setOverlay({ kind: "about" })}><Trans>About</Trans></Button>
        <Button onClick={() => (edited.changed ? setOverlay({ kind: "discard" }) : setEdited(null))}><Trans>Cancel</Trans></Button>
        <Button kind="solid" icon="save" busy={saving} disabled={!edited.changed} onClick={() => void save()}><Trans>Save</Trans></Button>
      </>
    ) : full ? <IconButton icon="close" kind="plain" className="!size-8.5" label={t`Leave full screen`} onClick={() => onState({ full: false })} /> : (
      <>
        <Button icon="refresh" onClick={again}><Trans>Refresh</Trans></Button>
        <IconButton icon="screen" kind="plain" className="!size-8.5" label={t`Full screen`} onClick={showFull} />
        <Menu label={t`Share this dashboard`} className={buttonClass("plain") + " w-8.5 !px-0"} button={<Icon name="share" />} items={[
          { label: t`Copy the link`, icon: "copy", onSelect: () => void share() },
          { label: t`Save as a picture`, icon: "download", onSelect: () => void savePicture(page.current!, draft.name) },
          { label: t`Print, or save as PDF`, icon: "evidence", onSelect: () => void printPage() },
        ]} />
        {canEdit && <Button icon="pencil" onClick={edit}><Trans>Edit</Trans></Button>}
        <Menu label={t`More about this dashboard`} className={buttonClass("plain") + " w-8.5 !px-0"} button={<Icon name="more" />} items={[
          { label: t`Versions`, icon: "history", onSelect: () => setOverlay({ kind: "versions" }) },
          ...(canEdit ? [
            { label: t`Refresh by the clock`, icon: "clock" as const, onSelect: () => setOverlay({ kind: "refresh" }) },
            { label: t`Delete`, icon: "trash" as const, danger: true, onSelect: () => setOverlay({ kind: "delete" }) },
          ] : []),
        ]} />
      </>
    )}</span>}>
      {behind && (
        <p role="status" className="mb-4 flex items-center gap-2 rounded-lg bg-warn-soft px-4 py-2 text-sm text-warn">
          <Icon name="info" /> <Trans>{dashboard.updatedBy} has saved version {dashboard.version} since you began. Saving will ask what to do.</Trans>
        </p>
      )}
      {editing && <p className="mb-4 text-xs text-muted"><Trans>Drag a tile by its heading, or go to it with Tab: arrow keys move it, with Shift they size it, Enter edits, Delete removes.</Trans></p>}
      {asOf && <AsOfBanner asOf={asOf} onChange={() => setOverlay({ kind: "as of" })} onNow={() => onState({ asOf: null })} />}
      {!full && draft.tiles.some((tile) => tile.statement) && (
        <ScopeBar state={state} onState={onState} narrowed={!isNarrowed(asked) ? null : {
          onReset: () => ask({ range: null, timeColumn: null, filters: null }),
          onKeep: canEdit && !editing ? () => void keepScope() : null,
        }} variables={draft.variables} tables={tables} timeColumns={timeColumns} timeColumn={timeColumn} onAsOf={() => setOverlay({ kind: "as of" })} />
      )}
      {draft.tiles.length === 0 ? (
        <div className="panel">
          <Empty icon="dashboards" title={t`No tiles yet`} action={canEdit && (
            <>
              <Button kind="solid" icon="chart" onClick={() => add("chart")}><Trans>Add chart</Trans></Button>
              <Button icon="text" onClick={() => add("text")}><Trans>Add text</Trans></Button>
            </>
          )}>
            <p>{canEdit ? <><Trans>Add a chart from a statement here, or from a result on the page <Link to="/sql" className="font-medium text-accent underline underline-offset-2">SQL</Link>.</Trans></> : t`Somebody who may edit can add charts and text.`}</p>
          </Empty>
        </div>
      ) : (
        <TileGrid tiles={draft.tiles} editing={editing} noteOf={(tile) => apartNote(scopes.get(tile.id)?.apart ?? [])}
          onTiles={(tiles) => change({ tiles })} onEdit={(tile) => setOverlay({ kind: "tile", tile })} onRemove={(tile) => setOverlay({ kind: "remove", tile })}>
          {(tile) => (
            <TileView tile={tile} variables={draft.variables} scope={scopes.get(tile.id)!} asOf={asOf} round={round + roundOf(tile.id)} kept={keptTiles.get(tile.id)}
              onTables={onTables} choices={choices} renderInsight={renderInsight} renderTooEarly={renderTooEarly} />
          )}
        </TileGrid>
      )}
      {!seconds && !editing && !asOf && <WatchTables names={names} onChange={onTableChange} />}

      {overlay?.kind === "tile" && <TileDialog tile={overlay.tile} variables={draft.variables} values={values} onDone={setTile} onClose={close} />}
      {overlay?.kind === "about" && <AboutDialog draft={draft} onDone={change} onClose={close} />}
      {overlay?.kind === "as of" && <AsOfDialog asOf={asOf} tables={tables ?? []} onDone={(at) => onState({ asOf: at })} onClose={close} />}
      {overlay?.kind === "versions" && <VersionsDialog id={dashboard.id} current={dashboard.version} canEdit={canEdit} onClose={close} />}
      {overlay?.kind === "refresh" && <RefreshDialog id={dashboard.id} onClose={close} />}
      {overlay?.kind === "remove" && (
        <Confirm title={t`Remove ${overlay.tile.title ? `“${overlay.tile.title}”` : t`this tile`}?`} action={t`Remove`} onClose={close}
          onConfirm={() => change({ tiles: settle(draft.tiles.filter((tile) => tile.id !== overlay.tile.id)) })}>
          <p><Trans>It is gone when the dashboard is saved; earlier versions keep it.</Trans></p>
        </Confirm>
      )}
      {overlay?.kind === "discard" && (
        <Confirm title={t`Throw the changes away?`} action={t`Throw away`} onClose={close} onConfirm={() => setEdited(null)}><p><Trans>The dashboard stays as it was saved last.</Trans></p></Confirm>
      )}
      {overlay?.kind === "delete" && (
        <Confirm title={t`Delete “${dashboard.name}”?`} action={t`Delete`} onClose={close} onConfirm={destroy}><p><Trans>It goes with all its versions, for everybody.</Trans></p></Confirm>
      )}
      {overlay?.kind === "conflict" && (
        <Dialog title={t`Somebody else saved meanwhile`} onClose={close}>
          <p className="text-sm text-muted"><Trans>{dashboard.updatedBy} has saved version {dashboard.version}. Yours began at version {edited?.version}. The other one is kept among the versions whatever you choose.</Trans></p>
          <DialogActions>
            <Button onClick={close}><Trans>Go on editing</Trans></Button>
            <Button kind="danger" onClick={() => { setEdited(null); close(); }}><Trans>Take theirs</Trans></Button>
            <Button kind="solid" busy={saving} onClick={() => void save(dashboard.version)}><Trans>Save mine over it</Trans></Button>
          </DialogActions>
        </Dialog>
      )}
    </Page>
    </div>
  );
}

/** Says quietly what did not reach a tile. */
function apartNote(columns: readonly string[]): ReactNode {
  if (columns.length === 0) return null;
  const words = t`not by ${columns.join(", ")}`;
  return <span title={t`This tile is not narrowed by ${columns.join(", ")}: its tables have no such column.`} className="max-w-[55%] shrink-0 truncate pr-2 text-xs text-muted">{words}</span>;
}

/** Escape, where nothing else takes it: no dialog, no field. */
function useEscape(wanted: boolean, act: () => void) {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  }, [act]);
  useEffect(() => {
    if (!wanted) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      if (event.target instanceof HTMLElement && event.target.matches("input, select, textarea, [contenteditable]")) return;
      latest.current();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [wanted]);
}

/** Which tables each tile was drawn from, and how often those have changed since. */
function useTables() {
  const [byTile, setByTile] = useState<Readonly<Record<string, readonly string[]>>>({});
  const [changes, setChanges] = useState<Readonly<Record<string, number>>>({});
  const onTables = useCallback((tileId: string, tables: readonly string[]) => {
    setByTile((old) => (old[tileId]?.join() === tables.join() ? old : { ...old, [tileId]: tables }));
  }, []);
  const names = useMemo(() => [...new Set(Object.values(byTile).flat())].sort(), [byTile]);

  // At most once in three seconds, however often rows come in.
  const changed = useRef(new Set<string>());
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pending.current), []);
  const onTableChange = useCallback((name: string) => {
    changed.current.add(name);
    pending.current ??= setTimeout(() => {
      const all = [...changed.current];
      changed.current.clear();
      pending.current = undefined;
      setChanges((old) => ({ ...old, ...Object.fromEntries(all.map((each) => [each, (old[each] ?? 0) + 1])) }));
    }, 3000);
  }, []);
  const roundOf = (tileId: string) => (byTile[tileId] ?? []).reduce((sum, name) => sum + (changes[name] ?? 0), 0);
  return { names, onTables, roundOf, onTableChange };
}
