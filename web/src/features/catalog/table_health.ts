import { t } from "@lingui/core/macro";
export type Verdict = { tone: "ok" | "warn"; text: string };

/** Fewer files than this are no burden, however small. */
const filesThatNeverMatter = 32;
/** A file below this is mostly the cost of opening it. */
const smallFileBytes = 4e6;

/** Whether the files of the present snapshot slow queries down, and what helps. */
export function healthOf({ fileCount, sizeBytes }: { fileCount: number; sizeBytes: number }): Verdict {
  if (fileCount <= filesThatNeverMatter) return { tone: "ok", text: t`Few files: queries open no more than they have to.` };
  if (sizeBytes / fileCount < smallFileBytes) {
    return { tone: "warn", text: t`Many small files: a query opens each of them that it cannot rule out. Fewer, larger requests make fewer; an Iceberg engine can merge those that are there.` };
  }
  return { tone: "ok", text: t`Large enough files: queries spend their time reading, not opening.` };
}
