import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { InsightDialog } from "@/features/ask/insight_dialog";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import type { AnsweredBy } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { UnverifiedClaims } from "@/ui/claims";
import { CopyButton } from "@/ui/copy";
import { formatCount } from "@/ui/format";
import { region } from "@/ui/language";
import { asRows, cellText, isNumeric, type ResultColumn, type Row } from "@/ui/grid/cells";
import { ResultGrid } from "@/ui/grid/result_grid";
import { Icon } from "@/ui/icon";
import { Markdown } from "@/ui/markdown";
import { Section } from "@/ui/page";
import { Badge } from "@/ui/states";

export const AnswerFields = graphql(`
  fragment AnswerFields on AskedAnswer {
    answeredBy
    text
    statement
    spec {
      kind
      x
      y
      series
      stacked
    }
    columns {
      name
      type
    }
    rows
    evidenceId
    unverifiedClaims {
      figure
      sentence
    }
    suggestions
  }
`);

/** Of an answer at most; the server keeps no more of them. */
const mostRows = 1000;
const by: Record<AnsweredBy, string | null> = { MODEL: t`by the language model`, GRAMMAR: t`without a language model`, SAVED_QUERY: t`by a saved query`, NOBODY: null };

export type AddChart = (chart: { statement: string; spec: ChartSpec; suggested: string; onClose: () => void }) => ReactNode;
type Props = { question: string; answer: FragmentType<typeof AnswerFields>; canEdit: boolean; onAgain: () => void; addToDashboard: AddChart };

/** What was answered, how it looks, and what it is from; where it was not understood, questions that would be. */
export function AnswerPanel({ question, answer: masked, canEdit, onAgain, addToDashboard }: Props) {
  const answer = readFragment(AnswerFields, masked);
  const { statement, evidenceId, suggestions } = answer;
  const [open, setOpen] = useState<"insight" | "dashboard" | null>(null);
  const [saved, setSaved] = useState(false);
  const close = () => setOpen(null);
  const spec: ChartSpec | null = answer.spec ? { kind: answer.spec.kind, x: answer.spec.x ?? null, y: answer.spec.y, series: answer.spec.series ?? null, stacked: answer.spec.stacked } : null;
  const rows = asRows(answer.rows);
  const single = onlyNumber(answer.columns, rows);
  const understood = answer.answeredBy !== "NOBODY";
  return (
    <div className="grid min-w-0 gap-5">
      <Section title={understood ? t`Answer` : t`That was not understood`} actions={understood && <><Badge>{by[answer.answeredBy]}</Badge><Button small kind="quiet" icon="refresh" onClick={onAgain}><Trans>Ask again</Trans></Button></>}>
        {single !== null && <p className="numeric mb-2 text-4xl leading-tight font-semibold tracking-tight break-words">{single}</p>}
        <Markdown text={answer.text} />
        <UnverifiedClaims claims={answer.unverifiedClaims} title={t`No evidence shows these figures`} />
        {(evidenceId || statement) && (
          <div className="mt-4 flex flex-wrap gap-2">
            {canEdit && evidenceId && (saved
              ? <Link to="/insights" className={buttonClass("plain", true)}><Icon name="check" size={14} /> <Trans>Saved: see insights</Trans></Link>
              : <Button small icon="save" onClick={() => setOpen("insight")}><Trans>Save as insight</Trans></Button>)}
            {canEdit && statement && spec && <Button small icon="dashboards" onClick={() => setOpen("dashboard")}><Trans>Add to dashboard</Trans></Button>}
            {evidenceId && <Link to="/evidence/$id" params={{ id: evidenceId }} className={buttonClass("plain", true)}><Icon name="evidence" size={14} /> <Trans>Evidence</Trans></Link>}
          </div>
        )}
      </Section>
      {suggestions.length > 0 && <Questions title={understood ? t`Also` : t`What would be understood`} questions={suggestions} />}
      {statement && single === null && <Result label={question} columns={answer.columns} rows={rows} spec={spec} />}
      {statement && (
        <Section title={t`The SQL of it`} flush actions={<><CopyButton text={statement} label={t`Copy the SQL`} /><Link to="/sql" search={{ q: statement }} className={buttonClass("plain", true)}><Icon name="sql" size={14} /> <Trans>Open in SQL</Trans></Link></>}>
          <pre tabIndex={0} aria-label={t`The answer’s SQL`} className="max-h-64 overflow-auto p-4 font-mono text-xs leading-relaxed break-words whitespace-pre-wrap focus-visible:-outline-offset-2">{statement}</pre>
        </Section>
      )}
      {open === "insight" && evidenceId && <InsightDialog title={question} narrative={answer.text} evidenceId={evidenceId} spec={spec} onSaved={() => setSaved(true)} onClose={close} />}
      {open === "dashboard" && statement && spec && addToDashboard({ statement, spec, suggested: question, onClose: close })}
    </div>
  );
}

/** Where the answer is one number: it, with all its digits. */
function onlyNumber(columns: readonly ResultColumn[], rows: readonly Row[]): string | null {
  const [column] = columns;
  const value = rows[0]?.[0];
  if (!column || columns.length > 1 || rows.length !== 1 || !isNumeric(column.type) || value === null) return null;
  return typeof value === "number" ? value.toLocaleString(region, { maximumFractionDigits: 6 }) : cellText(value);
}

/** The rows of the answer, beside their chart where there is one to draw. */
function Result({ label, columns, rows, spec }: { label: string; columns: readonly ResultColumn[]; rows: readonly Row[]; spec: ChartSpec | null }) {
  if (rows.length === 0) return <section className="panel px-4 py-6 text-center text-sm text-muted"><Trans>No rows: nothing fits what was asked.</Trans></section>;
  const drawn = spec && spec.kind !== "TABLE" && spec.y.length > 0;
  return (
    <div className={`grid min-w-0 gap-5 ${drawn ? "lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]" : ""}`}>
      {drawn && <Section title={spec.y.join(", ")} flush><div className={`p-3 ${spec.kind === "NUMBER" ? "h-28" : "h-80"}`}><Chart label={t`Chart: ${label}`} columns={columns} rows={rows} spec={spec} /></div></Section>}
      <Section title={rows.length >= mostRows ? t`The first ${formatCount(mostRows)} rows` : plural(rows.length, { one: "# row", other: "# rows" })} flush>
        <div style={{ height: Math.min(320, 50 + rows.length * 29 + 14) }}><ResultGrid label={t`Rows of the answer`} columns={columns} rows={rows} totalRows={rows.length} plain /></div>
      </Section>
    </div>
  );
}

/** Questions, each a click away from its answer. */
export function Questions({ title, questions, actions }: { title: string; questions: readonly string[]; actions?: ReactNode }) {
  return (
    <Section title={title} flush actions={actions}>
      <ul className="grid gap-px bg-line sm:grid-cols-2">
        {questions.map((each, i) => (
          <li key={each} className={`min-w-0 bg-surface ${i === questions.length - 1 && questions.length % 2 ? "sm:col-span-2" : ""}`}>
            <Link to="/ask" search={{ q: each }} className="flex h-full items-center gap-3 px-4 py-2.5 text-sm hover:bg-hover focus-visible:-outline-offset-2">
              <span className="min-w-0 grow break-words">{each}</span> <Icon name="right" size={12} className="text-muted" />
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
