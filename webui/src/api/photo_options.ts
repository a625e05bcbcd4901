// The photo options that this page sets, as the table in src/restore/photo_options.cc has them: a test of
// src/api compares, and says what must stand here.

export const photoOptions = {
  strength: { least: 0, most: 100, default: 80 },
  mode: { words: ['natural', 'strong'], default: 'natural' },
  protect_tone: { default: true },
  format: { words: ['jpeg', 'png', 'webp', 'tiff', 'heic', 'avif'], default: null },
  enlarge: { words: ['1', '2', '4'], default: '1' },
  clean: { least: 0, most: 100, default: 0 },
  repair: { least: 0, most: 100, default: 0 },
} as const;

export type PhotoOptionName = keyof typeof photoOptions;
export type Mode = (typeof photoOptions.mode.words)[number];
export type Enlargement = (typeof photoOptions.enlarge.words)[number];
export type Format = (typeof photoOptions.format.words)[number];
