// The same photo once more with other options; those that are not named stay as they were.
import { post } from '../api/client';
import type { Job, OptionFields } from '../api/types';
import { explain } from '../lib/explain';
import type { Box } from '../lib/zoom.svelte';
import { refresh } from './jobs.svelte';
import { say } from './messages.svelte';

/** Shows the new job beside this one; says what went wrong. Whether it was accepted. */
export async function restoreAgain(job: Job, options: OptionFields): Promise<boolean> {
  try {
    const again = await post<Job>(`/api/v1/jobs/${job.id}/again`, options);
    await refresh(again.id);
    location.hash = `#/photo/${again.id}/${job.id}`;
    return true;
  } catch (error) {
    say(explain(error), true);
    return false;
  }
}

/** Boxes as the options `face` and `leave` have them: X,Y,W,H with semicolons between. */
export function withBox(boxes: string | null | undefined, box: Box): string {
  return [...(boxes ? [boxes] : []), box.map(Math.round).join(',')].join(';');
}
