import { t } from "@lingui/core/macro";
/** What urql calls a CombinedError, as far as a reader is concerned. */
export type Problem = {
  networkError?: Error | undefined;
  graphQLErrors: readonly { message: string; extensions?: Record<string, unknown> | undefined }[];
  response?: { status?: number } | undefined;
};

export const errorCode = (error: Problem): string => String(error.graphQLErrors[0]?.extensions?.code ?? "");

/** One sentence for people. */
export function errorText(error: Problem): string {
  const first = error.graphQLErrors[0];
  if (first) return sentence(first.message);
  const status = error.response?.status;
  if (status === 429) return t`The server is busy. Try again in a moment.`;
  if (status) return t`The server answered with status ${status}.`;
  return t`The server cannot be reached. Check the connection and try again.`;
}

export const sentence = (text: string) => {
  const trimmed = text.trim();
  return trimmed ? trimmed[0]!.toUpperCase() + trimmed.slice(1) + (/[\w"')\]]$/.test(trimmed) ? "." : "") : t`Something went wrong.`;
};

/**
 * The table, by the name that the message has, that may not have been there at the time that was asked:
 * either it had no snapshot yet, or the engine did not find it. Null: the message says something else.
 */
export const tableNotFound = (message: string): string | null =>
  (/\bthe table (\S+) has no snapshot that is this old/i.exec(message) ?? /\bTable with name (\S+) does not exist/.exec(message))?.[1] ?? null;
