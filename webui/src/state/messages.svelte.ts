// Short messages at the edge of the page, for what has no place of its own.

export interface Message {
  id: number;
  text: string;
  isError: boolean;
  undo?: () => void; // Takes back what the message tells.
}

const SHOWN_MS = 7000;
export const UNDO_MS = 10_000;
let next = 1;

export const messages = $state<Message[]>([]);

export function dismiss(id: number): void {
  const index = messages.findIndex((message) => message.id === id);
  if (index >= 0) messages.splice(index, 1);
}

export function say(text: string, isError = false): void {
  const id = next++;
  messages.push({ id, text, isError });
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Offers to take something back, for UNDO_MS. */
export function offerUndo(text: string, undo: () => void): void {
  const id = next++;
  const act = () => {
    dismiss(id);
    undo();
  };
  messages.push({ id, text, isError: false, undo: act });
  setTimeout(() => dismiss(id), UNDO_MS);
}
