// For the page as an installed app: its shell opens without the service, and other apps share photos with
// it. Never answers for the API or for a photo.
const SHELL = 'gpen-shell';
const SHARED = 'gpen-shared';
const MOST_KEPT = 40; // Files of the shell; those of older versions go.

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

async function shell(request) {
  const cache = await caches.open(SHELL);
  const known = await cache.match(request);
  const isForEver = new URL(request.url).pathname.startsWith('/assets/');
  if (known && isForEver) return known;
  try {
    const answer = await fetch(request);
    if (known && answer.status >= 500) return known; // A proxy answers for a service that is away.
    if (answer.ok && !answer.redirected) {
      await cache.put(request, answer.clone());
      for (const old of (await cache.keys()).slice(0, -MOST_KEPT)) await cache.delete(old);
    }
    return answer;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

// The page takes them from here when it opens.
async function takeShared(request) {
  const cache = await caches.open(SHARED);
  const photos = (await request.formData()).getAll('photos');
  for (const [index, photo] of photos.entries()) {
    const headers = { 'Content-Type': photo.type, 'X-Name': encodeURIComponent(photo.name) };
    await cache.put(`/shared/${Date.now()}-${index}`, new Response(photo, { headers }));
  }
  return Response.redirect('/', 303);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === 'POST' && pathname === '/share') event.respondWith(takeShared(request));
  else if (request.method !== 'GET') return;
  else if (pathname === '/' || pathname.startsWith('/assets/') || pathname.startsWith('/icons/')) {
    event.respondWith(shell(request));
  }
});
