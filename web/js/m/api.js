// Asking the server. An answer is {status, body, retry}; that there was none is thrown as Lost.

import { apiPath } from '../base.js';
import { language, t } from '../i18n.js';

const PATIENCE = 15000; // ms

export class Lost extends Error {}

/** Asks for PATH; with a BODY it posts that. An answer that isn't ours, as a network that wants to
 * be signed in to first gives, counts as none. */
export async function ask(path, { body, patience = PATIENCE } = {}) {
  const posts = body !== undefined;
  let response;
  let text;
  try {
    response = await fetch(apiPath(path), {
      method: posts ? 'POST' : 'GET', body: posts ? JSON.stringify(body) : undefined,
      headers: { 'accept-language': language(), ...(posts && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(patience) });
    text = await response.text();
  } catch {
    throw new Lost();
  }
  const answer = { status: response.status, body: read(text),
                   retry: Number(response.headers.get('retry-after')) || 0 };
  if (answer.status < 400 && answer.body === null) throw new Lost();
  return answer;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The fixed code of a refusal. */
export const codeOf = ({ body }) => body?.error?.code;

/** Why, in the page's own words where it has some, else in the server's. */
export function reasonOf(answer) {
  const key = `m.error.${codeOf(answer)}`;
  const own = t(key, { n: Math.max(1, Math.ceil(answer.retry / 60)) });
  if (own !== key) return own;
  const errors = answer.body?.errors ?? [answer.body?.error];
  const said = errors.map((one) => [one?.message, one?.field && `(${one.field})`].filter(Boolean).join(' '))
    .filter(Boolean).join(t('m.and'));
  return said || t('m.error.other', { status: answer.status });
}
