// Errors in the person's language: what kind of problem it is, then what the service says of it. Its
// words are English; elsewhere its numbers are put into a text of the language.
import { ApiError } from '../api/client';
import { hasText, language, t } from '../i18n/language.svelte';
import { formatBytes } from './format';

const DETAILS: [RegExp, (found: RegExpExecArray) => string][] = [
  [
    /enlarged (\d) times are .*, ([\d.]+) megapixels: expected at most ([\d.]+) megapixels/,
    ([, scale, megapixels, most]) =>
      Number(megapixels) > Number(most) ? t('details.enlarged', { scale, megapixels, most }) : '',
  ],
  [/expected .*at most (\d+) bytes/, (found) => t('details.atMost', { size: formatBytes(Number(found[1])) })],
  [
    /the disk is nearly full: (\d+) MB are free/,
    (found) => t('details.diskFull', { size: formatBytes(Number(found[1]) * 1e6) }),
  ],
  [/the queue is full: (\d+) jobs wait/, (found) => t('details.queueFull', { count: Number(found[1]) })],
  [/^there is a .* already: choose another name/, () => t('details.nameTaken')],
  [/^expected (a manager among|somebody who stays)/, () => t('details.needsManager')],
  [/^expected at most \d+ people/, () => t('details.manyPeople')],
  [/model: expected .* restores faces \((.*)\)/, (found) => t('details.models', { names: found[1] })],
  [/expected a JPEG, PNG/, () => t('details.formats')],
];

function detailsOf(message: string): string {
  if (language.current === 'en') return message;
  for (const [pattern, text] of DETAILS) {
    const found = pattern.exec(message);
    if (found) return text(found);
  }
  return '';
}

export function explainCode(code: string, message: string): string {
  const kind = hasText(`errors.${code}`) ? t(`errors.${code}`) : t('errors.internal');
  const details = detailsOf(message);
  return details ? t('details.with', { kind, details }) : kind;
}

export function explain(error: unknown): string {
  if (error instanceof ApiError) return explainCode(error.code, error.message);
  return explainCode('internal', error instanceof Error ? error.message : String(error));
}
