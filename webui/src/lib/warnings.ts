// The service's warnings about a photo in the person's language. Those about faces are left out: the list
// of faces shows them. What is not known here is shown as the service says it.
import { t } from '../i18n/language.svelte';

const SHOWN_BY_FACES = /^no face was found|may no longer look like|left alone: only/;
// The first that fits counts. tests/rules/page_warnings_test.py holds these to the warnings of the sources.
const KNOWN: [RegExp, string][] = [
  [/hardly shows who it is/, 'guess'],
  [/damaged inside/, 'damaged'],
  [/is not whole/, 'notWhole'],
  [/strength is 0/, 'strengthZero'],
  [/may tell where the photo was taken/, 'place'],
  [/content credentials|digital signature/, 'credentials'],
  [/CMYK or Lab/, 'cmyk'],
  [/animated|only the first (of|is)/, 'animated'],
  [/high dynamic range/, 'dynamicRange'],
  [/colour profile/, 'profile'],
  [/has no transparency/, 'transparency'],
  [/has 8 bits|bits per sample|hold \d+ bits/, 'bits'],
  [/EXIF|XMP|IPTC|metadata|MakerNote/, 'metadata'],
  [/left out|not kept|no place|is lost/, 'leftOut'],
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
