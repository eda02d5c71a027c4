// What the cockpit does beside showing figures: each in a file of its own, begun here.

export function extras(cockpit) {
  document.documentElement.dataset.theme = 'hall';
  for (const { at, found, allowed } of cockpit.complaints) {
    console.warn(`screen.json: ${at} is ${found}; allowed: ${allowed}`);
  }
}
