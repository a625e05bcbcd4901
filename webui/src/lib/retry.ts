// A view that could not be read is read again, where what was in the way may pass by itself.
import { onDestroy } from 'svelte';
import { isPassing } from '../state/send_photo';

const AFTER_MS = 3000;

/** For a component: gives what is to be told of each failure of `load`. */
export function retrying(load: () => Promise<void>): (error: unknown) => void {
  let timer = 0;
  let isGone = false;
  onDestroy(() => {
    isGone = true;
    clearTimeout(timer);
  });
  return (error) => {
    clearTimeout(timer);
    if (!isGone && isPassing(error)) timer = window.setTimeout(() => void load(), AFTER_MS);
  };
}
