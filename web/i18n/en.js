// All words of the pages in English, by key: the same keys as zh.js.

export default {
};
