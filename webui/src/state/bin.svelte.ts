// Deleting photos, and the bin, from which they come back.
import { get, post, remove } from '../api/client';
import type { Batch, Job, JobPage } from '../api/types';
import { t } from '../i18n/language.svelte';
import { explain } from '../lib/explain';
import { formatDate } from '../lib/format';
import { comeBack, forget, refresh } from './jobs.svelte';
import { UNDO_MS, offerUndo, say } from './messages.svelte';
import { service } from './queue.svelte';

const PAGE = 100;
const DAY_MS = 86_400_000;

export const bin = $state<{ jobs: Job[]; nextBefore: number | null; loaded: boolean; problem: string }>({
  jobs: [], // Newest first.
  nextBefore: null,
  loaded: false,
  problem: '',
});

export const hasBin = (): boolean => (service.settings?.bin_days ?? 0) > 0;

let asked = 0;

/** Reads the first page of the bin, or with `more` the next one. */
export async function loadBin(more = false): Promise<void> {
  const turn = ++asked;
  try {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (more && bin.nextBefore) query.set('before', String(bin.nextBefore));
    const page = await get<JobPage>(`/api/v1/bin?${query}`);
    if (turn !== asked) return;
    bin.jobs = more ? [...bin.jobs, ...page.jobs] : page.jobs;
    bin.nextBefore = page.next_before;
    bin.problem = '';
  } catch (error) {
    if (turn === asked) bin.problem = explain(error);
  }
  bin.loaded = true;
}

/** Does it to each job; those for which it was done. What stands in the way is said once. */
async function each(jobs: Job[], work: (job: Job) => Promise<unknown>): Promise<Job[]> {
  const done: Job[] = [];
  let problem: unknown;
  for (const job of jobs) {
    try {
      await work(job);
      done.push(job);
    } catch (error) {
      problem = error;
    }
  }
  if (problem) say(explain(problem), true);
  return done;
}

function leaveBin(jobs: Job[]): void {
  const ids = new Set(jobs.map((job) => job.id));
  bin.jobs = bin.jobs.filter((job) => !ids.has(job.id));
}

export async function putBack(jobs: Job[]): Promise<void> {
  const done = await each(jobs, (job) => post<Job>(`/api/v1/jobs/${job.id}/put_back`));
  leaveBin(done);
  for (const job of done) {
    comeBack(job.id);
    await refresh(job.id);
  }
}

export async function deleteForGood(jobs: Job[]): Promise<void> {
  leaveBin(await each(jobs, (job) => remove(`/api/v1/jobs/${job.id}?for_good=1`)));
}

export async function emptyBin(): Promise<void> {
  try {
    await remove('/api/v1/bin');
  } catch (error) {
    say(explain(error), true);
  }
  await loadBin();
}

const binnedUntil = () =>
  formatDate(new Date(Date.now() + (service.settings?.bin_days ?? 0) * DAY_MS).toISOString(), 'short');

function deletedText(jobs: Job[]): string {
  const until = binnedUntil();
  const isOne = jobs.length === 1;
  if (isOne) return t(hasBin() ? 'bin.binnedOne' : 'actions.deletedOne', { name: jobs[0]!.name, until });
  return t(hasBin() ? 'bin.binnedMany' : 'actions.deletedMany', { count: jobs.length, until });
}

async function moveToBin(jobs: Job[]): Promise<void> {
  for (const job of jobs) forget(job.id);
  const done = await each(jobs, (job) => remove(`/api/v1/jobs/${job.id}`));
  for (const job of jobs) {
    if (done.includes(job)) continue;
    comeBack(job.id);
    await refresh(job.id);
  }
  if (done.length > 0) offerUndo(deletedText(done), () => void putBack(done));
}

/** Deletes a batch, which can be put back. */
export async function moveBatchToBin(batch: Batch): Promise<void> {
  await remove(`/api/v1/batches/${batch.id}`);
  offerUndo(t('bin.binnedOne', { name: batch.name, until: binnedUntil() }), () => {
    post<Batch>(`/api/v1/batches/${batch.id}/put_back`).catch((error: unknown) => say(explain(error), true));
  });
}

// Without a bin: deleted at the service when there is no way back any more.
const leaving = new Set<number>();

function deleteNow(id: number): void {
  if (!leaving.delete(id)) return;
  // Also while the page is being left.
  remove(`/api/v1/jobs/${id}`, { keepalive: true }).catch((error: unknown) => {
    comeBack(id);
    void refresh(id);
    say(explain(error), true);
  });
}

function deleteSoon(jobs: Job[]): void {
  for (const { id } of jobs) {
    leaving.add(id);
    forget(id);
  }
  const timer = setTimeout(() => jobs.forEach(({ id }) => deleteNow(id)), UNDO_MS);
  offerUndo(deletedText(jobs), () => {
    clearTimeout(timer);
    for (const { id } of jobs) {
      leaving.delete(id);
      comeBack(id);
      void refresh(id);
    }
  });
}

/** Deletes jobs, with a way to take it back. */
export function deleteJobs(jobs: Job[]): void {
  if (hasBin()) void moveToBin(jobs);
  else deleteSoon(jobs);
}
export const deleteJob = (job: Job) => deleteJobs([job]);

window.addEventListener('pagehide', () => [...leaving].forEach(deleteNow));
