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

export type TileResult = { columns: readonly ResultColumn[]; rows: readonly Row[]; totalRows: number; tables: readonly string[] };

const mostRows = 5000;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Runs a tile's statement to its end. Throws what people can read. */
export async function runTile(client: Client, statement: string, parameters: Record<string, string | number>, wanted: () => boolean): Promise<TileResult> {
  const started = await client.mutation(RunTile, { input: { statement, parameters: Object.keys(parameters).length ? parameters : null, waitMs: 5000 } }).toPromise();
  if (!started.data) throw new Error(started.error ? errorText(started.error) : "The server gave no answer.");
  let run = readFragment(TileRun, started.data.runQuery);
  while (run.state === "RUNNING" && wanted()) {
    await pause(700);
    const { data, error } = await client.query(TileProgress, { id: run.id }, { requestPolicy: "network-only" }).toPromise();
    if (!data?.queryRun) throw new Error(error ? errorText(error) : "The query is no longer known to the server.");
    run = readFragment(TileRun, data.queryRun);
  }
  if (run.error) throw new Error(sentence(run.error.message));
  if (!run.result) throw new Error("The result is not there.");
  const rows = asRows(run.result.rows);
  while (rows.length < Math.min(run.result.totalRows, mostRows) && wanted()) {
    const { data } = await client.query(TilePage, { id: run.id, offset: rows.length }, { requestPolicy: "network-only" }).toPromise();
    const more = asRows(data?.queryRun?.result?.rows);
    if (more.length === 0) break;
    rows.push(...more);
  }
  return { columns: run.result.columns, rows, totalRows: run.result.totalRows, tables: run.evidence?.tables.map((table) => table.fullName) ?? [] };
}

type TileState = { result: TileResult | null; problem: string | null; loading: boolean };

/** A tile's rows: fetched again when the statement, a value or `round` changes; the old ones stay meanwhile. */
export function useTile(statement: string | null, parameters: Record<string, string | number>, round: number) {
  const client = useClient();
  const [state, setState] = useState<TileState>({ result: null, problem: null, loading: statement !== null });
  const values = JSON.stringify(parameters);
  const turn = useRef(0);
  const load = useCallback(async () => {
    if (!statement?.trim()) return;
    const mine = ++turn.current;
    const wanted = () => mine === turn.current;
    setState((old) => ({ ...old, loading: true }));
    try {
      const result = await runTile(client, statement, JSON.parse(values) as Record<string, string | number>, wanted);
      if (wanted()) setState({ result, problem: null, loading: false });
    } catch (error) {
      if (wanted()) setState({ result: null, problem: error instanceof Error ? error.message : "Something went wrong.", loading: false });
    }
  }, [client, statement, values]);
  useEffect(() => {
    const counter = turn;
    const started = setTimeout(() => void load());
    return () => {
      clearTimeout(started);
      counter.current++;
    };
  }, [load, round]);
  return useMemo(() => ({ ...state, reload: load }), [state, load]);
}
