// Runs before anything is painted, so that nothing flashes: the theme and the language as they were
// last shown. What is right now is found out afterwards.

(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('theme') ?? localStorage.getItem('theme-shown');
    if (theme === 'hall' || theme === 'office') root.dataset.theme = theme;
    const language = localStorage.getItem('language') ?? localStorage.getItem('language-shown');
    if (language === 'en') root.lang = 'en';
  } catch {
    // A browser that keeps nothing begins as the page says.
  }
})();
