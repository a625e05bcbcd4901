// The photo options and presets that this page sets, as the tables in src/restore/photo_options.cc and
// presets.cc have them: a test of src/api compares, and says what must stand here.

export const photoOptions = {
  strength: { least: 0, most: 100, default: 80 },
  mode: { words: ['natural', 'strong'], default: 'natural' },
  protect_tone: { default: true },
  format: { words: ['jpeg', 'png', 'webp', 'tiff', 'heic', 'avif'], default: null },
  enlarge: { words: ['1', '2', '4'], default: '1' },
  clean: { least: 0, most: 100, default: 0 },
  sharpen: { least: 0, most: 100, default: 0 },
  repair: { least: 0, most: 100, default: 0 },
  fading: { least: 0, most: 100, default: 0 },
  sepia: { words: ['keep', 'neutral'], default: 'keep' },
  lighten: { least: 0, most: 100, default: 0 },
  remove_place: { default: false },
  model: { default: null },
} as const;

export const presets = {
  'faces-only': {
    strength: 80,
    clean: 0,
    sharpen: 0,
    fading: 0,
    repair: 0,
    enlarge: '1',
    mode: 'natural',
    lighten: 0,
  },
  'old-photo': {
    strength: 90,
    clean: 65,
    sharpen: 90,
    fading: 70,
    repair: 40,
    enlarge: '1',
    mode: 'natural',
    lighten: 0,
  },
  'small-photo': {
    strength: 80,
    clean: 75,
    sharpen: 90,
    fading: 0,
    repair: 0,
    enlarge: '2',
    mode: 'natural',
    lighten: 0,
  },
  'camera-still': {
    strength: 100,
    clean: 60,
    sharpen: 90,
    fading: 0,
    repair: 0,
    enlarge: '2',
    mode: 'strong',
    lighten: 60,
  },
  'before-sharing': {
    strength: 40,
    clean: 30,
    sharpen: 0,
    fading: 0,
    repair: 0,
    enlarge: '1',
    mode: 'natural',
    lighten: 0,
  },
} as const;

export type PhotoOptionName = keyof typeof photoOptions;
export type Mode = (typeof photoOptions.mode.words)[number];
export type Enlargement = (typeof photoOptions.enlarge.words)[number];
export type Sepia = (typeof photoOptions.sepia.words)[number];
export type Preset = keyof typeof presets;
export type Format = (typeof photoOptions.format.words)[number];
