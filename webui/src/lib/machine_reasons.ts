// Why another machine gets no photos, in the person's language. tests/rules/page_warnings_test.py holds these to the
// reasons of the sources; what is not known here is shown as the service says it.
import { t } from '../i18n/language.svelte';

const KNOWN: [RegExp, string][] = [
  [/has other models/, 'models'],
  [/may not reach/, 'host'],
  [/has no root/, 'root'],
  [/takes nothing now/, 'nothing'],
];

export function explainReason(reason: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(reason));
  const option = /start it with (.*)$/.exec(reason)?.[1] ?? '';
  return known ? t(`machines.reasons.${known[1]}`, { option }) : reason;
}
