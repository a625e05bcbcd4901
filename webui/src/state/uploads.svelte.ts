// Photos on their way to the service: sent one after the other by one of the open pages, shown by all
// of them, and gone only when the service has accepted them or somebody removes them.
import { ApiError, errorFrom, handleMissingLogin } from '../api/client';
import type { Job } from '../api/types';
import { t } from '../i18n/language.svelte';
import { explain } from '../lib/explain';
import { shrink } from '../lib/shrink';
import {
  changeStored, forgetStored, leaveSending, storeUpload, storedUploads, takeSending, type StoredUpload,
} from '../lib/upload_store';
import { refresh } from './jobs.svelte';
import { optionValues, preferences, savePreferences } from './preferences.svelte';
import { queue } from './queue.svelte';
import { lastPerson } from './session.svelte';
import { forgetPhoto, isPassing, makeBatch, sendPhoto } from './send_photo';
import { awaitPhoto, beginWaiting } from './waiting';

export interface Upload extends StoredUpload {
  preview: string;
  sent: number; // 0 to 1
  sending: boolean;
  delay: string; // Why it has to wait; it goes on by itself.
  isKept: boolean; // By the browser: a reload does not lose it.
}

type News =
  | { kind: 'added' }
  | { kind: 'gone'; id: string; job: number | null }
  | { kind: 'changed'; id: string; change: Partial<Upload> };

const HEARTBEAT_MS = 3000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export const uploads = $state<Upload[]>([]);

/** Pictures of jobs that were sent from this browser and are not finished yet. */
export const previews = $state<Record<number, string>>({});

const newId = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('');
const page = newId();
const others = 'BroadcastChannel' in window ? new BroadcastChannel('gpen-uploads') : null;
let isSender = false;
let busy = false;
let wake: () => void = () => undefined; // Ends a pause between two tries.
let stop = new AbortController(); // Ends what is being sent.
let lastOrder = 0;

const find = (id: string) => uploads.find((upload) => upload.id === id);
const tell = (news: News) => others?.postMessage(news);

function show(stored: StoredUpload, isKept: boolean): Upload {
  const preview = URL.createObjectURL(stored.photo);
  uploads.push({ ...stored, preview, sent: 0, sending: false, delay: '', isKept });
  return uploads.at(-1)!;
}

/** Shows the change here and on the other pages. */
function change(upload: Upload, values: Partial<Upload>): void {
  Object.assign(upload, values);
  tell({ kind: 'changed', id: upload.id, change: values });
}

function vanish(id: string, job: number | null): void {
  const index = uploads.findIndex((upload) => upload.id === id);
  if (index < 0) return;
  const { preview, group } = uploads[index]!;
  if (job !== null) previews[job] = preview;
  else URL.revokeObjectURL(preview);
  if (job !== null && !group) awaitPhoto(job);
  uploads.splice(index, 1);
}

async function end(upload: Upload, job: Job | null): Promise<void> {
  vanish(upload.id, job?.id ?? null);
  await forgetStored(upload.id);
  tell({ kind: 'gone', id: upload.id, job: job?.id ?? null });
}

/** Reads what other pages, or this one before it was loaded anew, have left. */
async function load(): Promise<void> {
  const me = lastPerson();
  for (const stored of await storedUploads()) {
    // Those of somebody else who uses this browser wait until they are here again.
    if (!find(stored.id) && (!stored.person || stored.person === me)) show(stored, true);
  }
  uploads.sort((a, b) => a.order - b.order);
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });

async function joinBatch(upload: Upload): Promise<void> {
  if (!upload.group || upload.batch !== null) return;
  const batch = await makeBatch(upload.groupName);
  for (const each of uploads.filter((other) => other.group === upload.group)) {
    each.batch = batch;
    await changeStored(each.id, { batch });
  }
}

async function sendOnce(upload: Upload): Promise<Job> {
  await joinBatch(upload);
  return sendPhoto(
    upload,
    (bytes) => change(upload, { sent: bytes / upload.photo.size, sending: true, delay: '' }),
    stop.signal,
  );
}

async function giveUp(upload: Upload, error: unknown): Promise<void> {
  const { code, message } = error instanceof ApiError ? error : errorFrom(1, String(error));
  // Of a batch that was deleted: another try makes a new one.
  const batch = code === 'not_found' ? null : upload.batch;
  const values = { state: 'failed', code, message, remote: null, batch } as const;
  change(upload, { ...values, sending: false, delay: '' });
  await changeStored(upload.id, values);
}

/** Sends one until it is accepted, refused, removed, or another page's. */
async function deliver(upload: Upload): Promise<void> {
  change(upload, { sending: true });
  let wait = FIRST_PAUSE_MS;
  let sent = 0;
  while (isSender && find(upload.id) && upload.state === 'waiting') {
    try {
      stop = new AbortController();
      const job = await sendOnce(upload);
      await end(upload, job);
      await refresh(job.id);
      return;
    } catch (error) {
      if (!find(upload.id)) return;
      handleMissingLogin(error);
      const isForgotten = error instanceof ApiError && error.code === 'not_found' && upload.remote !== null;
      if (isForgotten) upload.remote = null;
      else if (!isPassing(error)) return await giveUp(upload, error);
      change(upload, { delay: explain(error) });
      wait = upload.sent > sent ? FIRST_PAUSE_MS : Math.min(wait * 2, LONGEST_PAUSE_MS);
      sent = upload.sent;
      await pause(wait);
    }
  }
  change(upload, { sending: false });
}

async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (;;) {
    isSender = await takeSending(page);
    const upload = isSender ? uploads.find((each) => each.state === 'waiting') : undefined;
    if (!upload) break;
    await deliver(upload);
  }
  busy = false;
}

async function keep(upload: Upload): Promise<void> {
  // What has gone meanwhile must not come back.
  const { id, order, name, photo, group, groupName, batch, person, remote, state, code, message } = upload;
  const options = { ...upload.options };
  const done = await storeUpload(
    { id, order, name, photo, options, group, groupName, batch, person, remote, state, code, message },
  );
  if (!find(upload.id)) return void (await forgetStored(upload.id));
  upload.isKept = done;
  tell({ kind: 'added' });
}

/** Adds photos, as one batch where they are several; `ids` are theirs where they have some already. */
export async function addPhotos(files: Iterable<File>, ids: string[] = []): Promise<void> {
  const photos = [...files];
  if (photos.length === 0) return;
  const isQuick = preferences.quickPreview;
  if (isQuick) {
    preferences.quickPreview = false; // Meant for these photos, not for all to come.
    savePreferences();
  }
  const group = photos.length > 1 ? newId() : '';
  if (!group) beginWaiting();
  const added: Upload[] = [];
  for (const [index, file] of photos.entries()) {
    const photo = isQuick ? await shrink(file) : file;
    lastOrder = Math.max(lastOrder + 1, Date.now());
    added.push(
      show({
        id: ids[index] ?? newId(),
        order: lastOrder,
        name: photo.name,
        photo,
        options: optionValues(),
        group,
        groupName: group && t('batch.defaultName', { count: photos.length }),
        batch: null,
        person: lastPerson(),
        remote: null,
        state: 'waiting',
        code: '',
        message: '',
      }, false),
    );
  }
  void work();
  for (const upload of added) if (find(upload.id)) await keep(upload);
  void work(); // Another page may have left the sending meanwhile.
}

export function dropUpload(id: string): void {
  const upload = find(id);
  if (!upload) return;
  const isOnItsWay = upload.sending;
  forgetPhoto(upload);
  void end(upload, null);
  if (isOnItsWay) stop.abort();
}

export async function retryUpload(upload: Upload): Promise<void> {
  const values = { state: 'waiting', code: '', message: '' } as const;
  change(upload, { ...values, sent: 0 });
  await changeStored(upload.id, values);
  tell({ kind: 'added' });
  void work();
}

/** Whether something would be lost or stop if this page were left now. */
export const isSending = (): boolean => uploads.some((upload) => upload.state === 'waiting');

function hear(news: News): void {
  if (news.kind === 'added') void load().then(work);
  else if (news.kind === 'gone') {
    const isOnItsWay = find(news.id)?.sending ?? false;
    vanish(news.id, news.job);
    if (isSender && isOnItsWay) stop.abort();
  } else {
    const upload = find(news.id);
    if (upload) Object.assign(upload, news.change);
  }
}

export function startUploads(): void {
  if (others) others.onmessage = (message: MessageEvent<News>) => hear(message.data);
  window.addEventListener('online', () => wake());
  window.addEventListener('pagehide', () => {
    if (isSender) void leaveSending(page);
  });
  window.addEventListener('beforeunload', (event) => {
    if (isSending()) event.preventDefault();
  });
  $effect.root(() => {
    $effect(() => {
      if (queue.online) wake();
    });
  });
  // Says that this page still sends, or takes over from one that has gone.
  setInterval(async () => {
    if (uploads.length === 0) return;
    const was = isSender;
    isSender = await takeSending(page);
    if (was && !isSender) stop.abort();
    void work();
  }, HEARTBEAT_MS);
  void load().then(work);
}
