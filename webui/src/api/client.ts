// Requests to the service. Every failure is an ApiError with the service's own code and message.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The answer was not the service's: it is not running, or the network is gone. */
export const OFFLINE = 'offline';

export function errorFrom(status: number, text: string): ApiError {
  try {
    const { code, message } = JSON.parse(text);
    return new ApiError(status, String(code), String(message));
  } catch {
    return new ApiError(status, status === 0 ? OFFLINE : 'internal', text.slice(0, 300));
  }
}

/** Where a login is missing, the login page. */
export function handleMissingLogin(error: unknown): void {
  if (error instanceof ApiError && error.status === 401 && location.pathname !== '/login') {
    location.assign('/login');
  }
}

export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  more: RequestInit = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...more,
      method,
      cache: 'no-store',
      headers: {
        'X-Requested-With': 'gpen',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, OFFLINE, '');
  }
  const text = await response.text();
  if (!response.ok) {
    const error = errorFrom(response.status, text);
    handleMissingLogin(error);
    throw error;
  }
  return JSON.parse(text) as T;
}

export const get = <T>(path: string) => request<T>('GET', path);
export const post = <T>(path: string, body?: unknown) => request<T>('POST', path, body);
export const remove = <T>(path: string, more?: RequestInit) => request<T>('DELETE', path, undefined, more);
