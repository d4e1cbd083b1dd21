import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type Ref } from "react";
import { useClient, useMutation } from "urql";
import type { EditorHandle, Suggestion } from "@/features/sql/code_mirror";
import { AsOfBar } from "@/features/sql/as_of_bar";
import { Editor } from "@/features/sql/editor";
import { fromBytes, lineAndColumn, placeOfError, wordAt } from "@/features/sql/offsets";
import type { DownloadFormat } from "@/features/sql/export_menu";
import { PlanDialog } from "@/features/sql/plan_dialog";
import { ResultPanel } from "@/features/sql/result_panel";
import { SaveDialog } from "@/features/sql/save_dialog";
import { isChanged, tabTitle, type SqlTab } from "@/features/sql/tabs";
import { useRun } from "@/features/sql/use_run";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { errorCode, errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { Split } from "@/ui/split";
import { Badge } from "@/ui/states";
import { toast } from "@/ui/toast";

const Completions = graphql(`
  query Completions($statement: String!) {
    completions(statement: $statement, first: 30) {
      text
      kind
      start
    }
  }
`);

const UpdateSavedQuery = graphql(`
  mutation UpdateSavedQuery($input: UpdateSavedQueryInput!) {
    updateSavedQuery(input: $input) {
      id
      name
      statement
      version
    }
  }
`);

export type TooEarly = { table: string; statement: string; asOf: string; onAsOf: (at: string) => void; otherwise: ReactNode };

type Props = {
  tab: SqlTab;
  canEdit: boolean;
  onChange: (fields: Partial<SqlTab>) => void;
  download: (statement: string, asOf: string | null, format: DownloadFormat) => Promise<string | null>;
  addToDashboard: (chart: { statement: string; spec: ChartSpec; onClose: () => void }) => ReactNode;
  /** What stands in the place of rows of a table that was perhaps not there yet. */
  renderTooEarly: (asked: TooEarly) => ReactNode;
  panels: ReactNode;
  ref: Ref<EditorHandle>;
};

const menuButton = "inline-flex h-8.5 items-center gap-1.5 rounded-md px-2 text-sm font-medium text-muted hover:bg-hover hover:text-text sm:px-3";

/** One tab: editor above, what became of its statement below. */
export function TabPane({ tab, canEdit, onChange, download, addToDashboard, renderTooEarly, panels, ref }: Props) {
  const editor = useRef<EditorHandle>(null);
  useEffect(() => {
    if (typeof ref === "function") ref(editor.current);
    else if (ref) ref.current = editor.current;
  });
  const client = useClient();
  const navigate = useNavigate();
  const { view, run, cancel, more } = useRun(tab.runId, (runId) => onChange({ runId }));
  const [, update] = useMutation(UpdateSavedQuery);
  const [saving, setSaving] = useState(false);
  const [planned, setPlanned] = useState<string | null>(null);
  const [travelling, setTravelling] = useState(false);
  const [charting, setCharting] = useState<ChartSpec | null>(null);
  const running = view.phase === "running";

  const start = () => {
    if (running) return;
    const { from, to } = editor.current?.selection() ?? { from: 0, to: 0 };
    const part = tab.statement.slice(from, to);
    const statement = part.trim() ? part : tab.statement;
    if (!statement.trim()) return;
    void run(statement, tab.asOf, part.trim() ? from : 0);
  };
  const askAsOf = (asOf: string | null) => {
    onChange({ asOf });
    void run(tab.statement, asOf, 0);
  };
  const complete = useCallback(async (upToCursor: string): Promise<Suggestion[] | null> => {
    const { data } = await client.query(Completions, { statement: upToCursor }, { requestPolicy: "cache-first" }).toPromise();
    return data?.completions.map(({ text, kind, start: bytes }) => ({ text, kind, from: fromBytes(upToCursor, bytes) })) ?? null;
  }, [client]);

  const error = useMemo(() => {
    const { run: ended, offset } = view;
    if (!ended?.error || view.phase !== "ended") return null;
    // Typing on after an error takes its mark away.
    if (tab.statement.slice(offset, offset + ended.statement.length) !== ended.statement) return null;
    const { message, at } = placeOfError(ended.statement, ended.error);
    if (at === null) return null;
    const { from, to } = wordAt(ended.statement, at);
    return { from: offset + from, to: offset + to, message };
  }, [view, tab.statement]);
  const errorPlace = error && lineAndColumn(tab.statement, error.from);

  const save = async () => {
    if (!tab.saved) return setSaving(true);
    const result = await update({ input: { id: tab.saved.id, statement: tab.statement, version: tab.saved.version } });
    if (result.data) {
      const { id, version, statement, name } = result.data.updateSavedQuery;
      onChange({ saved: { id, version, statement } });
      toast(t`Saved “${name}”`);
    } else if (result.error && errorCode(result.error).includes("CONFLICT")) {
      toast(t`Somebody else saved this query meanwhile. Open it again from Saved, or save yours under another name.`, "failed");
    } else if (result.error) toast(errorText(result.error), "failed");
  };
  const format = async () => {
    const { formatSql } = await import("@/features/sql/format_sql");
    const formatted = formatSql(tab.statement);
    if (formatted === null) toast(t`This cannot be read as SQL yet, so it stays as it is.`, "failed");
    else onChange({ statement: formatted });
  };
  const fetchFile = async (format: DownloadFormat) => {
    const problem = await download(view.run?.statement ?? tab.statement, tab.asOf, format);
    if (problem) toast(problem, "failed");
  };
  const automate = (kind: "queries" | "alerts") => void navigate({ to: "/automation", search: { tab: kind, ...(tab.statement.trim() ? { q: tab.statement } : {}) } });
  const empty = tab.statement.trim() === "";
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-surface px-3 py-2">
        {running
          ? <Button kind="danger" icon="stop" onClick={() => void cancel()}><Trans>Cancel</Trans></Button>
          : <Button kind="solid" icon="play" disabled={empty} onClick={start}><Trans>Run</Trans></Button>}
        {canEdit && <Button icon="save" disabled={empty || (tab.saved !== null && !isChanged(tab))} onClick={() => void save()}><Trans>Save</Trans></Button>}
        {canEdit && tab.saved && <Button kind="quiet" onClick={() => setSaving(true)}><Trans>Save as</Trans></Button>}
        <Menu label={t`More for this statement`} align="left" className={menuButton} button={<><Icon name="sliders" size={15} /> <span className="hidden sm:inline"><Trans>Statement</Trans></span></>}
          items={[
            { label: t`Format`, icon: "text", onSelect: () => void format() },
            { label: t`Show its plan`, icon: "evidence", onSelect: () => { if (!empty) setPlanned(tab.statement); } },
            { label: t`Ask as of another time`, icon: "history", onSelect: () => { if (!empty) setTravelling(true); } },
          ]} />
        {canEdit && (
          <Menu label={t`Automate`} align="left" className={menuButton} button={<><Icon name="clock" size={15} /> <span className="hidden sm:inline"><Trans>Automate</Trans></span></>}
            items={[
              { label: t`Ask it by the clock`, icon: "clock", onSelect: () => automate("queries") },
              { label: t`Alert on its number`, icon: "bell", onSelect: () => automate("alerts") },
            ]} />
        )}
        {tab.asOf && (
          <span className="inline-flex items-center gap-1 rounded-md bg-warn-soft pl-2 text-xs text-warn">
            <Icon name="history" size={13} /> <Trans>as of <span className="max-w-32 truncate font-mono">{tab.asOf}</span></Trans>
            <button type="button" aria-label={t`Query the present again`} onClick={() => onChange({ asOf: null })} className="grid size-7 place-items-center rounded-md hover:bg-hover"><Icon name="close" size={12} /></button>
          </span>
        )}
        {isChanged(tab) && <Badge><Trans>not saved</Trans></Badge>}
        <div className="ml-auto flex items-center gap-1">{panels}</div>
      </div>
      {travelling && <AsOfBar statement={tab.statement} asOf={tab.asOf} onClose={() => setTravelling(false)} onChange={askAsOf} />}
      <Split label={t`Editor and result`} storeAs="firn.sql.split"
        above={<Editor ref={editor} label={t`SQL: ${tabTitle(tab)}`} value={tab.statement} onChange={(statement) => onChange({ statement })} onRun={start} complete={complete} error={error} />}
        below={<ResultPanel view={view} asOf={tab.asOf} canEdit={canEdit} errorPlace={errorPlace} onGoToError={() => error && editor.current?.goTo(error.from)} onMore={more} onDownload={(format) => void fetchFile(format)}
          renderTooEarly={(asked) => renderTooEarly({ ...asked, asOf: tab.asOf!, onAsOf: askAsOf })}
          addToDashboard={(spec) => <Button icon="dashboards" onClick={() => setCharting(spec)}><Trans>Add to dashboard</Trans></Button>} />} />
      {saving && <SaveDialog statement={tab.statement} onClose={() => setSaving(false)}
        onSaved={({ id, name, version, statement }) => onChange({ title: name, saved: { id, version, statement } })} />}
      {planned && <PlanDialog statement={planned} onClose={() => setPlanned(null)} />}
      {charting && addToDashboard({ statement: view.run?.statement ?? tab.statement, spec: charting, onClose: () => setCharting(null) })}
    </>
  );
}
