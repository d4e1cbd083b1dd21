import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * Puts the generated document where a source file says graphql(`...`). Otherwise every document of
 * the app would be looked up in one table by its text, and that table would be part of each page.
 */
function graphqlDocuments(): Plugin {
  const call = /\bgraphql\(\s*`\s*(query|mutation|subscription|fragment)\s+(\w+)[^`]*`\s*\)/g;
  const documents = new Map<string, string>();
  return {
    name: "firn-graphql-documents",
    enforce: "pre",
    buildStart() {
      const generated = readFileSync(new URL("src/gql/graphql.ts", import.meta.url), "utf8");
      for (const [, name, text] of generated.matchAll(/^export const (\w+) = (\{.*\}) as unknown as DocumentNode/gm)) documents.set(name!, text!);
    },
    transform(code, id) {
      if (!/\/src\/(app|features)\/.*\.tsx?$/.test(id) || !code.includes("graphql(`")) return null;
      const changed = code.replace(call, (_, kind: string, name: string) => {
        const document = documents.get(name + (kind === "fragment" ? "FragmentDoc" : "Document"));
        if (!document) throw new Error(`${id}: ${name} is not among the generated documents; run npm run codegen`);
        return document;
      });
      return { code: changed.replace(/import \{ graphql \} from "@\/gql\/gql";/, ""), map: null };
    },
  };
}

const server = process.env.FIRN_URL ?? "http://127.0.0.1:8080";
const proxied = ["/graphql", "/query", "/append", "/upload", "/tasks", "/healthz", "/readyz", "/iceberg", "/mcp"];

export default defineConfig({
  plugins: [graphqlDocuments(), react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(proxied.map((path) => [`^${path}(/|$|\\?)`, { target: server, ws: path === "/graphql" }])),
  },
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
