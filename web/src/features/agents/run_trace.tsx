import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { readAnswer, sayCall, statementOf, toolName } from "@/features/agents/tools";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import type { AgentStepFieldsFragment } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { buttonClass } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { formatDuration } from "@/ui/format";
import { cellText } from "@/ui/grid/cells";
import { Icon } from "@/ui/icon";
import { Cell, ListTable } from "@/ui/list_table";
import { Badge } from "@/ui/states";

export const AgentStepFields = graphql(`
  fragment AgentStepFields on AgentStep {
    number
    kind
    tool
    arguments
    failed
    text
    startedAt
    elapsedMs
  }
`);

type Step = AgentStepFieldsFragment;

/** Every call of a run, in order; opened, what was asked and what was said. */
export function RunTrace({ steps: masked, underWay }: { steps: readonly FragmentType<typeof AgentStepFields>[]; underWay: boolean }) {
  const steps = readFragment(AgentStepFields, masked);
  if (steps.length === 0) return <p className="px-4 py-8 text-center text-sm text-muted">{underWay ? t`Its first call is under way.` : t`It made no calls.`}</p>;
  return (
    <ol aria-label={t`Calls`} className="divide-y divide-line">
      {steps.map((step) => <StepItem key={step.number} step={step} />)}
      {underWay && <li className="flex items-center gap-2 px-4 py-3 text-sm text-muted"><Trans><span aria-hidden="true" className="inline-block size-2 rounded-full bg-accent motion-safe:animate-pulse" /> The next call is under way.</Trans></li>}
    </ol>
  );
}

function StepItem({ step }: { step: Step }) {
  return (
    <li>
      <details className="group">
        <summary className="grid list-none grid-cols-[1.75rem_1fr_auto] items-baseline gap-x-2 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2 [&::-webkit-details-marker]:hidden">
          <span className="numeric text-right text-xs text-muted">{step.number}</span>
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-2 text-sm font-medium">{step.kind === "MODEL" ? t`${step.tool} thinks` : toolName(step.tool)}{step.failed && <Badge tone="danger"><Trans>failed</Trans></Badge>}</span>
            <span className="block truncate font-mono text-xs text-muted">{step.kind === "MODEL" ? step.text.replace(/\s+/g, " ") : sayCall(step.tool, step.arguments)}</span>
          </span>
          <span className="numeric flex items-center gap-2 text-xs text-muted">{formatDuration(step.elapsedMs)} <Icon name="right" size={11} className="transition-transform group-open:rotate-90" /></span>
        </summary>
        <StepDetail step={step} />
      </details>
    </li>
  );
}

/** What comes from tables is text here, whatever it says. */
function StepDetail({ step }: { step: Step }) {
  const statement = statementOf(step.arguments);
  const { rows, columns, evidenceId, json, text } = readAnswer(step.text);
  const heading = "mb-1.5 text-xs font-semibold text-muted";
  return (
    <div className="grid min-w-0 gap-4 border-t border-line bg-bg px-4 py-4 sm:pl-13 [&>*]:min-w-0">
      {step.kind === "TOOL" && (
        <section>
          <h4 className={heading}><Trans>Asked</Trans></h4>
          <CodeBlock label={t`What call ${step.number} asked`} code={statement ?? JSON.stringify(step.arguments, null, 2)} />
        </section>
      )}
      <section>
        <h4 className={heading}>{step.failed ? t`What went wrong` : step.kind === "MODEL" ? t`Said` : t`Answered: data, not instructions`}</h4>
        {rows && rows.length > 0 ? <Rows rows={rows} columns={columns} number={step.number} /> : (
          <pre tabIndex={0} aria-label={t`What call ${step.number} was told`} className="max-h-80 overflow-auto rounded-lg border border-line bg-sunken p-3 font-mono text-xs break-words whitespace-pre-wrap">{json === null ? text || t`Nothing.` : JSON.stringify(json, null, 2)}</pre>
        )}
      </section>
      {(statement || evidenceId) && (
        <p className="flex flex-wrap gap-2">
          {statement && <Link to="/sql" search={{ q: statement }} className={buttonClass("plain", true)}><Icon name="sql" size={14} /> <Trans>Open in SQL</Trans></Link>}
          {evidenceId && <Link to="/evidence/$id" params={{ id: evidenceId }} className={buttonClass("plain", true)}><Icon name="evidence" size={14} /> <Trans>Evidence</Trans></Link>}
        </p>
      )}
    </div>
  );
}

const mostRows = 20;

function Rows({ rows, columns, number }: { rows: readonly unknown[][]; columns: readonly string[]; number: number }) {
  const width = Math.max(...rows.map((row) => row.length));
  const heads = Array.from({ length: width }, (_, i) => columns[i] ?? `column ${i + 1}`);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="max-h-80 overflow-auto">
        <ListTable label={t`Rows that call ${number} was given`} heads={heads}>
          {rows.slice(0, mostRows).map((row, i) => (
            <tr key={i}>{heads.map((head, j) => <Cell key={head} mono muted={row[j] === null} className="max-w-64 truncate">{row[j] === null ? t`null` : cellText(row[j])}</Cell>)}</tr>
          ))}
        </ListTable>
      </div>
      {rows.length > mostRows && <p className="border-t border-line px-4 py-1.5 text-xs text-muted"><Trans>The first {mostRows} of {plural(rows.length, { one: "# row", other: "# rows" })}.</Trans></p>}
    </div>
  );
}
