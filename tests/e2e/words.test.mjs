// The dictionaries: everything that is said in one language is said in the other, with the same
// values in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import zh from '../../web/i18n/zh.js';
import en from '../../web/i18n/en.js';

const values = (text) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
const only = (some, others) => Object.keys(some).filter((key) => !Object.hasOwn(others, key));

const source = (name) => fs.readFileSync(new URL(`../../web/i18n/${name}.js`, import.meta.url), 'utf8');

describe('words', () => {
  test('no key is said twice', () => {
    for (const name of ['zh', 'en']) {
      const keys = [...source(name).matchAll(/^ {2}'([^']+)':/gm)].map(([, key]) => key);
      assert.deepEqual(keys.filter((key, i) => keys.indexOf(key) !== i), [], name);
    }
  });

  test('Chinese and English have the same keys', () => {
    assert.deepEqual(only(zh, en), [], 'keys that English lacks');
    assert.deepEqual(only(en, zh), [], 'keys that Chinese lacks');
  });

  test('both take the same values', () => {
    for (const key of Object.keys(zh)) assert.deepEqual(values(en[key]), values(zh[key]), key);
  });

  test('no Chinese is left in the English ones but terms and what the catalogue holds', () => {
    const terms = /^(help\.word\..*|tools\.language|check\.text\.sample|.*\.suffix)$/;
    const left = Object.keys(en).filter((key) => /\p{Script=Han}/u.test(en[key]) && !terms.test(key));
    assert.deepEqual(left, []);
  });

  test('English has no quotation marks that the Chinese fonts draw as wide as a character', () => {
    assert.deepEqual(Object.keys(en).filter((key) => /[“”‘’]/.test(en[key])), []);
  });
});
