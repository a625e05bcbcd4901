// The model is chosen where somebody has installed another one than ours, and only there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ENGLISH, PHONE, launch, openPage, restoreAndOpen } from './browser.mjs';
import { GPEN, ROOT, Service, asFile, portrait } from './service.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'gpen-models-'));
const models = path.join(folder, 'models');
const ours = new Service();
const service = new Service({ GPEN_MODELS: models });
let browser;

before(async () => {
  // No links: the process for photos reads nothing but the folder.
  cpSync(path.join(ROOT, 'models'), models, { recursive: true, filter: (name) => !/\.(pth|md|tmp)$/.test(name) });
  const about = ['--weights-version', '9', '--license', 'My own', '--provenance', 'Made at home'];
  execFileSync(GPEN, ['model', 'add', path.join(ROOT, 'models/gpen-lite-512.pth'), '--name', 'mine', '--models', models,
    ...about]);
  await service.start();
  await ours.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await service.end();
  await ours.end();
  rmSync(folder, { recursive: true, force: true });
});

test('with the models that come with it there is no choice to understand', async () => {
  const page = await openPage(browser, ours);
  const listed = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/models'));
  await page.goto(`${ours.url}/#/settings`);
  await page.getByRole('slider', { name: /Strength/ }).waitFor();
  assert.equal((await (await listed).json()).models.length, 2);
  await page.waitForTimeout(200);
  assert.equal(await page.getByText('Model for faces').count(), 0);
  await page.context().close();
});

test('a photo is restored again with another model, and the page says which', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('faces.png', portrait()));
  await page.getByText(/model: gpen-lite-256\s\d+/).waitFor();
  await page.getByRole('button', { name: 'Restore again' }).click();
  const choice = page.locator('#again-model');
  assert.deepEqual(await choice.locator('option').allTextContents(), [
    'As in the settings (By each face\'s size)', 'gpen-lite-256', 'gpen-lite-512', 'mine',
  ]);
  await choice.selectOption('mine');
  await page.getByText('Faces of 512 pixels; licence My own. Made at home').waitFor();
  await page.getByRole('button', { name: 'Restore with these settings' }).click();
  await page.getByText('Compared with the earlier result').waitFor();
  await page.getByText('model: mine 9').waitFor();
  // The new photo keeps it as its own setting.
  await page.getByRole('button', { name: 'Restore again' }).click();
  assert.equal(await page.locator('#again-model').inputValue(), 'mine');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('on a phone it is chosen for what is sent next, and forgotten when it is gone', async () => {
  const page = await openPage(browser, service, { ...ENGLISH, ...PHONE }, '/#/settings');
  const choice = page.locator('#model');
  await choice.selectOption('mine');
  const { x, width } = await choice.boundingBox();
  assert.ok(x >= 0 && x + width <= 390, `it fits: ${x} ${width}`);
  await page.goto(service.url + '/#/');
  await restoreAndOpen(page, asFile('phone.png', portrait()));
  await page.getByText('model: mine 9').waitFor();
  const [job] = (await service.json('GET', '/api/v1/jobs?text=phone')).jobs;
  assert.equal(job.options.model, 'mine');

  for (const file of ['mine.json', 'mine.onnx']) rmSync(path.join(models, file));
  await page.goto(service.url + '/#/settings');
  await page.reload();
  await page.getByRole('slider', { name: /Strength/ }).waitFor();
  await page.waitForFunction(() => JSON.parse(localStorage.getItem('gpen-preferences')).model === '');
  assert.equal(await page.locator('#model').count(), 0);
  await page.context().close();
});
