// The page's language: t() is reactive, so a switch shows at once.
import i18next from 'i18next';
import en from './en.json';
import zh from './zh.json';

export type Language = 'en' | 'zh';
const KEY = 'gpen-language';

export const language = $state<{ current: Language }>({ current: 'en' });

function stored(): Language | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'en' || value === 'zh' ? value : null;
  } catch {
    return null;
  }
}

function preferred(): Language {
  for (const tag of navigator.languages) {
    if (tag.startsWith('zh')) return 'zh';
    if (tag.startsWith('en')) return 'en';
  }
  return 'en';
}

function show(chosen: Language): void {
  void i18next.changeLanguage(chosen);
  language.current = chosen;
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}

export function startLanguage(): void {
  void i18next.init({
    resources: { en: { translation: en }, zh: { translation: zh } },
    fallbackLng: 'en',
    initAsync: false,
    interpolation: { escapeValue: false }, // Svelte escapes.
  });
  show(stored() ?? preferred());
}

export function setLanguage(chosen: Language): void {
  show(chosen);
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}

export function t(key: string, values: Record<string, unknown> = {}): string {
  return i18next.t(key, { ...values, lng: language.current });
}

export const hasText = (key: string): boolean => i18next.exists(key);
