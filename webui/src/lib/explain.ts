// Errors in the person's language: what kind of problem it is, then the service's own words.
import { ApiError } from '../api/client';
import { hasText, t } from '../i18n/language.svelte';

export function explainCode(code: string, message: string): string {
  const kind = hasText(`errors.${code}`) ? t(`errors.${code}`) : t('errors.internal');
  return message ? `${kind} (${message})` : kind;
}

export function explain(error: unknown): string {
  if (error instanceof ApiError) return explainCode(error.code, error.message);
  return explainCode('internal', error instanceof Error ? error.message : String(error));
}
