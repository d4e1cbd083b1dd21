import { cacheExchange, type Cache, type DataField } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { createClient as createSocket } from "graphql-ws";
import { Client, fetchExchange, mapExchange, subscriptionExchange, type CombinedError } from "urql";
import { fetchExact } from "@/app/exact_numbers";
import { mutationsApart } from "@/app/mutations_apart";
import type { UpdateAgentInput, UpdateDashboardInput } from "@/gql/graphql";
import { keyless } from "@/gql/keyless";

/** The server sets it beside the session's own cookie; no other site can read it. */
const csrfToken = () => /(?:^|;\s*)firn_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";

export const csrfHeaders = (): Record<string, string> => {
  const token = csrfToken();
  return token ? { "X-Firn-CSRF": token } : {};
};

const isSignedOut = (error: CombinedError) =>
  error.response?.status === 401 || error.graphQLErrors.some((each) => each.extensions.code === "UNAUTHENTICATED");

const paged = (...fields: string[]) => Object.fromEntries(fields.map((field) => [field, relayPagination()]));

/** One person's client: its cache goes with it when the session ends. */
export function makeClient(onSignedOut: () => void) {
  const socket = createSocket({
    url: `${location.origin.replace(/^http/, "ws")}/graphql`,
    connectionParams: () => ({ csrf: csrfToken() }),
    lazyCloseTimeout: 5000,
    retryAttempts: 20,
  });
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetch: fetchExact,
    fetchOptions: () => ({ credentials: "same-origin", headers: csrfHeaders() }),
    exchanges: [
      mapExchange({
        onError(error, operation) {
          const signingIn = ["SignIn", "Session", "SetUp", "AcceptInvitation"].some((name) =>
            operation.query.definitions.some((each) => "name" in each && each.name?.value === name));
          if (isSignedOut(error) && !signingIn) onSignedOut();
        },
      }),
      mutationsApart(),
      cacheExchange({
        keys: Object.fromEntries(keyless.map((name) => [name, () => null])),
        resolvers: {
          Query: paged("auditLog", "queryHistory"),
          Table: paged("snapshots", "files"),
          Dashboard: paged("versions"),
        },
        optimistic: {
          // Paused at once; whatever else is changed waits for the server's answer.
          updateAgent: ({ input }, cache) => {
            const { id, ...fields } = input as UpdateAgentInput;
            const entity = { __typename: "Agent", id: String(id) };
            return { ...kept(cache, entity, "name", "instructions", "tables", "measures", "findings", "budgetCalls", "budgetSeconds", "budgetTokens", "mayDo", "cron", "zone", "paused"), ...entity, ...fields };
          },
          // A saved dashboard shows at once; the server's answer, or its refusal, takes its place.
          updateDashboard: ({ input }, cache) => {
            const { id, ...fields } = input as UpdateDashboardInput;
            const entity = { __typename: "Dashboard", id };
            return {
              ...entity,
              ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
              ...(fields.tiles && { tiles: fields.tiles.map((tile) => ({ ...tile, __typename: "Tile", spec: tile.spec && { ...tile.spec, __typename: "ChartSpec" } })) }),
              ...(fields.variables && { variables: fields.variables.map((each) => ({ ...each, __typename: "Variable" })) }),
              version: cache.resolve(entity, "version"),
              updatedAt: cache.resolve(entity, "updatedAt"),
              updatedBy: cache.resolve(entity, "updatedBy"),
            };
          },
        },
        updates: {
          Mutation: {
            createDashboard: (_, __, cache) => invalidate(cache, "dashboards"),
            deleteDashboard: (_, args, cache) => cache.invalidate({ __typename: "Dashboard", id: args.id as string }),
            saveQuery: (_, __, cache) => invalidate(cache, "savedQueries"),
            deleteSavedQuery: (_, args, cache) => cache.invalidate({ __typename: "SavedQuery", id: args.id as string }),
            runQuery: (_, __, cache) => invalidate(cache, "queryHistory"),
            createInsight: (_, __, cache) => invalidate(cache, "insights"),
            createAgent: (_, __, cache) => invalidate(cache, "agents"),
            deleteAgent: (_, args, cache) => cache.invalidate({ __typename: "Agent", id: args.id as string }),
            createConnection: (_, __, cache) => invalidate(cache, "connections"),
            deleteConnection: (_, args, cache) => cache.invalidate({ __typename: "Connection", id: args.id as string }),
            dropTable: (_, __, cache) => invalidate(cache, "tables", "catalogs", "table"),
            invitePerson: (_, __, cache) => invalidate(cache, "organization"),
            revokeInvitation: (_, __, cache) => invalidate(cache, "organization"),
            removePerson: (_, __, cache) => invalidate(cache, "organization"),
            createServiceAccount: (_, __, cache) => invalidate(cache, "organization"),
            deleteServiceAccount: (_, __, cache) => invalidate(cache, "organization"),
            createKey: (_, __, cache) => invalidate(cache, "organization"),
          },
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink as never) }),
        }),
      }),
    ],
  });
  return { client, close: () => void socket.dispose() };
}

/** What the cache has of these fields: an optimistic answer has to have all that could be asked for. */
const kept = (cache: Cache, entity: { __typename: string; id: string }, ...names: string[]): Record<string, DataField> =>
  Object.fromEntries(names.map((name) => [name, cache.resolve(entity, name) ?? null]));

function invalidate(cache: Cache, ...names: string[]) {
  for (const { fieldName, arguments: args } of cache.inspectFields("Query")) {
    if (names.includes(fieldName)) cache.invalidate("Query", fieldName, args);
  }
}
