// What is looked for in the pages' styles: faults, not taste.
export default {
  extends: 'stylelint-config-standard',
  rules: {
    // Taste, or what the layout needs.
    'alpha-value-notation': null,
    'at-rule-empty-line-before': null,
    'color-function-notation': null,
    'comment-empty-line-before': null,
    'custom-property-empty-line-before': null,
    'declaration-block-single-line-max-declarations': null,
    'declaration-empty-line-before': null,
    'no-descending-specificity': null,
    'rule-empty-line-before': null,
    'import-notation': null,
    'media-feature-range-notation': null,
    'value-keyword-case': ['lower', { ignoreKeywords: ['currentColor', 'A4'] }],
    'property-no-vendor-prefix': null, // phones' in-app browsers are old
  },
};
