import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { AnswerPanel, Questions, type AddChart } from "@/features/ask/answer_panel";
import { AskBox } from "@/features/ask/ask_box";
import { examples } from "@/features/ask/examples";
import { loadRecent, storeRecent, withQuestion } from "@/features/ask/recent";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { errorText } from "@/ui/error_text";
import { Page } from "@/ui/page";
import { Empty, Failed, Skeleton, SkeletonLines } from "@/ui/states";

const AskQuestion = graphql(`
  query AskQuestion($question: String!) {
    ask(question: $question) {
      ...AnswerFields
    }
  }
`);

const Askable = graphql(`
  query Askable {
    languageModel {
      name
    }
    tables(first: 20) {
      edges {
        node {
          id
          name
          columns {
            name
            type
          }
        }
      }
    }
  }
`);

type Props = { viewerId: string; question: string | undefined; onAsk: (question: string | undefined) => void; canEdit: boolean; addToDashboard: AddChart };

/** A question in words, and what is known to answer it. The question is in the address. */
export function AskView({ viewerId, question, onAsk, canEdit, addToDashboard }: Props) {
  const [{ data, error }, look] = useQuery({ query: Askable });
  const [recent, setRecent] = useState(() => loadRecent(viewerId));
  const remember = (next: readonly string[]) => {
    setRecent([...next]);
    storeRecent(viewerId, next);
  };
  const others = recent.filter((each) => each !== question);
  const suggested = examples((data?.tables.edges ?? []).map((edge) => edge.node));
  const model = data?.languageModel;
  return (
    <Page title={t`Ask`} lead={model ? t`A question in words. ${model.name} answers it, with the rows and the SQL behind it; it reads what you may read, and changes nothing.` : t`A question in words, answered with its rows and the SQL behind them: counts, sums, averages, ranks and comparisons, by columns and times.`}
      actions={question && <CopyButton words text={location.href} label={t`Copy the link`} />}>
      <div className="grid min-w-0 gap-5">
        <AskBox key={question} asked={question} focus onAsk={onAsk} />
        {question && <Asked key={question} question={question} canEdit={canEdit} addToDashboard={addToDashboard} onStop={() => onAsk(undefined)} onAnswered={() => remember(withQuestion(recent, question))} />}
        {!question && error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
        {!question && !data && !error && <section className="panel p-4"><SkeletonLines label={t`Looking for questions to begin with`} /></section>}
        {!question && data && data.tables.edges.length === 0 && (
          <section className="panel"><Empty icon="ask" title={t`There is nothing to ask about yet`} action={<Link to="/ingestion" className={buttonClass("solid")}><Trans>Send rows</Trans></Link>}><Trans>Once there is a table, questions about it are answered here.</Trans></Empty></section>
        )}
        {!question && suggested.length > 0 && <Questions title={t`To begin with`} questions={suggested} />}
        {others.length > 0 && <Questions title={t`Asked in this browser`} questions={others} actions={<Button small kind="quiet" onClick={() => remember([])}><Trans>Forget them</Trans></Button>} />}
      </div>
    </Page>
  );
}

function Asked({ question, canEdit, addToDashboard, onStop, onAnswered }: { question: string; canEdit: boolean; addToDashboard: AddChart; onStop: () => void; onAnswered: () => void }) {
  const [{ data, error, fetching, stale }, ask] = useQuery({ query: AskQuestion, variables: { question } });
  const answered = data?.ask !== undefined;
  useEffect(() => {
    if (answered) onAnswered();
    // Once an answer, not once a render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [answered]);
  const again = () => ask({ requestPolicy: "network-only" });
  if (fetching || stale || (!data && !error)) {
    return (
      <div className="grid gap-5">
        <section className="panel flex items-center gap-3 p-4 text-sm" role="status">
          <span aria-hidden="true" className="inline-block size-2 rounded-full bg-accent motion-safe:animate-pulse" />
          <span className="grow text-muted"><Trans>Looking for the answer</Trans></span>
          <Button small icon="stop" onClick={onStop}><Trans>Stop</Trans></Button>
        </section>
        <div aria-hidden="true" className="grid gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"><Skeleton className="h-80" /><Skeleton className="h-80" /></div>
      </div>
    );
  }
  if (error || !data) return <section className="panel"><Failed title={t`No answer`} message={error ? errorText(error) : t`The server gave no answer.`} onRetry={again} /></section>;
  return (
    <>
      <p role="status" className="sr-only"><Trans>Answered</Trans></p>
      <AnswerPanel question={question} answer={data.ask} canEdit={canEdit} onAgain={again} addToDashboard={addToDashboard} />
    </>
  );
}
