// What browsers inside other apps, which are often years old, lack of what the pages use.

Object.hasOwn ??= (object, key) => Object.prototype.hasOwnProperty.call(object, key);

for (const kind of [Array, String]) {
  kind.prototype.at ??= function at(i) {
    return this[i < 0 ? this.length + i : i];
  };
}

AbortSignal.timeout ??= (ms) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
};
