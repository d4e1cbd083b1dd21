import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = ["activity", "agents", "ask", "automation", "catalog", "connections", "dashboards", "insights", "jobs", "proposals", "session", "settings", "sql"];
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
        { selector: "ExportAllDeclaration", message: "No barrel files: import from where a thing is." },
      ],
    },
  },
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
