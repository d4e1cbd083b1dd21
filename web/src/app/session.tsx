import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { Provider, useQuery } from "urql";
import { makeClient } from "@/app/client";
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

type Viewer = NonNullable<SessionQuery["viewer"]>;

const Restart = createContext<() => void>(() => undefined);

/** A new session, or none: everything that was fetched is forgotten. */
export const useRestart = () => useContext(Restart);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [generation, setGeneration] = useState(0);
  const restart = useCallback(() => setGeneration((n) => n + 1), []);
  const made = useMemo(() => ({ ...makeClient(restart), generation }), [restart, generation]);
  useEffect(() => {
    // Asked before anybody is there to ask it: pages find the answer, or wait for the same one.
    void made.client.query(Session, {}).toPromise();
    return made.close;
  }, [made]);
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

export function useIsAdmin(): boolean {
  const { role } = useViewer();
  return role === "OWNER" || role === "ADMIN";
}
