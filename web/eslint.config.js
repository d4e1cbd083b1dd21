import lingui from "eslint-plugin-lingui";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = ["activity", "agents", "ask", "automation", "catalog", "connections", "dashboards", "insights", "jobs", "proposals", "session", "settings", "sql"];
// Neither a word that begins a sentence nor words beside each other; lists of classes; SQL; names of keys and makes.
const notWords = [
  "^(?!.*[A-Za-z“][A-Za-z’”,.:;]* [A-Za-z“])(?!\\s*[A-Z][a-z]+)",
  "^(?=.*[a-z]-[a-z0-9[(])[-a-z0-9:[\\]/.,()_&>%!*=@+# ]+$",
  "^[^a-z]*$",
  "^(FIRN_KEY=|ATTACH|SELECT|CAST|UNION|IS |FROM|AND|WHERE|ORDER|LIMIT|count\\(|round\\(|date_trunc|contains\\(| AS )",
  "^(Ctrl|Esc|Mod|Shift|Arrow|Page|Home|End|Enter|Escape|Tab|Delete|Backspace|Content-Type|X-|Firn$|PostgreSQL|Python|JavaScript|Java|Go|None|True|False)",
];
/** What they are given is for programs. */
const machine = ["graphql", "buttonClass", "lazyRouteComponent", "invalidate", "paged", "kept", "cache.*", "*.querySelector", "*.querySelectorAll", "*.matches", "*.closest", "RegExp", "Error", "usePoll", "*.addEventListener", "matchMedia"];

const forbid = (patterns, message) => ({
  "no-restricted-imports": ["error", { patterns: [{ group: patterns, message }] }],
});

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/gql"] },
  {
    files: ["src/**/*.{ts,tsx}", "*.ts"],
    extends: [tseslint.configs.recommended],
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "react-hooks/incompatible-library": "off",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Rows and SQL are never HTML." },
        { selector: "JSXText[value=/[A-Za-z]{2}/]:not([value=/^\\s*Firn\\s*$/]):not(JSXElement[openingElement.name.name=/^(Trans|code|kbd|pre)$/] JSXText)", message: "What people read goes through the catalogue: <Trans>." },
        { selector: "ExportAllDeclaration", message: "No barrel files: import from where a thing is." },
      ],
    },
  },
  // What people read goes through the catalogue.
  {
    files: ["src/**/*.{ts,tsx}"],
    // Programs and styles, and the cache's names.
    ignores: ["src/**/*.test.{ts,tsx}", "src/features/catalog/append_code.ts", "src/features/sql/code_mirror.ts", "src/app/client.ts"],
    plugins: { lingui },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "lingui/no-trans-inside-trans": "error",
      "lingui/no-unlocalized-strings": ["error", { useTsTypes: true, ignore: notWords, ignoreFunctions: machine, ignoreNames: ["__typename", "fontFamily", { regex: { pattern: "className", flags: "i" } }] }],
    },
  },
  { files: ["src/**/*.test.tsx"], rules: { "no-restricted-syntax": "off" } },
  // One way: app, then features, then ui. Features do not know each other; app brings them together.
  { files: ["src/ui/**"], rules: forbid(["@/app/*", "@/features/*", "@/gql/*"], "ui knows neither pages nor data.") },
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: forbid(
      ["@/app/*", ...features.filter((other) => other !== feature).map((other) => `@/features/${other}/*`)],
      "A feature knows itself, ui and the schema's types.",
    ),
  })),
);
