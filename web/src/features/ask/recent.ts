const most = 8;

/** Each person has questions of their own in a browser that several share. */
const keyOf = (owner: string) => `firn.asked.${owner}`;

/** The questions with this one first; once each, however it is written. */
export const withQuestion = (recent: readonly string[], question: string) =>
  [question, ...recent.filter((each) => each.toLowerCase() !== question.toLowerCase())].slice(0, most);

/** What somebody asked last in this browser, newest first. */
export function loadRecent(owner: string): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(owner)) ?? "[]");
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string" && each !== "").slice(0, most) : [];
  } catch {
    return [];
  }
}

export function storeRecent(owner: string, recent: readonly string[]) {
  try {
    localStorage.setItem(keyOf(owner), JSON.stringify(recent));
  } catch {
    // Full or forbidden: the questions live until the page is left.
  }
}
