// Who uses this page, and what they may do here.
import { get } from '../api/client';
import type { Session } from '../api/types';

const KEY = 'gpen-person';

export const session = $state<{ now: Session | null }>({ now: null });

export const isManager = (): boolean => session.now?.manager ?? false;

/** Whether photos of several people are seen, so that it matters whose each is. */
export const seesOthers = (): boolean => (session.now?.has_people && session.now.sees === 'all') ?? false;

/** True where other photos are seen than before. */
export async function loadSession(): Promise<boolean> {
  const before = session.now?.sees;
  try {
    session.now = await get<Session>('/api/v1/session');
    localStorage.setItem(KEY, String(session.now.person?.id ?? 0));
  } catch {
    // Without an answer, or without storage, it is as it was.
  }
  return before !== undefined && session.now?.sees !== before;
}

/** Who used this page last, for photos that wait to be sent; 0: nobody by name. */
export function lastPerson(): number {
  try {
    return session.now?.person?.id ?? Number(localStorage.getItem(KEY) ?? 0);
  } catch {
    return 0;
  }
}
