// What is looked for in the pages' and the tests' scripts: faults, not taste.
import js from '@eslint/js';
import globals from 'globals';

const rules = {
  ...js.configs.recommended.rules,
  'array-callback-return': 'error',
  eqeqeq: 'error',
  'no-constructor-return': 'error',
  'no-else-return': 'error',
  'no-implied-eval': 'error',
  'no-eval': 'error',
  'no-promise-executor-return': 'off',
  'no-self-compare': 'error',
  'no-shadow': 'off',
  'no-template-curly-in-string': 'error',
  'no-throw-literal': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
  'no-unused-expressions': ['error', { allowTernary: true, allowShortCircuit: true }],
  'no-unused-vars': ['error', { args: 'after-used', ignoreRestSiblings: true }],
  'no-useless-return': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'prefer-promise-reject-errors': 'error',
  'prefer-template': 'error',
  radix: ['error', 'as-needed'],
  'require-atomic-updates': 'off',
};
// No title may become markup.
const markup = {
  'no-restricted-properties': ['error',
    ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
      property, message: 'text becomes a text node' })),
    { object: 'document', property: 'write', message: 'text becomes a text node' }],
  'no-alert': 'error',
  'no-console': ['error', { allow: ['warn'] }],
};
const module = { ecmaVersion: 2024, sourceType: 'module' };

export default [
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['web/js/**/*.js'], languageOptions: { ...module, globals: globals.browser },
    rules: { ...rules, ...markup } },
  { files: ['web/js/worker.js'], languageOptions: { ...module, globals: globals.serviceworker } },
  { files: ['web/*.mjs', 'tests/**/*.mjs'],
    languageOptions: { ...module, globals: { ...globals.node, ...globals.browser } }, rules },
  // Loops await what a callback sets; numbers are sent as they are written; what speaks to a shell
  // or reads a terminal looks like a mistake.
  { files: ['tests/**/*.mjs'],
    rules: { 'no-unmodified-loop-condition': 'off', 'no-loss-of-precision': 'off',
             'no-template-curly-in-string': 'off', 'no-control-regex': 'off' } },
];
