// Numbers, sizes and times for people, in their language.
import { language, t } from '../i18n/language.svelte';

const locale = () => language.current;

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    ++unit;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString(locale(), { maximumFractionDigits: digits })} ${units[unit]}`;
}

export function formatTime(iso: string | null): string {
  if (!iso) return '';
  const time = new Date(iso);
  const today = new Date().toDateString() === time.toDateString();
  return time.toLocaleString(locale(), today ? { timeStyle: 'short' } : { dateStyle: 'medium' });
}

/** A day, without its time; where space is short, without a year that is understood. */
export function formatDate(iso: string, dateStyle: 'short' | 'long'): string {
  const day = new Date(iso);
  const isFar = Math.abs(day.getTime() - Date.now()) > 300 * 86_400_000;
  if (dateStyle === 'long') return day.toLocaleDateString(locale(), { dateStyle });
  return day.toLocaleDateString(locale(), isFar ? { dateStyle: 'medium' } : { month: 'short', day: 'numeric' });
}

export const formatSeconds = (seconds: number): string =>
  t('units.seconds', {
    value: seconds.toLocaleString(locale(), { maximumFractionDigits: seconds < 10 ? 1 : 0 }),
  });

export const formatPercent = (fraction: number): string =>
  fraction.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: 0 });

/** A rough time for people: seconds, minutes, or hours and minutes. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return t('units.seconds', { value: Math.max(1, Math.round(seconds)) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t('units.minutes', { value: minutes });
  return t('units.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** The day of a moment, as a heading. */
export function formatDay(iso: string): string {
  const day = new Date(iso);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days < 2) return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-days, 'day');
  return day.toLocaleDateString(locale(), { dateStyle: 'full' });
}
