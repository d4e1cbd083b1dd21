import { t } from "@lingui/core/macro";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { formatBytes, formatCount } from "@/ui/format";

export const RunCostFields = graphql(`
  fragment RunCostFields on Evidence {
    engine
    engineReason
    tables {
      files
      filesTotal
      bytes
      rows
    }
  }
`);

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** Which engine answered, and what it read for that. */
export function RunCost({ evidence: masked }: { evidence: FragmentType<typeof RunCostFields> }) {
  const { engine, engineReason, tables } = readFragment(RunCostFields, masked);
  const files = sum(tables.map((table) => table.files));
  return (
    <span className="numeric hidden whitespace-nowrap xl:inline" title={t`${engineReason}. ${formatCount(files)} of ${formatCount(sum(tables.map((table) => table.filesTotal)))} files, at most ${formatCount(sum(tables.map((table) => table.rows)))} rows.`}>
      {engine}{tables.length > 0 && t`, ${formatBytes(sum(tables.map((table) => table.bytes)))} of files`}
    </span>
  );
}
