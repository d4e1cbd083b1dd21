import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent, type KeyboardEvent } from "react";
import { useClient } from "urql";
import { parametersOf, type TileDraft, type VariableDraft } from "@/features/dashboards/draft";
import { insightIn } from "@/features/dashboards/insight_link";
import { InsightField } from "@/features/dashboards/insight_field";
import { runTile, type TileResult } from "@/features/dashboards/use_tile";
import { Button } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import { ChartControls } from "@/ui/chart/chart_controls";
import { guessSpec, missingColumns, type ChartSpec } from "@/ui/chart/chart_spec";
import { Dialog, DialogActions } from "@/ui/dialog";
import { TextArea, TextField } from "@/ui/field";
import { Markdown } from "@/ui/markdown";

/** Makes or changes one tile; nothing is saved before the dashboard is. */
export function TileDialog({ tile, variables, values, onDone, onClose }: {
  tile: TileDraft; variables: readonly VariableDraft[]; values: Readonly<Record<string, string>>; onDone: (tile: TileDraft) => void; onClose: () => void;
}) {
  const client = useClient();
  const [draft, setDraft] = useState(tile);
  const [result, setResult] = useState<TileResult | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const statement = draft.statement ?? "";

  const tryOut = async () => {
    if (!statement.trim()) return;
    setBusy(true);
    try {
      const found = await runTile(client, { statement, parameters: parametersOf(statement, variables, values), asOf: null }, draft.spec?.kind !== "TABLE", () => true);
      setResult(found);
      setProblem(null);
      setDraft((old) => (old.spec && missingColumns(old.spec, found.columns).length === 0 ? { ...old, spec: complete(old.spec, found) } : { ...old, spec: guessSpec(found.columns, found.rows) }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : t`Something went wrong.`);
    }
    setBusy(false);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void tryOut();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone(draft);
    onClose();
  };
  const chart = draft.kind === "CHART";
  const insight = draft.text === "insight:" || insightIn(draft.text ?? "") !== null;
  const title = !chart ? (insight ? t`Insight` : t`Text`) : draft.spec?.kind === "NUMBER" ? t`Number` : draft.spec?.kind === "TABLE" ? t`Table` : t`Chart`;
  return (
    <Dialog title={title} onClose={onClose} wide>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label={t`Title`} value={draft.title} onChange={(event) => setDraft({ ...draft, title: event.target.value })} />
        {chart ? (
          <>
            <div onKeyDown={onKey}>
              <TextArea label={t`Statement`} rows={5} required spellCheck={false} className="font-mono text-xs" value={statement} error={problem}
                hint={variables.length ? t`Values: ${variables.map((variable) => `$${variable.name}`).join(", ")}. Ctrl Enter shows it.` : "Ctrl Enter shows it."}
                onChange={(event) => setDraft({ ...draft, statement: event.target.value })} />
            </div>
            <div><Button icon="play" busy={busy} disabled={!statement.trim()} onClick={() => void tryOut()}><Trans>Show it</Trans></Button></div>
            {result && draft.spec && (
              <div className="grid gap-4 sm:grid-cols-[1fr_12rem]">
                <div className="h-64 min-w-0 overflow-hidden rounded-lg border border-line p-2"><Chart label={t`Preview`} columns={result.columns} rows={result.rows} spec={draft.spec} /></div>
                <ChartControls columns={result.columns} spec={draft.spec} onChange={(spec) => setDraft({ ...draft, spec })} />
              </div>
            )}
          </>
        ) : insight ? <InsightField text={draft.text ?? ""} onChange={(text) => setDraft({ ...draft, text })} /> : (
          <>
            <TextArea label={t`Text`} rows={7} hint={t`Markdown: **bold**, lists, links, tables.`} value={draft.text ?? ""} onChange={(event) => setDraft({ ...draft, text: event.target.value })} />
            {draft.text?.trim() && <div className="rounded-lg border border-line p-4"><Markdown text={draft.text} /></div>}
          </>
        )}
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid"><Trans>Done</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A number that is asked for before its columns are known shows the first one that is a number. */
function complete(spec: ChartSpec, { columns, rows }: TileResult): ChartSpec {
  if (spec.y.length > 0 || spec.kind === "TABLE") return spec;
  const { y } = guessSpec(columns, rows.slice(0, 1));
  return { ...spec, y: y.length ? y : columns.slice(0, 1).map((column) => column.name) };
}
