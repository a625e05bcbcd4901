// Numbers, sizes and times for people, in their language.
import { language, t } from '../i18n/language.svelte';

const locale = () => (language.current === 'zh' ? 'zh-CN' : 'en');

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

export const formatSeconds = (seconds: number): string =>
  t('units.seconds', {
    value: seconds.toLocaleString(locale(), { maximumFractionDigits: seconds < 10 ? 1 : 0 }),
  });

export const formatPercent = (fraction: number): string =>
  fraction.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: 0 });
