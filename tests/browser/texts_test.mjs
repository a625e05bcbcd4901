// The page's texts: English and Chinese have the same keys, nothing is left untranslated, and no
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
const zh = load('zh');
const names = (texts) => [...new Set([...texts.keys()].map((key) => key.replace(PLURAL, '')))].sort();
const placeholders = (text) => [...text.matchAll(/{{\w+}}/g)].map(([each]) => each).sort();

test('both languages have the same keys', () => {
  assert.ok(en.size > 100);
  assert.deepEqual(names(zh), names(en));
});

test('both languages use the same values', () => {
  for (const [key, text] of zh) {
    assert.deepEqual(placeholders(text), placeholders(en.get(key) ?? ''), key);
  }
});

test('every Chinese text is Chinese', () => {
  // Names, and the name of the other language.
  const same = new Set([
    'app.name', 'app.english', 'app.otherLanguage', 'app.otherLanguageLabel', 'units.percent', 'units.celsius',
  ]);
  for (const [key, text] of zh) {
    if (!same.has(key)) assert.match(text, /\p{Script=Han}/u, `${key}: ${text}`);
  }
  for (const [key, text] of en) {
    if (!key.startsWith('app.')) assert.doesNotMatch(text, /\p{Script=Han}/u, `${key}: ${text}`);
  }
});

const components = ['App.svelte', ...readdirSync(path.join(SOURCE, 'components')).map((name) => `components/${name}`)];

test('every error code of the service has a text', () => {
  const table = readFileSync(path.join(ROOT, 'src/base/error_table.cc'), 'utf8');
  const codes = [...table.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 10);
  for (const code of codes) assert.ok(en.has(`errors.${code}`) && zh.has(`errors.${code}`), code);
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
