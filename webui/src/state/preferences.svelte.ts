// What this person chose on this device, kept by the browser.
import { photoOptions, type Format, type Mode, type PhotoOptionName } from '../api/photo_options';

export interface Preferences {
  strength: number;
  mode: Mode;
  protectTone: boolean;
  format: '' | Format; // '': as the photo.
  quickPreview: boolean;
  theme: 'auto' | 'light' | 'dark';
}

const KEY = 'gpen-preferences';
const DEFAULTS: Preferences = {
  strength: photoOptions.strength.default,
  mode: photoOptions.mode.default,
  protectTone: photoOptions.protect_tone.default,
  format: photoOptions.format.default ?? '',
  quickPreview: false,
  theme: 'auto',
};

function load(): Preferences {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return { ...DEFAULTS }; // Storage is off, or holds something else.
  }
}

export const preferences = $state(load());

const darkDevice = matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(): void {
  const { theme } = preferences;
  const own = darkDevice.matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme === 'auto' ? own : theme;
}
darkDevice.addEventListener('change', applyTheme);

export function savePreferences(): void {
  applyTheme();
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}

/** The chosen options as form fields of the API. */
export function optionFields(): Record<PhotoOptionName, string> {
  return {
    strength: String(preferences.strength),
    mode: preferences.mode,
    protect_tone: String(preferences.protectTone),
    format: preferences.format,
  };
}
