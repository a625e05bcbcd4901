// The title of the tab: how much is still to do, and what is shown.
import { t } from '../i18n/language.svelte';
import { formatPercent } from '../lib/format';
import { active } from './jobs.svelte';
import { uploads } from './uploads.svelte';

/** `subject`: the photo or batch that is shown; '' for none. */
export const pageTitle = $state({ subject: '' });

export function titleText(): string {
  const left = active.jobs.length + uploads.filter((upload) => upload.state === 'waiting').length;
  const running = active.jobs.find((job) => job.state === 'running');
  const counted = left > 0 ? t('title.left', { count: left }) : '';
  const progress = left === 1 && running ? formatPercent(running.progress) : counted;
  return [progress, pageTitle.subject, t('app.name')].filter(Boolean).join(' · ');
}
