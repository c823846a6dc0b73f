// Rules for the browser scripts and their tests; run from the repository's root.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  eqeqeq: "error",
  "max-lines": ["error", 200],
  "no-implicit-globals": "error",
  "no-unused-vars": "error",
  "no-var": "error",
  "prefer-const": ["error", { destructuring: "all" }],
  strict: ["error", "global"],
};

export default [
  js.configs.recommended,
  {
    files: ["llmxray/report/**/*.js"],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "script",
      // `module` is there in tests only.
      globals: { ...globals.browser, llmxray: "readonly", module: "writable" },
    },
    rules,
  },
  {
    files: ["tests/scripts/**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "commonjs", globals: { ...globals.node, llmxray: "readonly" } },
    rules,
  },
];
