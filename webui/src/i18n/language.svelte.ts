// The page's language: t() is reactive, so a switch shows at once. Each file beside this one is a
// language, named by its tag; only the one that is shown is loaded.
import i18next from 'i18next';

const files = import.meta.glob<Record<string, unknown>>('./*.json', { import: 'default' });
const tagOf = (file: string) => file.slice('./'.length, -'.json'.length);
const FALLBACK = 'en';
const KEY = 'gpen-language';

/** Tags of all languages, English first. */
export const languages: string[] = Object.keys(files)
  .map(tagOf)
  .sort((a, b) => Number(b === FALLBACK) - Number(a === FALLBACK) || a.localeCompare(b));

export const language = $state<{ current: string }>({ current: FALLBACK });

/** In the language itself. */
export const languageName = (tag: string): string =>
  new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;

function stored(): string | null {
  try {
    const value = localStorage.getItem(KEY) ?? '';
    return languages.includes(value) ? value : null;
  } catch {
    return null;
  }
}

/** The language for what a browser wants: 'zh-TW' and 'zh-HK' are written in traditional characters. */
function fitting(wanted: string): string | undefined {
  const { language: own, script } = new Intl.Locale(wanted).maximize();
  return languages.find((tag) => {
    const known = new Intl.Locale(tag).maximize();
    return known.language === own && known.script === script;
  });
}

function preferred(): string {
  for (const wanted of navigator.languages) {
    const tag = fitting(wanted);
    if (tag) return tag;
  }
  return FALLBACK;
}

async function show(tag: string): Promise<void> {
  const texts = await files[`./${tag}.json`]!();
  i18next.addResourceBundle(tag, 'translation', texts);
  await i18next.changeLanguage(tag);
  language.current = tag;
  document.documentElement.lang = tag;
}

/** Texts are there when this has ended. */
export async function startLanguage(): Promise<void> {
  await i18next.init({
    fallbackLng: false,
    initAsync: false,
    interpolation: { escapeValue: false }, // Svelte escapes.
  });
  await show(stored() ?? preferred());
}

export async function setLanguage(tag: string): Promise<void> {
  await show(tag);
  try {
    localStorage.setItem(KEY, tag);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}

export function t(key: string, values: Record<string, unknown> = {}): string {
  return i18next.t(key, { ...values, lng: language.current });
}

export const hasText = (key: string): boolean => i18next.exists(key, { lng: language.current });
