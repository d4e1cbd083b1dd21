import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useMutation } from "urql";
import { graphql } from "@/gql/gql";
import type { ExportFormat } from "@/gql/graphql";
import { errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { toast } from "@/ui/toast";

export type DownloadFormat = "csv" | "parquet" | "arrow";

const ExportQuery = graphql(`
  mutation ExportQuery($input: ExportQueryInput!) {
    exportQuery(input: $input) {
      id
    }
  }
`);

/** The rows as a file: at once, or for as many rows as there are, in the background. */
export function ExportMenu({ statement, asOf, onDownload }: { statement: string; asOf: string | null; onDownload: (format: DownloadFormat) => void }) {
  const navigate = useNavigate();
  const [, start] = useMutation(ExportQuery);
  const inBackground = async (format: ExportFormat) => {
    const { data, error } = await start({ input: { statement, format } });
    if (!data) return toast(error ? errorText(error) : t`The server gave no answer.`, "failed");
    toast(t`It is being written`);
    void navigate({ to: "/automation", search: { tab: "exports" } });
  };
  return (
    <Menu label={t`Download`} className="inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-xs font-medium text-muted hover:bg-hover hover:text-text"
      button={<><Icon name="download" size={14} /> <Trans>Download</Trans></>}
      items={[
        { label: t`CSV`, onSelect: () => onDownload("csv") },
        { label: t`Parquet`, onSelect: () => onDownload("parquet") },
        { label: t`Arrow`, onSelect: () => onDownload("arrow") },
        // An export is of the present: as of a snapshot there is only the download.
        ...(asOf ? [] : [
          { label: t`Export as CSV, in the background`, icon: "clock" as const, onSelect: () => void inBackground("CSV") },
          { label: t`Export as Parquet, in the background`, icon: "clock" as const, onSelect: () => void inBackground("PARQUET") },
        ]),
      ]} />
  );
}
