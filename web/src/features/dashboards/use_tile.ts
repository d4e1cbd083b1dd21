import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useClient, type Client } from "urql";
import { readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { errorText, sentence } from "@/ui/error_text";
import { asRows, type ResultColumn, type Row } from "@/ui/grid/cells";

const TileRun = graphql(`
  fragment TileRun on QueryRun {
    id
    state
    error {
      message
    }
    evidence {
      id
      tables {
        fullName
      }
    }
    result(offset: 0, first: 500) {
      columns {
        name
        type
      }
      rows
      totalRows
      truncated
    }
  }
`);

const RunTile = graphql(`
  mutation RunTile($input: RunQueryInput!) {
    runQuery(input: $input) {
      id
      ...TileRun
    }
  }
`);

const TileProgress = graphql(`
  query TileProgress($id: ID!) {
    queryRun(id: $id) {
      id
      ...TileRun
    }
  }
`);

const TilePage = graphql(`
  query TilePage($id: ID!, $offset: Int!) {
    queryRun(id: $id) {
      id
      result(offset: $offset, first: 500) {
        rows
      }
    }
  }
`);

/** `runId` has the rows after those that are here. */
export type TileResult = { runId: string; columns: readonly ResultColumn[]; rows: readonly Row[]; totalRows: number; truncated: boolean; tables: readonly string[] };

/** What a tile asks, and of which time; null: of now. */
export type TileQuestion = { statement: string; parameters: Readonly<Record<string, string | number>>; asOf: string | null };

/** More points are not told apart by anybody. */
const mostPoints = 50_000;
/** Of a table at once; more come as one scrolls. */
const firstRows = 5000;
export const mostRows = 100_000;
const pageRows = 500;
const pagesAtOnce = 6;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** The rows from here on, up to so many in all. */
async function pagesOf(client: Client, runId: string, from: number, all: number, wanted: () => boolean): Promise<Row[]> {
  const rows: Row[] = [];
  while (from + rows.length < all && wanted()) {
    const offsets = Array.from({ length: Math.min(pagesAtOnce, Math.ceil((all - from - rows.length) / pageRows)) }, (_, i) => from + rows.length + i * pageRows);
    const pages = await Promise.all(offsets.map((offset) => client.query(TilePage, { id: runId, offset }, { requestPolicy: "network-only" }).toPromise()));
    for (const [i, { data }] of pages.entries()) {
      const page = asRows(data?.queryRun?.result?.rows);
      for (const row of page) rows.push(row);
      // A page that is missing ends what can be shown: rows after a gap would be in wrong places.
      if (page.length < Math.min(pageRows, all - offsets[i]!)) return rows;
    }
  }
  return rows.slice(0, Math.max(0, all - from));
}

/** Runs a tile's statement to its end: every point of a drawing, the first rows of a table. Throws what people can read. */
export async function runTile(client: Client, { statement, parameters, asOf }: TileQuestion, drawn: boolean, wanted: () => boolean): Promise<TileResult> {
  const started = await client.mutation(RunTile, { input: { statement, parameters: Object.keys(parameters).length ? parameters : null, asOf, waitMs: 5000 } }).toPromise();
  if (!started.data) throw new Error(started.error ? errorText(started.error) : t`The server gave no answer.`);
  let run = readFragment(TileRun, started.data.runQuery);
  while (run.state === "RUNNING" && wanted()) {
    await pause(700);
    const { data, error } = await client.query(TileProgress, { id: run.id }, { requestPolicy: "network-only" }).toPromise();
    if (!data?.queryRun) throw new Error(error ? errorText(error) : t`The query is no longer known to the server.`);
    run = readFragment(TileRun, data.queryRun);
  }
  if (run.error) throw new Error(sentence(run.error.message));
  if (!run.result) throw new Error(t`The result is not there.`);
  const { columns, totalRows, truncated } = run.result;
  const first = asRows(run.result.rows);
  const rest = await pagesOf(client, run.id, first.length, Math.min(totalRows, drawn ? mostPoints : firstRows), wanted);
  return { runId: run.id, columns, rows: [...first, ...rest], totalRows, truncated, tables: run.evidence?.tables.map((table) => table.fullName) ?? [] };
}

type TileState = { result: TileResult | null; problem: string | null; loading: boolean };

/** A tile's rows: fetched again when the question or `round` changes; the old ones stay meanwhile. Null: the question is not known yet. */
export function useTile(question: TileQuestion | null, drawn: boolean, round: number) {
  const client = useClient();
  const [state, setState] = useState<TileState>({ result: null, problem: null, loading: true });
  const key = JSON.stringify(question);
  const turn = useRef(0);
  const load = useCallback(async () => {
    const asked = JSON.parse(key) as TileQuestion | null;
    if (!asked?.statement.trim()) return;
    const mine = ++turn.current;
    const wanted = () => mine === turn.current;
    setState((old) => ({ ...old, loading: true }));
    try {
      const result = await runTile(client, asked, drawn, wanted);
      if (wanted()) setState({ result, problem: null, loading: false });
    } catch (error) {
      if (wanted()) setState({ result: null, problem: error instanceof Error ? error.message : t`Something went wrong.`, loading: false });
    }
  }, [client, key, drawn]);
  useEffect(() => {
    const counter = turn;
    const started = setTimeout(() => void load());
    return () => {
      clearTimeout(started);
      counter.current++;
    };
  }, [load, round]);
  const busy = useRef(false);
  const { result } = state;
  const more = useCallback(async () => {
    const all = result ? Math.min(result.totalRows, mostRows, result.rows.length + pageRows * pagesAtOnce) : 0;
    if (!result || busy.current || result.rows.length >= all) return;
    busy.current = true;
    const mine = turn.current;
    const rows = await pagesOf(client, result.runId, result.rows.length, all, () => mine === turn.current);
    busy.current = false;
    // Not there any more: what is here is all that can be shown.
    if (mine === turn.current) setState((old) => ({ ...old, result: { ...result, rows: [...result.rows, ...rows], totalRows: rows.length ? result.totalRows : result.rows.length } }));
  }, [client, result]);
  return useMemo(() => ({ ...state, reload: load, more }), [state, load, more]);
}
