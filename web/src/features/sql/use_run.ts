import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { readFragment } from "@/gql/fragment-masking";
import type { RunFieldsFragment } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { asRows, type ResultColumn, type Row } from "@/ui/grid/cells";

const RunFields = graphql(`
  fragment RunFields on QueryRun {
    id
    statement
    state
    startedAt
    elapsedMs
    progress
    engine
    rowCount
    error {
      code
      message
      position
    }
    evidence {
      id
      ...EvidenceFields
      ...RunCostFields
    }
  }
`);

const ResultFields = graphql(`
  fragment ResultFields on ResultPage {
    columns {
      name
      type
    }
    rows
    offset
    totalRows
    truncated
  }
`);

const RunQuery = graphql(`
  mutation RunQuery($input: RunQueryInput!, $first: Int!) {
    runQuery(input: $input) {
      id
      ...RunFields
      result(offset: 0, first: $first) {
        ...ResultFields
      }
    }
  }
`);

const RunById = graphql(`
  query RunById($id: ID!, $offset: Int!, $first: Int!) {
    queryRun(id: $id) {
      id
      ...RunFields
      result(offset: $offset, first: $first) {
        ...ResultFields
      }
    }
  }
`);

const Progress = graphql(`
  subscription Progress($id: ID!) {
    queryProgress(id: $id) {
      id
      ...RunFields
    }
  }
`);

const CancelQuery = graphql(`
  mutation CancelQuery($id: ID!) {
    cancelQuery(id: $id) {
      id
      ...RunFields
    }
  }
`);

export type Run = RunFieldsFragment;
export type RunResult = { columns: readonly ResultColumn[]; rows: readonly Row[]; totalRows: number; truncated: boolean };

export type RunView = {
  phase: "idle" | "running" | "ended";
  startedAt: number;
  /** Where the statement that was run begins in the editor. */
  offset: number;
  run: Run | null;
  result: RunResult | null;
  /** It could not even be asked. */
  problem: string | null;
  loadingMore: boolean;
};

const idle: RunView = { phase: "idle", startedAt: 0, offset: 0, run: null, result: null, problem: null, loadingMore: false };

const firstPage = 200;
const nextPage = 500;
/** More rows than these nobody scrolls through; the rest is in the download. */
export const mostRows = 20_000;

/** One statement at a time: runs it, follows it, brings its rows page by page. */
export function useRun(kept: string | null, onStarted: (runId: string) => void) {
  const client = useClient();
  const [view, setView] = useState<RunView>(idle);
  const turn = useRef(0);
  const stop = useRef<() => void>(() => undefined);
  const cancelled = useRef(false);
  const started = useRef(onStarted);
  useEffect(() => {
    started.current = onStarted;
  });

  const follow = useCallback((id: string, mine: number) => {
    const fetchRun = async () => {
      const { data, error } = await client.query(RunById, { id, offset: 0, first: firstPage }, { requestPolicy: "network-only" }).toPromise();
      if (mine !== turn.current) return true;
      if (!data?.queryRun) {
        setView((old) => (error ? { ...old, phase: "ended", problem: errorText(error) } : { ...idle }));
        return true;
      }
      const run = readFragment(RunFields, data.queryRun);
      const page = readFragment(ResultFields, data.queryRun.result);
      const ended = run.state !== "RUNNING";
      setView((old) => ({
        ...old, phase: ended ? "ended" : "running", run, startedAt: old.startedAt || Date.parse(run.startedAt),
        result: page ? { columns: page.columns, rows: asRows(page.rows), totalRows: page.totalRows, truncated: page.truncated } : null,
      }));
      return ended;
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const poll = async () => {
      if (mine === turn.current && !(await fetchRun())) timer = setTimeout(() => void poll(), 600);
    };
    let told = false;
    const { unsubscribe } = client.subscription(Progress, { id }).subscribe(({ data, error }) => {
      if (mine !== turn.current) return;
      if (error && !told) {
        told = true;
        void poll();
      }
      if (!data) return;
      const run = readFragment(RunFields, data.queryProgress);
      if (run.state === "RUNNING") setView((old) => ({ ...old, run }));
      else if (!told) {
        told = true;
        void fetchRun();
      }
    });
    // Where WebSockets do not get through, asking now and then does.
    const watchdog = setTimeout(() => {
      if (!told) {
        told = true;
        void poll();
      }
    }, 3000);
    stop.current = () => {
      unsubscribe();
      clearTimeout(timer);
      clearTimeout(watchdog);
    };
  }, [client]);

  const run = useCallback(async (statement: string, asOf: string | null, offset: number) => {
    stop.current();
    const mine = ++turn.current;
    cancelled.current = false;
    setView({ ...idle, phase: "running", startedAt: Date.now(), offset });
    const { data, error } = await client.mutation(RunQuery, { input: { statement, asOf, waitMs: 400 }, first: firstPage }).toPromise();
    if (mine !== turn.current) return;
    if (!data) {
      setView((old) => ({ ...old, phase: "ended", problem: error ? errorText(error) : t`The server gave no answer.` }));
      return;
    }
    const now = readFragment(RunFields, data.runQuery);
    const page = readFragment(ResultFields, data.runQuery.result);
    started.current(now.id);
    setView((old) => ({
      ...old, phase: now.state === "RUNNING" ? "running" : "ended", run: now,
      result: page ? { columns: page.columns, rows: asRows(page.rows), totalRows: page.totalRows, truncated: page.truncated } : null,
    }));
    if (now.state !== "RUNNING") return;
    if (cancelled.current) await client.mutation(CancelQuery, { id: now.id }).toPromise();
    follow(now.id, mine);
  }, [client, follow]);

  const cancel = useCallback(async () => {
    cancelled.current = true;
    if (view.run?.state === "RUNNING") await client.mutation(CancelQuery, { id: view.run.id }).toPromise();
  }, [client, view.run]);

  const busy = useRef(false);
  const { run: current, result } = view;
  const more = useCallback(async () => {
    if (busy.current || !current || !result || result.rows.length >= Math.min(result.totalRows, mostRows)) return;
    busy.current = true;
    const mine = turn.current;
    setView((old) => ({ ...old, loadingMore: true }));
    const { data } = await client.query(RunById, { id: current.id, offset: result.rows.length, first: nextPage }, { requestPolicy: "network-only" }).toPromise();
    busy.current = false;
    if (mine !== turn.current) return;
    const page = readFragment(ResultFields, data?.queryRun?.result);
    setView((old) => ({
      ...old, loadingMore: false,
      // Not there any more: what is here is all that can be shown.
      result: old.result && (page ? { ...old.result, rows: [...old.result.rows, ...asRows(page.rows)] } : { ...old.result, totalRows: old.result.rows.length, truncated: true }),
    }));
  }, [client, current, result]);

  // The last run of the tab, if the server still has it.
  const first = useRef(kept);
  useEffect(() => {
    const id = first.current;
    const counter = turn;
    const mine = ++counter.current;
    if (id) {
      void client.query(RunById, { id, offset: 0, first: firstPage }, { requestPolicy: "network-only" }).toPromise().then(({ data }) => {
        if (mine !== turn.current || !data?.queryRun) return;
        const now = readFragment(RunFields, data.queryRun);
        const page = readFragment(ResultFields, data.queryRun.result);
        setView({
          ...idle, phase: now.state === "RUNNING" ? "running" : "ended", startedAt: Date.parse(now.startedAt), run: now,
          result: page ? { columns: page.columns, rows: asRows(page.rows), totalRows: page.totalRows, truncated: page.truncated } : null,
        });
        if (now.state === "RUNNING") follow(id, mine);
      });
    }
    return () => {
      counter.current++;
      stop.current();
    };
  }, [client, follow]);

  return { view, run, cancel, more };
}
