import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useMemo, useState, type ReactNode } from "react";
import { useQuery } from "urql";
import type { DownloadFormat } from "@/features/sql/export_menu";
import { questionSql, readQuestion, type Question } from "@/features/sql/question";
import { QuestionForm } from "@/features/sql/question_form";
import { ResultPanel } from "@/features/sql/result_panel";
import { useRun } from "@/features/sql/use_run";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { CodeBlock } from "@/ui/copy";
import { errorText } from "@/ui/error_text";
import { SelectField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { useTitle } from "@/ui/page";
import { Empty, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const ExploreTables = graphql(`
  query ExploreTables {
    tables(first: 200) {
      edges {
        node {
          id
          fullName
        }
      }
    }
  }
`);

const ExploreColumns = graphql(`
  query ExploreColumns($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        columns {
          name
          type
        }
      }
    }
  }
`);

type Props = {
  /** The question in the address, as JSON. */
  asked: string | undefined;
  onAsked: (question: string) => void;
  canEdit: boolean;
  download: (statement: string, asOf: string | null, format: DownloadFormat) => Promise<string | null>;
  addToDashboard: (chart: { statement: string; spec: ChartSpec; onClose: () => void }) => ReactNode;
};

const nothing = () => undefined;

/** Questions for those who do not write SQL; the SQL of each stands beside it. */
export function ExploreView({ asked, onAsked, canEdit, download, addToDashboard }: Props) {
  useTitle(t`Explore`);
  const question = useMemo(() => readQuestion(asked), [asked]);
  const [{ data, error }, look] = useQuery({ query: ExploreTables, requestPolicy: "cache-and-network" });
  const tables = (data?.tables.edges ?? []).map((edge) => edge.node);
  const table = tables.find((each) => each.fullName === question.table) ?? tables[0];
  const [{ data: described, error: unknown }, again] = useQuery({ query: ExploreColumns, variables: { id: table?.id ?? "" }, pause: !table });
  const columns = described?.node?.__typename === "Table" && described.node.id === table?.id ? described.node.columns : [];
  const whole: Question = { ...question, table: table?.fullName ?? null };
  const statement = questionSql(whole, columns);
  const { view, run } = useRun(null, nothing);
  const [charting, setCharting] = useState<ChartSpec | null>(null);
  const change = (fields: Partial<Question>) => onAsked(JSON.stringify({ ...whole, ...fields }));

  // Asked as soon as it is whole and nobody types any more.
  const settled = useDeferredValue(statement);
  useEffect(() => {
    if (!settled) return;
    const timer = setTimeout(() => void run(settled, null, 0), 350);
    return () => clearTimeout(timer);
  }, [settled, run]);
  const fetchFile = async (format: DownloadFormat) => {
    const problem = view.run && (await download(view.run.statement, null, format));
    if (problem) toast(problem, "failed");
  };

  if (error && !data) return <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />;
  if (data && tables.length === 0) {
    return (
      <div className="py-8">
        <h1 className="sr-only"><Trans>Explore</Trans></h1>
        <Empty icon="chart" title={t`There is nothing to explore yet`} action={<Link to="/ingestion" className={buttonClass("solid")}><Trans>Send rows</Trans></Link>}><Trans>Once there is a table, questions about it are put together here, without SQL.</Trans></Empty>
      </div>
    );
  }
  return (
    <div className="flex min-h-0 grow flex-col md:flex-row">
      <aside aria-label={t`Question`} className="shrink-0 border-line bg-bg p-4 md:w-72 md:overflow-auto md:border-r">
        <h1 className="mb-4 text-2xl font-semibold tracking-tight"><Trans>Explore</Trans></h1>
        {!data ? <SkeletonLines label={t`Loading tables`} lines={6} /> : (
          <div className="grid gap-5">
            <SelectField label={t`Table`} value={table?.fullName} onChange={(event) => onAsked(JSON.stringify({ table: event.target.value, measures: [{ how: "count", column: null }] }))}>
              {tables.map((each) => <option key={each.id} value={each.fullName}>{each.fullName}</option>)}
            </SelectField>
            {unknown && columns.length === 0 ? <Failed message={errorText(unknown)} onRetry={() => again({ requestPolicy: "network-only" })} />
              : columns.length === 0 ? <SkeletonLines label={t`Loading columns`} lines={5} />
              : <QuestionForm question={whole} columns={columns} onChange={change} />}
          </div>
        )}
      </aside>
      <div className="flex min-h-[36rem] min-w-0 grow flex-col md:min-h-0">
        <div className="flex shrink-0 flex-col items-start gap-3 border-b border-line bg-surface p-3 lg:flex-row [&>*:first-child]:w-full [&>*:first-child]:min-w-0 [&>*:first-child]:grow">
          {statement ? <CodeBlock label={t`The question in SQL`} code={statement} /> : <p className="px-1 py-2 text-sm text-muted"><Trans>Choose a number or a column to divide by.</Trans></p>}
          {statement && <Link to="/sql" search={{ q: statement }} className={buttonClass()}><Icon name="sql" size={15} /> <Trans>Open in SQL</Trans></Link>}
        </div>
        <ResultPanel first="chart" view={view} asOf={null} canEdit={canEdit} errorPlace={null} onGoToError={nothing} onMore={nothing} onDownload={(format) => void fetchFile(format)}
          addToDashboard={(spec) => <Button icon="dashboards" onClick={() => setCharting(spec)}><Trans>Add to dashboard</Trans></Button>} />
      </div>
      {charting && view.run && addToDashboard({ statement: view.run.statement, spec: charting, onClose: () => setCharting(null) })}
    </div>
  );
}
