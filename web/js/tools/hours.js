// Which theme an hour has, and which choice follows which. Pure.

export const THEMES = ['hall', 'office'];

/** What HOURS ({"HH:MM": theme}) say for a time of day "HH:MM"; before the first it is the last. */
export function themeAt(hours, time) {
  const all = Object.keys(hours ?? {}).sort();
  const hour = all.filter((at) => at <= time).at(-1) ?? all.at(-1);
  return hour ? hours[hour] : THEMES[0];
}

/** The choice after CHOICE: the other theme, then the hour's own for good, then (null) the hours. */
export function nextChoice(choice, scheduled) {
  const other = THEMES.find((theme) => theme !== scheduled);
  if (choice === null) return other;
  return choice === other ? scheduled : null;
}
