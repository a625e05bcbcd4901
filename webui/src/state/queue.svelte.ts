// The queue as a whole: paused or not, counts, temperature.
import { get, post } from '../api/client';
import type { Queue, Settings } from '../api/types';
import { explain } from '../lib/explain';
import { say } from './messages.svelte';

const REFRESH_MS = 5000;

export const queue = $state<{ now: Queue | null; online: boolean }>({ now: null, online: true });

export async function refreshQueue(): Promise<Queue | null> {
  try {
    queue.now = await get<Queue>('/api/v1/queue');
    queue.online = true;
  } catch {
    queue.online = false;
  }
  return queue.now;
}

/** What all in the house share; read once, and when somebody changes it here. */
export const service = $state<{ settings: Settings | null }>({ settings: null });

export async function loadSettings(): Promise<void> {
  try {
    service.settings = await get<Settings>('/api/v1/settings');
  } catch {
    // The page's head says that the service does not answer.
  }
}

export async function setPaused(paused: boolean): Promise<void> {
  try {
    queue.now = await post<Queue>(`/api/v1/queue/${paused ? 'pause' : 'resume'}`);
  } catch (error) {
    say(explain(error), true);
  }
}

export function keepQueueFresh(): void {
  setInterval(() => {
    if (!document.hidden) void refreshQueue();
  }, REFRESH_MS);
  // What the device knows of its line is told at once; whether the service is behind it, the service says.
  for (const news of ['online', 'offline']) window.addEventListener(news, () => void refreshQueue());
}
