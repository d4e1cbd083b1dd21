import { defineConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

/** The messages of the app are English in the sources; `npm run words` gathers them in one catalogue, which translations begin from. */
export default defineConfig({
  sourceLocale: "en",
  locales: ["en"],
  catalogs: [{ path: "<rootDir>/src/locales/{locale}", include: ["src"], exclude: ["**/*.test.*", "src/gql/**"] }],
  orderBy: "message",
  // What changes with each line that moves is no part of the catalogue.
  format: formatter({ lineNumbers: false }),
  runtimeConfigModule: { i18n: ["@/ui/language", "i18n"], Trans: ["@/ui/trans", "Trans"] },
});
