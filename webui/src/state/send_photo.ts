// One photo on its way: announced, then sent in pieces from where the service has it already.
import { ApiError, OFFLINE, errorFrom, get, post, remove } from '../api/client';
import type { Batch, Job, NewUpload, PartialUpload } from '../api/types';
import { changeStored, type StoredUpload } from '../lib/upload_store';

const PIECE_BYTES = 4 << 20;
const STALLED_MS = 30_000;

/** What ends by itself: the photo is tried again until then. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { code, status } = error;
  return code === OFFLINE || code === 'queue_full' || code === 'unavailable' || code === 'conflict' ||
    status === 401 || status === 429 || status >= 500;
}

function sendPiece(
  state: PartialUpload,
  photo: Blob,
  progress: (bytes: number) => void,
  stop: AbortSignal,
): Promise<PartialUpload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch() tells nothing of an upload's progress.
    request.open('PATCH', `/api/v1/uploads/${state.id}?offset=${state.offset}`);
    request.setRequestHeader('X-Requested-With', 'gpen');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    let watchdog = 0;
    const abort = () => request.abort();
    const heard = () => {
      clearTimeout(watchdog);
      watchdog = window.setTimeout(abort, STALLED_MS);
    };
    const fail = (status: number, text: string) => reject(errorFrom(status, text));
    request.upload.onprogress = (event) => {
      heard();
      progress(state.offset + event.loaded);
    };
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText));
      else fail(request.status, request.responseText);
    };
    request.onerror = request.onabort = () => fail(0, '');
    request.onloadend = () => {
      clearTimeout(watchdog);
      stop.removeEventListener('abort', abort);
    };
    stop.addEventListener('abort', abort);
    heard();
    request.send(photo.slice(state.offset, state.offset + PIECE_BYTES));
  });
}

async function announce(upload: StoredUpload): Promise<PartialUpload> {
  const wanted: NewUpload = { name: upload.name, bytes: upload.photo.size, options: upload.options };
  if (upload.batch !== null) wanted.batch_id = upload.batch;
  const state = await post<PartialUpload>('/api/v1/uploads', wanted);
  upload.remote = state.id;
  await changeStored(upload.id, { remote: state.id });
  return state;
}

/** How far the service has the photo; announces it where that is not known. */
async function resume(upload: StoredUpload): Promise<PartialUpload> {
  if (upload.remote) {
    try {
      return await get<PartialUpload>(`/api/v1/uploads/${upload.remote}`);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'not_found') throw error;
    }
  }
  return announce(upload);
}

export const makeBatch = async (name: string): Promise<number> =>
  (await post<Batch>('/api/v1/batches', { name })).id;

/** Sends what is missing; the job. Errors: ApiError; see isPassing(). */
export async function sendPhoto(
  upload: StoredUpload,
  progress: (bytes: number) => void,
  stop: AbortSignal,
): Promise<Job> {
  let state = await resume(upload);
  while (!state.job && !stop.aborted) {
    progress(state.offset);
    state = await sendPiece(state, upload.photo, progress, stop);
  }
  if (!state.job) throw errorFrom(0, '');
  return state.job;
}

/** Tells the service that the rest does not come. */
export function forgetPhoto(upload: StoredUpload): void {
  if (upload.remote) remove(`/api/v1/uploads/${upload.remote}`).catch(() => undefined); // It expires.
}
