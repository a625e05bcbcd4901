// Short messages at the edge of the page, for what has no place of its own.

export interface Message {
  id: number;
  text: string;
  isError: boolean;
}

const SHOWN_MS = 7000;
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
