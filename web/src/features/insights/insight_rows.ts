import { t } from "@lingui/core/macro";
import type { Client } from "urql";
import { graphql } from "@/gql/gql";
import type { InsightEvidenceQuery } from "@/gql/graphql";
import { errorText, sentence } from "@/ui/error_text";
import { asRows, type ResultColumn, type Row } from "@/ui/grid/cells";

const InsightEvidence = graphql(`
  query InsightEvidence($id: ID!) {
    evidence(id: $id) {
      id
      queryId
      statement
      parameters
      engine
      createdAt
      tables {
        fullName
        connection
        snapshotId
        hotRows
      }
    }
  }
`);

const KeptAnswer = graphql(`
  query KeptAnswer($id: ID!) {
    queryRun(id: $id) {
      id
      result(offset: 0, first: 500) {
        columns {
          name
          type
        }
        rows
      }
    }
  }
`);

const DrawInsight = graphql(`
  mutation DrawInsight($input: RunQueryInput!) {
    runQuery(input: $input) {
      id
      error {
        message
      }
      evidence {
        id
        tables {
          fullName
          snapshotId
        }
      }
      result(offset: 0, first: 500) {
        columns {
          name
          type
        }
        rows
      }
    }
  }
`);

type Evidence = NonNullable<InsightEvidenceQuery["evidence"]>;
type Table = Pick<Evidence["tables"][number], "fullName" | "connection" | "snapshotId" | "hotRows">;

/** An insight's rows; a note where they are not exactly those that it was found in. */
export type InsightRows = { columns: readonly ResultColumn[]; rows: readonly Row[]; note: string | null };

/** As of what the statement gives the same rows: the snapshot of its one table, or the moment; null where there is no past. */
export function pastOf(tables: readonly Table[], createdAt: string): string | null {
  if (tables.length === 0 || tables.some((table) => table.connection || !table.snapshotId)) return null;
  return tables.length === 1 ? tables[0]!.snapshotId ?? null : createdAt;
}

/** What is to be said where other data was read than the insight was found in. */
export function noteOf(then: readonly Table[], now: readonly Pick<Table, "fullName" | "snapshotId">[], past: string | null): string | null {
  if (then.length === 0) return null;
  if (!past) return t`Drawn from the data of now`;
  const moved = then.some((table) => table.snapshotId !== now.find((each) => each.fullName === table.fullName)?.snapshotId);
  if (moved) return t`Drawn from another snapshot than it was found in`;
  return then.some((table) => Number(table.hotRows) > 0) ? t`Drawn from the rows that were committed then` : null;
}

/** The rows of the insight's evidence: the answer itself while it is kept, else those of its snapshot. Throws what people can read. */
export async function insightRows(client: Client, evidenceId: string, ofNow: boolean): Promise<InsightRows> {
  const { data, error } = await client.query(InsightEvidence, { id: evidenceId }, { requestPolicy: "cache-first" }).toPromise();
  const evidence = data?.evidence;
  if (!evidence) throw new Error(error ? errorText(error) : t`Its evidence is kept no longer.`);
  if (!ofNow) {
    const kept = await client.query(KeptAnswer, { id: evidence.queryId }, { requestPolicy: "network-only" }).toPromise();
    const result = kept.data?.queryRun?.result;
    if (result) return { columns: result.columns, rows: asRows(result.rows), note: null };
  }
  const past = ofNow ? null : pastOf(evidence.tables, evidence.createdAt);
  const parameters: unknown = evidence.parameters;
  const given = typeof parameters === "object" && parameters !== null && Object.keys(parameters).length > 0 ? parameters : null;
  const run = await client.mutation(DrawInsight, {
    input: { statement: evidence.statement, parameters: given, asOf: past, waitMs: 20_000, engine: evidence.engine === "trino" ? "TRINO" : "AUTO" },
  }).toPromise();
  const { result, error: failed, evidence: again } = run.data?.runQuery ?? {};
  if (!result) throw new Error(failed ? sentence(failed.message) : run.error ? errorText(run.error) : t`It takes too long to draw. Open its evidence.`);
  return { columns: result.columns, rows: asRows(result.rows), note: noteOf(evidence.tables, again?.tables ?? [], past) };
}
