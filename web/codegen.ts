import type { CodegenConfig } from "@graphql-codegen/cli";

// FIRN_SCHEMA: a test hands in a changed copy of the schema, to see that the app no longer compiles.
const config: CodegenConfig = {
  schema: `${process.env.FIRN_SCHEMA ?? "../schema"}/*.graphql`,
  documents: ["src/**/*.{ts,tsx}", "!src/gql/**"],
  ignoreNoDocuments: false,
  errorsOnly: true,
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "readFragment" } },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: "string", Long: "number", JSON: "unknown" },
      },
    },
    "src/gql/keyless.ts": { plugins: ["./codegen_keyless.cjs"] },
  },
};

export default config;
