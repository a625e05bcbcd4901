// The page as an app of the device, where the browser allows it: only over HTTPS, or on this machine.
import { storedUploads } from '../lib/upload_store';
import { addPhotos } from './uploads.svelte';

const SHELL = 'gpen-shell'; // As public/sw.js calls them.
const SHARED = 'gpen-shared';

export const mayInstall = (): boolean => window.isSecureContext && 'serviceWorker' in navigator;

/** Photos that other apps have shared with this one; they are let go when the uploads have them. */
async function takeShared(): Promise<void> {
  const cache = await caches.open(SHARED);
  const shared = await cache.keys();
  const kept = new Set((await storedUploads()).map(({ id }) => id)); // By a page that ended before it let them go.
  const photos: File[] = [];
  const ids: string[] = [];
  for (const request of shared) {
    const id = new URL(request.url).pathname;
    if (kept.has(id)) continue;
    const answer = await cache.match(request);
    if (!answer) continue;
    const name = decodeURIComponent(answer.headers.get('X-Name') ?? '') || 'photo';
    ids.push(id);
    photos.push(new File([await answer.blob()], name, { type: answer.headers.get('Content-Type') ?? '' }));
  }
  await addPhotos(photos, ids);
  for (const request of shared) await cache.delete(request);
}

/** What this page consists of: it was loaded before its worker was there to keep it. */
async function keepShell(): Promise<void> {
  await navigator.serviceWorker.ready;
  const cache = await caches.open(SHELL);
  const loaded = performance.getEntriesByType('resource').map((entry) => new URL(entry.name));
  const own = loaded.filter((url) => url.origin === location.origin && url.pathname.startsWith('/assets/'));
  for (const address of ['/', ...new Set(own.map((url) => url.pathname))]) {
    if (await cache.match(address)) continue;
    const answer = await fetch(address);
    if (answer.ok && !answer.redirected) await cache.put(address, answer);
  }
}

export function startInstalled(): void {
  if (!mayInstall()) return;
  // Without it the page is as it is in any tab.
  navigator.serviceWorker.register('/sw.js').then(keepShell).catch(() => undefined);
  // Of several pages one takes them.
  void navigator.locks.request(SHARED, takeShared).catch(() => undefined);
}
