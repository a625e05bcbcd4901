// Files of a drop or a paste, with all that lies in folders among them.

/** What a folder holds besides photos is left out; a file that somebody names is always taken. */
const PHOTO = /\.(jpe?g|png|webp|tiff?|hei[cf]|avif|gif|bmp|jxl)$/i;

export interface DroppedFiles {
  files: File[];
  /** Files in folders that are no photos by their names. */
  left: number;
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File | null>((resolve) => entry.file(resolve, () => resolve(null)));

// A folder gives its entries in parts, and an empty part at its end.
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (part.length === 0) break;
    all.push(...part);
  }
  return all.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

async function collect(entry: FileSystemEntry, isInFolder: boolean, found: DroppedFiles): Promise<void> {
  if (entry.isDirectory) {
    if (isInFolder && entry.name.startsWith('.')) return;
    for (const each of await entriesOf(entry as FileSystemDirectoryEntry)) await collect(each, true, found);
    return;
  }
  const isHidden = isInFolder && entry.name.startsWith('.');
  if (isHidden) return;
  const file = await fileOf(entry as FileSystemFileEntry);
  if (!file) return;
  if (isInFolder && !PHOTO.test(file.name) && !file.type.startsWith('image/')) ++found.left;
  else found.files.push(file);
}

/** To be called while the event is handled: the browser forgets what was dropped afterwards. */
export function droppedFiles(data: DataTransfer): Promise<DroppedFiles> {
  const entries = [...data.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() : null));
  const files = [...data.files];
  const found: DroppedFiles = { files: [], left: 0 };
  // A picture that is pasted or comes from another page is a file without an entry.
  if (entries.every((entry) => !entry)) return Promise.resolve({ files, left: 0 });
  return (async () => {
    for (const entry of entries) if (entry) await collect(entry, false, found);
    return found;
  })();
}
