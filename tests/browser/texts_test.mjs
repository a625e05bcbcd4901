// The page's texts: all languages have the same keys, nothing is left untranslated, and no
// component holds words of its own.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './service.mjs';

const SOURCE = path.join(ROOT, 'webui/src');
const { parse } = createRequire(path.join(ROOT, 'webui/package.json'))('svelte/compiler');
const PLURAL = /_(zero|one|two|few|many|other)$/;

function flatten(node, prefix = '') {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`),
  );
}
const load = (language) => {
  const text = readFileSync(path.join(SOURCE, `i18n/${language}.json`), 'utf8');
  return new Map(flatten(JSON.parse(text)));
};
const en = load('en');
const files = readdirSync(path.join(SOURCE, 'i18n')).filter((name) => name.endsWith('.json'));
const tags = files.map((name) => name.slice(0, -'.json'.length));
const others = tags.filter((tag) => tag !== 'en').map((tag) => [tag, load(tag)]);
const names = (texts) => [...new Set([...texts.keys()].map((key) => key.replace(PLURAL, '')))].sort();
const placeholders = (text) => [...text.matchAll(/{{\w+}}/g)].map(([each]) => each).sort();

for (const [tag, texts] of others) {
  test(`${tag} has the same keys as English, with the same values and all forms of plurals`, () => {
    assert.ok(en.size > 100);
    assert.deepEqual(names(texts), names(en));
    for (const [key, text] of texts) {
      const other = en.get(key) ?? en.get(key.replace(PLURAL, '_other'));
      assert.deepEqual(placeholders(text), placeholders(other ?? ''), key);
    }
    const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    for (const key of texts.keys()) {
      if (!PLURAL.test(key)) continue;
      for (const form of forms) assert.ok(texts.has(key.replace(PLURAL, `_${form}`)), `${key}: ${form} is missing`);
    }
  });
}

test('every Chinese text is Chinese, and only those are', () => {
  // Names and signs.
  const same = new Set(['app.name', 'units.percent', 'units.celsius', 'units.listSeparator', 'details.with']);
  for (const [tag, texts] of [['en', en], ...others]) {
    for (const [key, text] of texts) {
      if (!tag.startsWith('zh')) assert.doesNotMatch(text, /\p{Script=Han}/u, `${tag} ${key}: ${text}`);
      else if (!same.has(key)) assert.match(text, /\p{Script=Han}/u, `${tag} ${key}: ${text}`);
    }
  }
});

test('traditional Chinese has no character of the simplified script', () => {
  const text = [...new Map(others).get('zh-Hant').values()].join('');
  assert.doesNotMatch(text, /[们这时图张载设无码认证为还过机关开选择传页单独组结级给络网现见览视觉长门间问闭]/u);
});

const components = ['App.svelte', ...readdirSync(path.join(SOURCE, 'components')).map((name) => `components/${name}`)];

test('every error code of the service has a text', () => {
  const table = readFileSync(path.join(ROOT, 'src/base/error_table.cc'), 'utf8');
  const codes = [...table.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 10);
  const all = [['en', en], ...others];
  for (const code of codes) {
    for (const [tag, texts] of all) assert.ok(texts.has(`errors.${code}`), `${tag}: ${code}`);
  }
});

test('no component holds words of its own', () => {
  const spoken = new Set(['aria-label', 'aria-valuetext', 'alt', 'title', 'placeholder']);
  const found = [];
  const walk = (node, file) => {
    if (Array.isArray(node)) return node.forEach((each) => walk(each, file));
    if (!node || typeof node !== 'object') return;
    if (node.type === 'StyleDirective') return;
    if (node.type === 'Attribute') {
      const values = Array.isArray(node.value) ? node.value : [];
      if (!spoken.has(node.name)) return;
      const texts = values.filter((value) => value.type === 'Text' && /\p{L}/u.test(value.data));
      found.push(...texts.map((value) => `${file}: ${node.name}="${value.data}"`));
      return;
    }
    if (node.type === 'Text' && /\p{L}/u.test(node.data)) found.push(`${file}: ${node.data.trim()}`);
    Object.entries(node).forEach(([key, value]) => key !== 'css' && walk(value, file));
  };
  for (const file of components) {
    walk(parse(readFileSync(path.join(SOURCE, file), 'utf8'), { modern: true }).fragment, file);
  }
  assert.ok(components.length > 15);
  assert.deepEqual(found, []);
});

test('every key that is used exists, and every key is used', () => {
  const files = readdirSync(SOURCE, { recursive: true }).filter((name) => /\.(svelte|ts)$/.test(name));
  const code = files.map((name) => readFileSync(path.join(SOURCE, name), 'utf8')).join('\n');
  const known = new Set(names(en));
  for (const [, key] of code.matchAll(/\bt\('([\w.]+)'/g)) assert.ok(known.has(key), `${key} has no text`);
  // Keys that are put together: `states.${job.state}`.
  const stems = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map(([, stem]) => stem);
  for (const key of known) {
    const used = code.includes(`'${key}'`) || stems.some((stem) => key.startsWith(stem));
    assert.ok(used, `${key} is not used`);
  }
});
