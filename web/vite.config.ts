import { compileMessage, type CompiledMessage } from "@lingui/message-utils/compileMessage";
import { lingui } from "@lingui/vite-plugin";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { formatDocument, stringifyDocument } from "@urql/core";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { first, type FirstPage } from "./first_script";

/** The generated documents, by the names of their constants. */
function generatedDocuments(): ReadonlyMap<string, string> {
  const generated = readFileSync(new URL("src/gql/graphql.ts", import.meta.url), "utf8");
  return new Map([...generated.matchAll(/^export const (\w+) = (\{.*\}) as unknown as DocumentNode/gm)].map(([, name, text]) => [name!, text!]));
}

/**
 * Puts the generated document where a source file says graphql(`...`). Otherwise every document of
 * the app would be looked up in one table by its text, and that table would be part of each page.
 */
function graphqlDocuments(): Plugin {
  const call = /\bgraphql\(\s*`\s*(query|mutation|subscription|fragment)\s+(\w+)[^`]*`\s*\)/g;
  let documents: ReadonlyMap<string, string> = new Map();
  return {
    name: "firn-graphql-documents",
    enforce: "pre",
    buildStart() {
      documents = generatedDocuments();
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

/**
 * The macros leave each message as it is written; here it becomes what the runtime would make of it, so that
 * English needs neither a catalogue nor a reader of messages in the browser. The sources have no other
 * `message: "words"`: ESLint finds words that are not inside of a macro.
 */
function compiledMessages(): Plugin {
  // The number of a plural is a value of its own, "0#" for "0", which ui/language.ts writes as the reader does.
  const counted = (tokens: CompiledMessage, count?: string): CompiledMessage => typeof tokens === "string" ? tokens : tokens.map((token) => {
    if (typeof token === "string") return token === "#" && count !== undefined ? [`${count}#`] : token;
    const [name, kind, cases] = token;
    if (typeof cases !== "object" || cases === null) return token;
    return [name, kind, Object.fromEntries(Object.entries(cases as Record<string, CompiledMessage | number | undefined>).flatMap(([when, inside]) =>
      inside === undefined ? [] : [[when, typeof inside === "number" ? inside : counted(inside, kind === "plural" ? name : count)]]))];
  });
  const message = /\bmessage: ("(?:[^"\\]|\\.)*")/g;
  return {
    name: "firn-compiled-messages",
    enforce: "pre",
    transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || !code.includes("@/ui/language") && !code.includes("@/ui/trans")) return null;
      return { code: code.replace(message, (_, text: string) => `message: ${JSON.stringify(counted(compileMessage(JSON.parse(text))))}`), map: null };
    },
  };
}

/** The pages' modules, by the first part of their address, as the router has them; "shell" is the frame around them. */
function pageModules(): ReadonlyMap<string, string> {
  const router = readFileSync(new URL("src/app/router.tsx", import.meta.url), "utf8");
  const routes = router.split("createRoute({").map((route) => [/(?:path: "\/|id: ")([\w-]*)/.exec(route)?.[1], /import\("@\/(app\/\w+)"\)/.exec(route)?.[1]] as const);
  return new Map(routes.filter((route): route is [string, string] => route[0] !== undefined && route[1] !== undefined));
}

/** Writes the first script (first_script.ts) beside the app, names it and the font in index.html, and tells it which files each page is made of. */
function firstScript(): Plugin {
  return {
    name: "firn-first-script",
    apply: "build",
    enforce: "post",
    writeBundle({ dir }, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const html = new URL("index.html", `file://${dir!}/`);
      const page = readFileSync(html, "utf8");
      const filesOf = (module: string) => {
        const files = new Set<string>();
        const visit = (name: string) => {
          if (files.has(name) || page.includes(name)) return;
          files.add(name);
          chunks.find((chunk) => chunk.fileName === name)?.imports.forEach(visit);
        };
        visit(chunks.find((chunk) => chunk.facadeModuleId?.endsWith(`/src/${module}.tsx`))!.fileName);
        return files;
      };
      const documents = generatedDocuments();
      // As urql writes it: first_script's answers are found by it.
      const body = (name: string, variables?: object) =>
        JSON.stringify({ operationName: name, query: stringifyDocument(formatDocument(JSON.parse(documents.get(`${name}Document`)!))), variables });
      const asked: Readonly<Record<string, Omit<FirstPage, "files">>> = {
        "": { bodies: [body("Home", { everybody: false }), body("Rate")], adminBodies: [body("Home", { everybody: true }), body("Rate"), body("DeadJobs")] },
        dashboards: { bodies: [body("DashboardById", { id: "{id}" })] },
      };
      const { shell, ...modules } = Object.fromEntries(pageModules());
      const pages = Object.fromEntries(Object.entries(modules).map(([name, module]) => [name, { files: [...new Set([...filesOf(shell!), ...filesOf(module)])].map((file) => `/${file}`), ...asked[name] }]));
      const code = `(${first.toString()})(${JSON.stringify(pages)},${JSON.stringify(body("Session"))})`;
      const name = `assets/first-${createHash("sha256").update(code).digest("hex").slice(0, 8)}.js`;
      writeFileSync(new URL(name, html), code);
      // What every page runs at once: browsers that know the hint compile it beside the page's thread.
      for (const { fileName, code: text } of chunks) if (page.includes(fileName)) writeFileSync(new URL(fileName, html), `//# allFunctionsCalledOnLoad\n${text}`);
      const font = Object.keys(bundle).find((file) => /inter-latin-wght-normal-.*\.woff2$/.test(file))!;
      writeFileSync(html, page.replace('<script type="module"', `<script src="/${name}"></script>\n    <link rel="preload" as="font" type="font/woff2" crossorigin href="/${font}">\n    $&`));
    },
  };
}

const server = process.env.FIRN_URL ?? "http://127.0.0.1:8080";
const proxied = ["/graphql", "/query", "/append", "/upload", "/tasks", "/healthz", "/readyz", "/iceberg", "/mcp"];

export default defineConfig({
  plugins: [graphqlDocuments(), lingui({ macroTransform: { macro: { descriptorFields: "message" } } }), compiledMessages(), react(), tailwindcss(), firstScript()],
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
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Each request costs more than these few bytes: what most pages have is one file.
            { name: "frame", test: /\/src\/(app\/(shell|palette|places|shortcuts)|features\/catalog\/append_code|features\/activity\/(first_rows|ingestion)|gql\/fragment-masking|ui\/(?!chart|grid|markdown|schedule|cron)\w+)\.tsx?$/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
