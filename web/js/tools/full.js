// Full screen, where the browser has it.

export function fullScreen() {
  document.addEventListener('wish-full', () => {
    const done = document.fullscreenElement ? document.exitFullscreen()
      : document.documentElement.requestFullscreen?.();
    done?.catch(() => {}); // refused by the browser: the screen stays as it is
  });
}
