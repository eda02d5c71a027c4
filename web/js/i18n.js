// The words of the pages, in the language that is set before anything is shown.

import { writeIn } from './format.js';
import zh from '../i18n/zh.js';
import en from '../i18n/en.js';

const dictionaries = { zh, en };
let words = zh;
let tag = 'zh';

/** LANGUAGE "zh" or "en"; anything else leaves it as it is. */
export function setLanguage(language) {
  if (!Object.hasOwn(dictionaries, language)) return;
  words = dictionaries[language];
  tag = language;
  writeIn(language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

export const language = () => tag;

export function t(key, values) {
  const text = words[key] ?? zh[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '') : text;
}

export const weekdays = () => t('weekdays').split(' ');
