// When the quiet hour is. Pure.

const WINDOW = 60; // minutes after which a missed one is left for the next night

const minutes = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Whether the hour QUIET ("03:40"), SPREAD minutes later for this wall, is now: TIME "HH:MM". */
export function isQuiet(quiet, time, spread) {
  return (minutes(time) - minutes(quiet) - spread + 2880) % 1440 < WINDOW;
}
