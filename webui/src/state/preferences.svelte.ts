// What this person chose on this device, kept by the browser.
import { photoOptions, type Enlargement, type Format, type Mode, type Sepia } from '../api/photo_options';
import type { OptionFields } from '../api/types';

export interface Preferences {
  strength: number;
  mode: Mode;
  protectTone: boolean;
  enlarge: Enlargement;
  clean: number;
  sharpen: number;
  repair: number;
  fading: number;
  sepia: Sepia;
  lighten: number;
  removePlace: boolean;
  format: '' | Format; // '': as the photo.
  model: string; // '': the service's own.
  quickPreview: boolean; // For what is added next.
  openFinished: boolean; // A photo that somebody waits for opens itself.
  theme: 'auto' | 'light' | 'dark';
  knowsOpen: boolean; // Has read that the service is open to everybody in the network.
}

const KEY = 'gpen-preferences';
const DEFAULTS: Preferences = {
  strength: photoOptions.strength.default,
  mode: photoOptions.mode.default,
  protectTone: photoOptions.protect_tone.default,
  enlarge: photoOptions.enlarge.default,
  clean: photoOptions.clean.default,
  sharpen: photoOptions.sharpen.default,
  repair: photoOptions.repair.default,
  fading: photoOptions.fading.default,
  sepia: photoOptions.sepia.default,
  lighten: photoOptions.lighten.default,
  removePlace: photoOptions.remove_place.default,
  format: photoOptions.format.default ?? '',
  model: photoOptions.model.default ?? '',
  quickPreview: false,
  openFinished: true,
  theme: 'auto',
  knowsOpen: false,
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

/** The chosen options as the API takes them. */
export function optionValues(): OptionFields {
  const { strength, mode, enlarge, clean, sharpen, repair, fading, sepia, lighten, model } = preferences;
  return {
    strength,
    mode,
    protect_tone: preferences.protectTone,
    format: preferences.format || null,
    enlarge,
    clean,
    sharpen,
    repair,
    fading,
    sepia,
    lighten,
    remove_place: preferences.removePlace,
    model,
  };
}
