// Photos that the service has not accepted yet, kept by the browser, so that a reload or a closed page
// loses none; and who of several open pages sends them. Where the browser keeps nothing (a private
// window), the page alone has them.
import type { OptionFields } from '../api/types';

export interface StoredUpload {
  id: string;
  order: number; // Of being added, in milliseconds.
  name: string;
  photo: Blob;
  options: OptionFields;
  group: string; // Photos that were added together, as one batch; '' for a single one.
  groupName: string;
  batch: number | null; // The group's batch, once the service has made it.
  person?: number; // Who added it; 0, or nothing in older ones: nobody by name.
  remote: string | null; // What the service calls the upload, once it is announced.
  state: 'waiting' | 'failed';
  code: string; // Why it failed.
  message: string;
}

const UPLOADS = 'uploads';
const SENDER = 'sender';
const LEASE_MS = 8000;

let opened: Promise<IDBDatabase | null> | undefined;

function open(): Promise<IDBDatabase | null> {
  opened ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open('gpen', 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(UPLOADS, { keyPath: 'id' });
        request.result.createObjectStore(SENDER);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opened;
}

/** Runs `work` in one transaction; `otherwise` where nothing can be kept. */
async function within<T>(
  store: string,
  mode: IDBTransactionMode,
  otherwise: T,
  work: (store: IDBObjectStore, done: (value: T) => void) => void,
): Promise<T> {
  const database = await open();
  if (!database) return otherwise;
  return new Promise((resolve) => {
    let value = otherwise;
    try {
      const transaction = database.transaction(store, mode);
      transaction.oncomplete = () => resolve(value);
      transaction.onabort = () => resolve(otherwise); // Too little room, for one.
      work(transaction.objectStore(store), (result) => (value = result));
    } catch {
      resolve(otherwise);
    }
  });
}

/** In the order in which they were added. */
export async function storedUploads(): Promise<StoredUpload[]> {
  const all = await within<StoredUpload[]>(UPLOADS, 'readonly', [], (store, done) => {
    const request = store.getAll();
    request.onsuccess = () => done(request.result);
  });
  return all.sort((a, b) => a.order - b.order);
}

/** Whether it is kept. */
export const storeUpload = (upload: StoredUpload): Promise<boolean> =>
  within(UPLOADS, 'readwrite', false, (store, done) => {
    store.put(upload).onsuccess = () => done(true);
  });

/** Changes one that is still there: another page may have removed it. */
export const changeStored = (id: string, change: Partial<StoredUpload>): Promise<boolean> =>
  within(UPLOADS, 'readwrite', false, (store, done) => {
    const request = store.get(id);
    request.onsuccess = () => {
      if (!request.result) return;
      store.put({ ...request.result, ...change });
      done(true);
    };
  });

export const forgetStored = (id: string): Promise<boolean> =>
  within(UPLOADS, 'readwrite', false, (store, done) => {
    store.delete(id).onsuccess = () => done(true);
  });

interface Sender {
  page: string;
  until: number;
}

/** Whether the page called `page` may send from now on: one does at a time, and says so again and again. */
export const takeSending = (page: string): Promise<boolean> =>
  within(SENDER, 'readwrite', true, (store, done) => {
    done(false);
    const request = store.get(SENDER);
    request.onsuccess = () => {
      const sender: Sender | undefined = request.result;
      const now = Date.now();
      // A lease that ends too late is of before the clock was set.
      const isTaken = sender && sender.page !== page && sender.until > now && sender.until <= now + LEASE_MS;
      if (isTaken) return;
      store.put({ page, until: now + LEASE_MS }, SENDER);
      done(true);
    };
  });

/** Lets another page send at once. */
export const leaveSending = (page: string): Promise<boolean> =>
  within(SENDER, 'readwrite', false, (store, done) => {
    const request = store.get(SENDER);
    request.onsuccess = () => {
      if (request.result?.page === page) store.delete(SENDER);
      done(true);
    };
  });
