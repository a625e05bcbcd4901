// The queue's events: pushed where the stream stays open, else asked for every few seconds.
import { get } from '../api/client';
import type { EventPage, QueueEvent } from '../api/types';

const KINDS: QueueEvent['kind'][] = [
  'created',
  'started',
  'progress',
  'requeued',
  'cancel_requested',
  'finished',
  'deleted',
  'queue_paused',
  'queue_resumed',
  'binned',
  'put_back',
  'pinned',
];
const POLL_MS = 2000;
const RETRY_STREAM_MS = 60_000;
const MOST_FAILURES = 3;

export interface EventHandler {
  event(event: QueueEvent): void;
  /** Events were missed: what is shown must be read anew. */
  gap(): void;
  /** The stream is open, at first or anew: it also ends where what its person may see changes. */
  opened(): void;
  connection(isGood: boolean): void;
}

export function followEvents(after: number, handler: EventHandler): void {
  let last = after;
  let failures = 0;

  function deliver(event: QueueEvent): void {
    if (event.sequence <= last) return;
    last = event.sequence;
    handler.event(event);
  }

  function openStream(): void {
    const source = new EventSource(`/api/v1/events/stream?after=${last}`);
    source.onopen = () => {
      failures = 0;
      handler.connection(true);
      handler.opened();
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (message) => deliver(JSON.parse(message.data)));
    }
    source.addEventListener('gap', () => handler.gap());
    source.onerror = () => {
      // The browser connects again by itself unless the answer was a refusal.
      if (source.readyState !== EventSource.CLOSED && ++failures < MOST_FAILURES) return;
      source.close();
      failures = 0;
      void poll(Date.now() + RETRY_STREAM_MS);
    };
  }

  async function poll(until: number): Promise<void> {
    while (Date.now() < until) {
      try {
        const page = await get<EventPage>(`/api/v1/events?after=${last}&limit=500`);
        handler.connection(true);
        if (page.gap) handler.gap();
        page.events.forEach(deliver);
        last = Math.max(last, page.last);
      } catch {
        handler.connection(false);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    openStream();
  }

  openStream();
}
