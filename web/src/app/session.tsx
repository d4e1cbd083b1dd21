import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from "react";
import { Provider, useQuery } from "urql";
import { makeClient } from "@/app/client";
import { forgetEarlyAnswers } from "@/app/early_answers";
import { markFetched, type FirstData } from "@/app/first_data";
import type { SessionQuery } from "@/gql/graphql";
import { graphql } from "@/gql/gql";

const Session = graphql(`
  query Session {
    viewer {
      id
      name
      email
      role
      grants {
        role
      }
      organizationName
    }
    setup {
      needed
      version
    }
  }
`);

export type Viewer = NonNullable<SessionQuery["viewer"]>;

const Restart = createContext<() => void>(() => undefined);

/** A new session, or none: everything that was fetched is forgotten. */
export const useRestart = () => useContext(Restart);

/** Whom the present client belongs to may change before the app is drawn. */
let onSignedOut: () => void = () => undefined;
const begin = () => makeClient(() => onSignedOut());
const firstClient = begin();
/** Asked before anybody is there to ask it: pages find the answer, or wait for the same one. */
export const firstSession = firstClient.client.query(Session, {}).toPromise();

/** What the page that the app begins with shows first, where somebody is signed in. */
export async function fetchFirst(fetches: readonly { fetch: FirstData; parameters: Readonly<Record<string, string>> }[]) {
  const viewer = (await firstSession).data?.viewer;
  if (!viewer || fetches.length === 0) return;
  await Promise.all(fetches.map(({ fetch, parameters }) => fetch(firstClient.client, viewer, parameters)));
  markFetched();
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [made, setMade] = useState(() => ({ ...firstClient, generation: 0 }));
  const restart = useCallback(() => {
    forgetEarlyAnswers();
    const next = begin();
    setMade(({ generation }) => ({ ...next, generation: generation + 1 }));
  }, []);
  useEffect(() => {
    onSignedOut = restart;
  }, [restart]);
  useEffect(() => made.close, [made]);
  // With the key, what is shown begins anew, too: else pages would ask once more as whoever was signed in.
  return (
    <Restart value={restart}>
      <Provider key={made.generation} value={made.client}>{children}</Provider>
    </Restart>
  );
}

export const useSession = () => useQuery({ query: Session });

const Current = createContext<Viewer | null>(null);
export const ViewerProvider = Current.Provider;

export function useViewer(): Viewer {
  const viewer = useContext(Current);
  if (!viewer) throw new Error("useViewer is for pages behind the sign-in");
  return viewer;
}

/** May they change things somewhere? What exactly, the server says where it matters. */
export function useCanEdit(): boolean {
  const viewer = useViewer();
  return [viewer.role, ...viewer.grants.map((grant) => grant.role)].some((role) => role === "OWNER" || role === "ADMIN" || role === "EDITOR");
}

export const isAdmin = ({ role }: Viewer) => role === "OWNER" || role === "ADMIN";
export const useIsAdmin = () => isAdmin(useViewer());
