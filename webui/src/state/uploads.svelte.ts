// Photos on their way to the service: one after the other, each with its own progress and end.
import { ApiError, errorFrom, handleMissingLogin, post } from '../api/client';
import type { Batch, Job, Submitted } from '../api/types';
import { t } from '../i18n/language.svelte';
import { explain } from '../lib/explain';
import { shrink } from '../lib/shrink';
import { refresh } from './jobs.svelte';
import { optionFields, preferences } from './preferences.svelte';

export interface Upload {
  id: number;
  file: File;
  preview: string;
  fields: Record<string, string>;
  quick: boolean;
  sent: number; // 0 to 1
  state: 'waiting' | 'sending' | 'failed';
  problem: string;
}

const RETRY_MS = 10_000;
const MOST_TRIES = 30; // While the queue is full.
let nextId = 1;
let busy = false;

export const uploads = $state<Upload[]>([]);

/** Pictures of jobs that were sent from this page and are not finished yet. */
export const previews = $state<Record<number, string>>({});

function send(file: File, upload: Upload): Promise<Job[]> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
    form.append('image', file, file.name);
    const request = new XMLHttpRequest(); // fetch() tells nothing of an upload's progress.
    request.open('POST', '/api/v1/jobs');
    request.setRequestHeader('X-Requested-With', 'gpen');
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) upload.sent = event.loaded / event.total;
    };
    request.onload = () => {
      if (request.status === 201) resolve((JSON.parse(request.responseText) as Submitted).jobs);
      else reject(errorFrom(request.status, request.responseText));
    };
    request.onerror = () => reject(errorFrom(0, ''));
    request.send(form);
  });
}

export function dropUpload(id: number): void {
  const index = uploads.findIndex((upload) => upload.id === id);
  if (index < 0) return;
  URL.revokeObjectURL(uploads[index]!.preview);
  uploads.splice(index, 1);
}

async function sendWithPatience(upload: Upload): Promise<Job[]> {
  const file = upload.quick ? await shrink(upload.file) : upload.file;
  for (let attempt = 1; ; ++attempt) {
    try {
      return await send(file, upload);
    } catch (error) {
      const isFull = error instanceof ApiError && error.code === 'queue_full';
      if (!isFull || attempt === MOST_TRIES) throw error;
      upload.problem = explain(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (;;) {
    const upload = uploads.find((each) => each.state === 'waiting');
    if (!upload) break;
    upload.state = 'sending';
    try {
      for (const job of await sendWithPatience(upload)) {
        previews[job.id] = upload.preview;
        await refresh(job.id);
      }
      uploads.splice(uploads.indexOf(upload), 1);
    } catch (error) {
      handleMissingLogin(error);
      upload.state = 'failed';
      upload.problem = explain(error);
    }
  }
  busy = false;
}

export async function addPhotos(files: Iterable<File>): Promise<void> {
  const photos = [...files];
  const fields: Record<string, string> = optionFields();
  if (photos.length > 1) {
    const name = t('batch.defaultName', { count: photos.length });
    try {
      const batch = await post<Batch>('/api/v1/batches', { name });
      fields['batch_id'] = String(batch.id);
    } catch {
      // Without a batch the photos are single ones; sending them tells what is wrong.
    }
  }
  for (const file of photos) {
    uploads.push({
      id: nextId++,
      file,
      preview: URL.createObjectURL(file),
      fields,
      quick: preferences.quickPreview,
      sent: 0,
      state: 'waiting',
      problem: '',
    });
  }
  void work();
}

export function retryUpload(upload: Upload): void {
  upload.state = 'waiting';
  upload.sent = 0;
  upload.problem = '';
  void work();
}
