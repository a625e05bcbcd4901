// A photo that somebody waits for: one was added, the page is in view, and nothing was done since. It
// opens itself when it is finished.
import { preferences } from './preferences.svelte';
import { route } from './router.svelte';

let awaited = 0; // The job; 0 where nobody waits.
let isWaiting = false;

const QUIET = ['pointerdown', 'keydown', 'wheel', 'touchmove', 'hashchange'];
const leave = () => (isWaiting = false);

/** A single photo is being added. */
export function beginWaiting(): void {
  isWaiting = route.view === 'home';
  awaited = 0;
}

export function awaitPhoto(job: number): void {
  if (isWaiting) awaited = job;
}

/** A job has a result. */
export function openAwaited(job: number): void {
  if (job !== awaited || !isWaiting || document.hidden || !preferences.openFinished) return;
  isWaiting = false;
  location.hash = `#/photo/${job}`;
}

for (const name of QUIET) window.addEventListener(name, leave, { passive: true });
