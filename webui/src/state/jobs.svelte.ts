// The jobs that the page knows: pages of the history, and what the events tell of them since.
import { get, post, request } from '../api/client';
import type { Job, JobPage, QueueEvent } from '../api/types';
import { explain } from '../lib/explain';
import { followEvents } from './events';
import { say } from './messages.svelte';
import { keepQueueFresh, loadSettings, queue, refreshQueue } from './queue.svelte';
import { loadSession } from './session.svelte';
import { openAwaited } from './waiting';

const PAGE = 48;

export interface HistoryFilter {
  text: string;
  state: '' | 'done' | 'failed';
}

export const history = $state<{
  jobs: Job[]; // Newest first.
  nextBefore: number | null;
  filter: HistoryFilter;
  loading: boolean;
  loaded: boolean;
  problem: string;
}>({
  jobs: [],
  nextBefore: null,
  filter: { text: '', state: '' },
  loading: false,
  loaded: false,
  problem: '',
});

/** Jobs that wait or run, oldest first, whatever the filter shows. */
export const active = $state<{ jobs: Job[] }>({ jobs: [] });

export const isActive = (job: Job) => job.state === 'queued' || job.state === 'running';

function matches(job: Job): boolean {
  const { text, state } = history.filter;
  if (isActive(job)) return false;
  if (state && job.state !== state) return false;
  return !text || job.name.toLowerCase().includes(text.toLowerCase());
}

function place(list: Job[], job: Job, belongs: boolean, newestFirst: boolean): void {
  const index = list.findIndex((other) => other.id === job.id);
  if (index >= 0 && belongs) list[index] = job;
  else if (index >= 0) list.splice(index, 1);
  else if (belongs) {
    const at = list.findIndex((other) => (newestFirst ? other.id < job.id : other.id > job.id));
    list.splice(at < 0 ? list.length : at, 0, job);
  }
}

const deleted = new Set<number>(); // An answer that was under way must not bring one back.

/** Shows what is newly known of `job`. */
function learn(job: Job): void {
  if (deleted.has(job.id)) return;
  place(active.jobs, job, isActive(job), false);
  const oldest = history.jobs.at(-1);
  const isOnPage = history.nextBefore === null || !oldest || job.id >= oldest.id;
  place(history.jobs, job, matches(job) && isOnPage, true);
  if (job.result) openAwaited(job.id);
}

/** Shows the job no more: it is deleted, or in the bin. */
export function forget(id: number): void {
  deleted.add(id);
  for (const list of [active.jobs, history.jobs]) {
    const index = list.findIndex((job) => job.id === id);
    if (index >= 0) list.splice(index, 1);
  }
}

/** What was deleted may be shown again. */
export function comeBack(id: number): void {
  deleted.delete(id);
}

/** Grows whenever something came into the bin or left it. */
export const binChanges = $state({ count: 0 });

// Of one job, or of jobs of a batch.
function handleBin(event: QueueEvent): void {
  ++binChanges.count;
  if (event.kind === 'put_back') {
    if (event.job !== null) {
      comeBack(event.job);
      void refresh(event.job);
    } else {
      deleted.clear(); // Which they are, no event says.
      void loadHistory();
    }
  } else if (event.job !== null) {
    forget(event.job);
  } else {
    const isOfBatch = (job: Job) => job.batch === event.batch;
    [...active.jobs, ...history.jobs].filter(isOfBatch).forEach((job) => forget(job.id));
  }
}

function historyPath(before: number | null): string {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (before) query.set('before', String(before));
  const { text, state } = history.filter;
  if (text) query.set('text', text);
  for (const each of state ? [state] : ['done', 'failed', 'cancelled']) query.append('state', each);
  return `/api/v1/jobs?${query}`;
}

let asked = 0;

/** Reads the first page of the history, or with `more` the next one. */
export async function loadHistory(more = false): Promise<void> {
  const turn = ++asked;
  history.loading = true;
  try {
    const page = await get<JobPage>(historyPath(more ? history.nextBefore : null));
    if (turn !== asked) return; // The filter has changed meanwhile.
    const found = page.jobs.filter((job) => !deleted.has(job.id));
    history.jobs = more ? [...history.jobs, ...found] : found;
    history.nextBefore = page.next_before;
    history.loaded = true;
    history.problem = '';
  } catch (error) {
    if (turn === asked) history.problem = explain(error);
  } finally {
    if (turn === asked) history.loading = false;
  }
}

async function loadActive(): Promise<void> {
  const page = await get<JobPage>('/api/v1/jobs?state=queued&state=running&limit=500');
  active.jobs = page.jobs.reverse();
}

const asking = new Map<number, boolean>(); // Whether to ask once more when the answer is here.

/** Asks for the job's present state. The only way to it: answers of two requests may cross. */
export async function refresh(id: number): Promise<void> {
  if (asking.has(id)) {
    asking.set(id, true); // The answer under way may be older than what just happened.
    return;
  }
  do {
    asking.set(id, false);
    try {
      learn(await get<Job>(`/api/v1/jobs/${id}`));
    } catch {
      // It is gone, or the next event brings it.
    }
  } while (asking.get(id));
  asking.delete(id);
}

function handle(event: QueueEvent): void {
  if (event.job === null || event.kind === 'finished') void refreshQueue();
  if (event.kind === 'binned' || event.kind === 'put_back' || event.kind === 'deleted') return handleBin(event);
  if (event.job === null) return;
  const known = active.jobs.find((job) => job.id === event.job);
  if (event.kind === 'progress' && known) {
    known.state = 'running';
    // Which machine took it, no event says.
    if (known.step === 'handout' && event.step !== 'handout') void refresh(event.job);
    known.step = event.step;
    known.progress = event.progress;
    return;
  }
  void refresh(event.job);
}

export async function startJobs(): Promise<void> {
  void loadSettings();
  const status = await refreshQueue();
  await Promise.all([loadActive().catch(() => undefined), loadHistory()]);
  keepQueueFresh();
  const loadAll = (): void => {
    void loadActive();
    void loadHistory();
  };
  followEvents(status?.last_sequence ?? 0, {
    event: handle,
    gap: loadAll,
    opened: () => void loadSession().then((seesOther) => seesOther && loadAll()),
    connection: (isGood) => {
      if (isGood && !queue.online) void refreshQueue();
      queue.online = isGood;
    },
  });
}

async function act(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    say(explain(error), true);
    return false;
  }
}

export const cancelJob = (job: Job) =>
  act(async () => {
    await post<Job>(`/api/v1/jobs/${job.id}/cancel`);
    await refresh(job.id);
  });
/** Keeps jobs from being deleted by their age, or no longer. */
export const pinJobs = (jobs: Job[], pinned: boolean) =>
  act(async () => {
    for (const { id } of jobs) learn(await request<Job>(pinned ? 'POST' : 'DELETE', `/api/v1/jobs/${id}/pin`));
  });
export const retryJob = (job: Job) =>
  act(async () => {
    await post<Job>(`/api/v1/jobs/${job.id}/retry`);
    await refresh(job.id);
  });

/** Of a job that is being deleted. */
export const isLeaving = (id: number): boolean => deleted.has(id);
