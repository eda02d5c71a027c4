// What every export says of itself: up to when its figures hold, and of which revision they are.

import { clock, dayKey } from '../format.js';
import { t } from '../i18n.js';

const zoneName = (minutes) => {
  const hours = Math.trunc(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`;
};

/** "数据截至 2026-11-25 01:35:42 (UTC+8) · revision 123 · epoch 1a19…" */
export function stampOf({ asOf, zone, rev, epoch }) {
  if (asOf === null) return t('export.nothing');
  return t('export.stamp', { time: `${dayKey(asOf, zone)} ${clock(asOf, zone)}`,
                             zone: zoneName(zone ?? 0), rev, epoch });
}

/** A file's name without its ending: what it is, of when, of which revision. */
export function fileName(name, { asOf, zone, rev }) {
  const when = asOf === null ? '' : `-${dayKey(asOf, zone).replaceAll('-', '')}`
    + `-${clock(asOf, zone).replaceAll(':', '')}-r${rev}`;
  return name.replace(/[\s\\/:*?"<>|]+/g, '-') + when;
}

/** Hands a file to the viewer's browser. */
export function give(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
