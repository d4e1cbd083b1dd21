import { useState } from "react";
import type { Client, RequestPolicy } from "urql";
import type { Viewer } from "@/app/session";

export type FirstData = (client: Client, viewer: Viewer, parameters: Readonly<Record<string, string>>) => Promise<unknown>;

const momentMs = 2000;
let fetchedAt = -Infinity;

/** What the page shows first is in the cache now. */
export const markFetched = () => {
  fetchedAt = performance.now();
};

/** The policy of a page's query: that of the page that the app began with was answered a moment ago, and is not asked again. */
export function useFirstPolicy(): RequestPolicy {
  const [policy] = useState<RequestPolicy>(() => {
    const fresh = performance.now() - fetchedAt < momentMs;
    fetchedAt = -Infinity;
    return fresh ? "cache-first" : "cache-and-network";
  });
  return policy;
}
