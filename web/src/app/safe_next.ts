/** Only paths of this app: a link from elsewhere cannot lead away from it. */
export const safeNext = (next: string | undefined) => (next && /^\/(?![/\\])/.test(next) ? next : "/");
