/** What the first script knows of a page: the files of its code, and what it asks the server before anything else. */
export type FirstPage = {
  files: readonly string[];
  /** Bodies for /graphql; where their variables hold "{id}", the second part of the address takes the place. */
  bodies?: readonly string[];
  /** What an admin's page asks, where that is something else. */
  adminBodies?: readonly string[];
};

/**
 * Runs before the app's code is there, from a file of its own, and starts what would wait for it: fetching
 * the code of the page at this address, and asking the server who this is and what the page shows. The app
 * finds the answers in `firnEarly`, by the bodies of the requests. It may use nothing but the browser:
 * the build writes its source into the file.
 */
export function first(pages: Readonly<Record<string, FirstPage>>, session: string) {
  const [, name = "", id = ""] = location.pathname.split("/");
  const page = pages[name];
  for (const file of page?.files ?? []) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.crossOrigin = "";
    link.href = file;
    document.head.append(link);
  }
  const token = /(?:^|;\s*)firn_csrf=([^;]+)/.exec(document.cookie)?.[1];
  const early = new Map<string, Promise<Response>>();
  const ask = (body: string) => {
    const answer = fetch("/graphql", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json", ...(token && { "X-Firn-CSRF": token }) },
      body,
    });
    // Whoever takes it meets the error; where nobody does, nobody needs to.
    answer.catch(() => undefined);
    early.set(body, answer);
    return answer;
  };
  Object.assign(globalThis, { firnEarly: early });
  const known = ask(session);
  const { bodies = [], adminBodies } = page ?? {};
  if (!token || bodies.some((body) => body.includes("{id}") && !id)) return;
  const askAll = (all: readonly string[]) => all.forEach((body) => void ask(body.replace("{id}", () => JSON.stringify(decodeURIComponent(id)).slice(1, -1))));
  if (!adminBodies) return askAll(bodies);
  known.then((answer) => answer.clone().json())
    .then(({ data }: { data?: { viewer?: { role: string } | null } }) => {
      if (data?.viewer) askAll(/^(OWNER|ADMIN)$/.test(data.viewer.role) ? adminBodies : bodies);
    })
    .catch(() => undefined);
}
