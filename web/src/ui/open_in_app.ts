import { createContext } from "react";

/** Goes to a path of the app without loading it anew; null where there is no app around. */
export const OpenInApp = createContext<((path: string) => void) | null>(null);
