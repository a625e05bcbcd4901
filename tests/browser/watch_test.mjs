// Watched folders in the page: their state, and their photos, whose faces are changed like any others'.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { CHINESE, PHONE, blended, card, launch, openPage, savePicture } from './browser.mjs';
import { Service, coffee, wornGroup } from './service.mjs';

const base = mkdtempSync(path.join(os.tmpdir(), 'gpen-watched-'));
const photos = path.join(base, 'photos');
const result = (name) => readFileSync(path.join(photos, 'enhanced', name));
let service;
let browser;
before(async () => {
  mkdirSync(photos);
  const config = path.join(base, 'gpen.toml');
  writeFileSync(
    config,
    `[[watch]]\npath = "${photos}"\nname = "Family"\n` +
      'settle_seconds = 0.1\nstable_seconds = 0.5\ncut_short_seconds = 1\n',
  );
  service = await new Service({ GPEN_CONFIG: config }).start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await service?.end();
  rmSync(base, { recursive: true, force: true });
});
let page;
beforeEach(async () => {
  await page?.context().close();
  page = await openPage(browser, service);
});

function drop(name, bytes) {
  writeFileSync(path.join(base, name), bytes);
  renameSync(path.join(base, name), path.join(photos, name));
}
const panel = () => page.locator('section', { hasText: 'Watched folders' });

test('a photo that is dropped into the folder appears, and the folder tells how far it is', async () => {
  await panel().getByText('Watching', { exact: true }).waitFor();
  await panel().getByText('0 waiting, 0 done').waitFor();
  await service.json('POST', '/api/v1/queue/pause');
  drop('friends.png', wornGroup(1).buffer);
  drop('coffee.png', readFileSync(coffee()));
  await panel().getByText('2 waiting, 0 done').waitFor();
  await page.getByText('Paused. Photos wait').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await card(page, 'Family/friends.png').getByRole('link').waitFor();
  await card(page, 'Family/coffee.png').getByText('No face').waitFor();
  await panel().getByText('0 waiting, 2 done').waitFor();
  assert.deepEqual(result('coffee.png'), readFileSync(coffee()));
  drop('torn.png', readFileSync(coffee()).subarray(0, 5000));
  await panel().getByText('1 failed').waitFor();
  assert.deepEqual(page.faults, []);
});

test('faces of a watched photo are changed in the page; the folder gets the outcome when it is wanted', async () => {
  await card(page, 'Family/friends.png').getByRole('link').click();
  await page.locator('.divider').waitFor();
  const first = result('friends.png');
  await blended(page, () => page.getByRole('switch', { name: 'Restore face 1' }).click());
  await page.getByText('still the earlier one').waitFor();
  assert.deepEqual(result('friends.png'), first, 'nothing is replaced unasked');
  await savePicture(page, 'watched-faces');
  await page.getByRole('button', { name: 'Put into the folder' }).click();
  await page.getByText('The photo in your folder is the one shown here.').waitFor();
  const changed = result('friends.png');
  assert.notDeepEqual(changed, first);
  const id = new URL(page.url()).hash.split('/').at(-1);
  const shown = await fetch(`${service.url}/api/v1/jobs/${id}/result`);
  assert.deepEqual(Buffer.from(await shown.arrayBuffer()), changed, 'the page and the folder show the same');

  await blended(page, () => page.getByRole('button', { name: 'Reset' }).click());
  await page.getByRole('button', { name: 'Reset' }).waitFor({ state: 'detached' });
  assert.notDeepEqual(result('friends.png'), changed);
  assert.equal((await service.json('GET', `/api/v1/jobs/${id}/blend`)).in_folder, true);
  assert.deepEqual(page.faults, []);
});

test('a copy of a known photo has the faces of the first one', async () => {
  await service.json('POST', '/api/v1/queue/resume');
  drop('again.png', readFileSync(path.join(photos, 'friends.png')));
  await card(page, 'Family/again.png').getByRole('link').click();
  await page.getByRole('heading', { name: '3 faces' }).waitFor();
  await blended(page, () => page.getByRole('switch', { name: 'Restore face 2' }).click());
});

test('a photo that was replaced says why its faces are fixed', async () => {
  await card(page, 'Family/again.png').getByRole('link').waitFor();
  const id = (await service.json('GET', '/api/v1/jobs?text=again.png')).jobs[0].id;
  rmSync(path.join(photos, 'again.png'));
  await page.goto(`${service.url}/#/photo/${id}`);
  await page.getByText('cannot be changed now').waitFor();
  assert.equal(await page.getByRole('switch', { name: 'Restore face 1' }).isDisabled(), true);
});

test('a folder that vanishes is told of in both languages, and goes on when it is back', async () => {
  renameSync(photos, `${photos}.away`);
  await panel().getByText('Not there', { exact: true }).waitFor();
  await panel().getByText('Nothing is lost').waitFor();
  const chinese = await openPage(browser, service, { ...CHINESE, ...PHONE, colorScheme: 'dark' });
  await chinese.getByText('照片不会丢失').waitFor();
  await savePicture(chinese, 'watched-away-zh-phone-dark');
  await chinese.context().close();
  renameSync(`${photos}.away`, photos);
  await panel().getByText('Watching', { exact: true }).waitFor();
  assert.deepEqual(page.faults, []);
});
