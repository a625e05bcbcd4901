// Until when a photo is kept, in words.
import type { Job } from '../api/types';
import { t } from '../i18n/language.svelte';
import { formatDate } from './format';

const DAY_MS = 86_400_000;

/** Short, for a card; empty where no time is set. */
export function keptShort(job: Job): string {
  if (job.pinned) return t('kept.pinned');
  return job.kept_until ? t('kept.until', { date: formatDate(job.kept_until, 'short') }) : '';
}

/** A sentence; empty where no time is set. */
export function keptLong(job: Job): string {
  if (job.pinned) return t('kept.pinnedLong');
  return job.kept_until ? t('kept.deletedOn', { date: formatDate(job.kept_until, 'long') }) : '';
}

/** Of a photo in the bin. */
export function daysLeft(job: Job): string {
  const left = Math.ceil((Date.parse(job.kept_until ?? '') - Date.now()) / DAY_MS);
  return left > 0 ? t('bin.daysLeft', { count: left }) : t('bin.soon');
}
