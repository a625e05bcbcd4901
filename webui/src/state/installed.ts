// The page as an app of the device, where the browser allows it: only over HTTPS, or on this machine.
import { addPhotos } from './uploads.svelte';

const SHARED = 'gpen-shared'; // As public/sw.js calls it.

export const mayInstall = (): boolean => window.isSecureContext && 'serviceWorker' in navigator;

/** Photos that other apps have shared with this one. */
async function takeShared(): Promise<void> {
  const cache = await caches.open(SHARED);
  const photos: File[] = [];
  for (const request of await cache.keys()) {
    const answer = await cache.match(request);
    await cache.delete(request);
    if (!answer) continue;
    const name = decodeURIComponent(answer.headers.get('X-Name') ?? '') || 'photo';
    photos.push(new File([await answer.blob()], name, { type: answer.headers.get('Content-Type') ?? '' }));
  }
  await addPhotos(photos);
}

export function startInstalled(): void {
  if (!mayInstall()) return;
  // Without it the page is as it is in any tab.
  navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  void takeShared();
}
