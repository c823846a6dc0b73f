// Rules for the browser scripts and their tests; run from the repository's root.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  eqeqeq: "error",
  "max-lines": ["error", 200],
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
      // The build wraps each of them in a strict function that has a `module`.
      sourceType: "commonjs",
      globals: { ...globals.browser, llmxray: "readonly", module: "writable" },
    },
    rules: { ...rules, strict: ["error", "never"] },
  },
  {
    files: ["tests/scripts/**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "commonjs", globals: { ...globals.node, llmxray: "readonly" } },
    rules,
  },
];
