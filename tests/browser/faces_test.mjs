// Faces of a finished photo: switched off and weakened one by one, without a new network run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blended, card, difference, openPage, restoreAndOpen, shareService } from './browser.mjs';
import { asFile, group, wornGroup } from './service.mjs';

let service;
let browser;
shareService((...both) => ([service, browser] = both));

const firstJob = async () => (await service.json('GET', '/api/v1/jobs')).jobs[0];
const runs = async () => {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return Number(/gpen_job_runs_total (\d+)/.exec(text)[1]);
};

test('each face has a switch and a strength that change this face alone, at once', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, wornGroup(1));
  await page.getByRole('heading', { name: '3 faces' }).waitFor();
  const job = await firstJob();
  const report = await service.json('GET', job.result.report);
  const [first, second] = report.faces.map((face) => face.box);
  const started = await runs();

  const changed = await difference(page, first);
  const other = await difference(page, second);
  assert.ok(changed > 0.5, `the restoration shows: ${changed}`);

  await blended(page, () => page.getByRole('switch', { name: 'Restore face 1' }).click());
  const off = await difference(page, first);
  assert.equal(off, 0, 'face 1 is as it was');
  const stillOther = await difference(page, second);
  assert.ok(Math.abs(stillOther - other) < 0.02, `face 2 is not touched: ${stillOther}, ${other}`);
  assert.deepEqual((await service.json('GET', `/api/v1/jobs/${job.id}/blend`)).faces[0], 0);

  await blended(page, () => page.getByRole('slider', { name: 'Strength for face 1' }).fill('40'));
  const half = await difference(page, first);
  assert.ok(half > off && half < changed, `in between: ${off} < ${half} < ${changed}`);

  await page.reload();
  await page.locator('.divider').waitFor();
  await page.getByText('40 %').waitFor();
  await blended(page, () => page.getByRole('button', { name: 'Reset' }).click());
  const again = await difference(page, first);
  assert.ok(Math.abs(again - changed) < 0.05, `as at first: ${again}, ${changed}`);

  assert.equal(await runs(), started, 'no network has run again');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a face is shown large from the list, and deleting the photo and emptying the bin deletes all of it', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('pair.jpg', group(2)));
  const where = () => page.locator('.layer img').first().evaluate((image) => image.style.transform);
  const whole = await where();
  await page.getByRole('button', { name: 'Show face 2' }).click();
  assert.notEqual(await where(), whole);
  await blended(page, () => page.getByRole('switch', { name: 'Restore face 2' }).click());
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('heading', { name: 'Your photos' }).waitFor();
  assert.equal(await card(page, 'pair.jpg').count(), 0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await card(page, 'pair.jpg').getByRole('link').click();
  await page.locator('.divider').waitFor();
  const { id } = (await service.json('GET', '/api/v1/jobs?text=pair.jpg')).jobs[0];
  const status = async (path) => (await fetch(`${service.url}/api/v1/${path}`)).status;
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('heading', { name: 'Your photos' }).waitFor();
  for (let i = 0; i < 50 && (await status(`jobs/${id}`)) !== 404; ++i) await page.waitForTimeout(100);
  assert.equal(await status(`jobs/${id}`), 404);
  assert.equal(await status(`bin/${id}/after`), 200);
  await service.json('DELETE', '/api/v1/bin');
  for (let i = 0; i < 50 && (await status(`bin/${id}/after`)) !== 404; ++i) await page.waitForTimeout(100);
  assert.equal(await status(`bin/${id}/after`), 404);
  await page.context().close();
});
