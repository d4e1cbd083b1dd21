/** What the page's first script (first_script.ts) asked before the app was there, by the bodies of the requests. */
type Early = Map<string, Promise<Response>>;

/** The answer to a request that is under way already; each is given once. */
export function earlyAnswer(body: unknown): Promise<Response> | undefined {
  const early = (globalThis as { firnEarly?: Early }).firnEarly;
  if (!early || typeof body !== "string") return undefined;
  const answer = early.get(body);
  early.delete(body);
  return answer;
}

/** For a session that ended: nobody else gets what it was told. */
export const forgetEarlyAnswers = () => (globalThis as { firnEarly?: Early }).firnEarly?.clear();
