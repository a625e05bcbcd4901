// The service's warnings about a photo in the person's language. Those about faces are left out: the list
// of faces shows them. What is not known here is shown as the service says it.
import { t } from '../i18n/language.svelte';

const SHOWN_BY_FACES = /^no face was found|may no longer look like|left alone: only/;
const KNOWN: [RegExp, string][] = [
  [/hardly shows who it is/, 'guess'],
  [/CMYK or Lab/, 'cmyk'],
  [/animated|only the first of/, 'animated'],
  [/colour profile/, 'profile'],
  [/has no transparency/, 'transparency'],
  [/has 8 bits/, 'bits'],
  [/EXIF|XMP|IPTC|metadata|MakerNote/, 'metadata'],
];

export function explainWarnings(warnings: string[]): string[] {
  const texts = warnings
    .filter((warning) => !SHOWN_BY_FACES.test(warning))
    .map((warning) => {
      const known = KNOWN.find(([pattern]) => pattern.test(warning));
      return known ? t(`warnings.${known[1]}`) : warning;
    });
  return [...new Set(texts)];
}
